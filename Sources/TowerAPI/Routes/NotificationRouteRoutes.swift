import HTTPTypes
import Hummingbird
public import TowerModel
import TowerNotify
import TowerStores

/// Who is told what. Writing is the tenant's admins'; secrets go in and never come out.
struct NotificationRouteRoutes: Sendable {
    let services: Services

    var routes: [Route] {
        [
            .signedIn("GET", "/api/v1/routes", "listRoutes", "Who is told what", .read) { _, principal in
                let items = try await book(principal).routes().map(\.forReaders)
                return .json(Page(items: items, total: items.count))
            },
            .signedIn("GET", "/api/v1/routes/{route_id}", "getRoute", "One route", .read) { call, principal in
                .json(try await route(call, principal).forReaders)
            },
            .signedIn("POST", "/api/v1/routes", "createRoute", "Tell somebody", .administer, create),
            .signedIn(
                "POST", "/api/v1/routes/{route_id}/test", "testRoute", "Send a test message", .administer, body: [], test),
            .signedIn("PUT", "/api/v1/routes/{route_id}", "replaceRoute", "Change a route", .administer, replace),
            .signedIn("DELETE", "/api/v1/routes/{route_id}", "deleteRoute", "Tell them no more", .administer, delete),
        ]
    }

    private func book(_ principal: Principal) -> RouteBook { RouteBook(log: services.dependencies.log, tenant: principal.tenantID) }

    private func route(_ call: Call, _ principal: Principal) async throws -> NotificationRoute {
        let name = try call.parameter("route_id")
        guard let id = EventID(name), let found = try await book(principal).routes().first(where: { $0.routeID == id }) else {
            throw Problem.notFound("route.not_found", "There is no route \(name.prefix(64)).")
        }
        return found
    }

    private func create(_ call: Call, _ principal: Principal) async throws -> Response {
        var route = try await body(call)
        guard try await book(principal).routes().count < NotificationRoute.routesPerTenantMax else {
            throw Problem(409, "route.too_many", "A tenant has at most \(NotificationRoute.routesPerTenantMax) routes. Delete one first.")
        }
        route.routeID = newID()
        try await save(&route, nil, principal)
        return .json(route.forReaders, status: .created)
    }

    private func replace(_ call: Call, _ principal: Principal) async throws -> Response {
        let known = try await route(call, principal)
        var route = try await body(call)
        route.routeID = known.routeID
        try await save(&route, known, principal)
        return .json(route.forReaders)
    }

    private func delete(_ call: Call, _ principal: Principal) async throws -> Response {
        let known = try await route(call, principal)
        try await book(principal).append(
            .deleted(principal.tenantID, known.routeID), route: known.routeID, id: newID(), actor: principal.name, at: services.now())
        return Response(status: .noContent)
    }

    /// The group sends it like any other message, so that what works here works at night; the outcome is in the history.
    private func test(_ call: Call, _ principal: Principal) async throws -> Response {
        _ = try await call.fields()
        let known = try await route(call, principal)
        let request = newID()
        try await book(principal).append(
            .test(principal.tenantID, known.routeID, request: request), route: known.routeID, id: request, actor: principal.name,
            at: services.now())
        return .json(RouteTestView(deliveryID: NotificationRouter.testDeliveryID(request), routeID: known.routeID), status: .accepted)
    }

    private func body(_ call: Call) async throws -> NotificationRoute {
        let bytes = try await call.bytes(upTo: services.configuration.commandBodyBytesMax)
        return try RouteBody.parse(bytes, contentType: call.request.headers[.contentType])
    }

    /// Checks, seals and writes. A webhook without a secret in the body keeps the one it had; an empty one takes it away.
    private func save(_ route: inout NotificationRoute, _ known: NotificationRoute?, _ principal: Principal) async throws {
        var given: [String?] = []
        route.changeTargets { target in
            given.append(target.secret)
            target.hasSecret = nil
            if target.secret?.isEmpty == true { target.secret = nil }
        }
        do { try route.check() } catch let error as RouteError {
            throw Problem.badRequest("route.invalid", error.description)
        }
        let owner = NotificationRoute.secretOwner(principal.tenantID, route.routeID)
        var old: [NotificationTarget] = []
        var copy = known
        copy?.changeTargets { old.append($0) }
        var index = 0
        try route.changeTargets { target in
            defer { index += 1 }
            guard target.channel == .webhook else { return }
            if let secret = target.secret {
                guard let box = services.dependencies.secrets else {
                    throw Problem(503, "route.no_key", "This server has no key to keep secrets with.", retryAfterSeconds: nil)
                }
                target.secret = try box.seal(secret, for: owner)
            } else if given[index] == nil, index < old.count, old[index].channel == .webhook {
                target.secret = old[index].secret
            }
        }
        try await book(principal).append(
            .saved(principal.tenantID, route), route: route.routeID, id: newID(), actor: principal.name, at: services.now())
    }

    private func newID() -> EventID {
        let bytes = services.dependencies.randomBytes(16)
        let words = [bytes[0..<8], bytes[8..<16]].map { $0.reduce(UInt64(0)) { $0 << 8 | UInt64($1) } }
        return EventID(high: words[0] & ~0xF000 | 0x4000, low: words[1] >> 2 | 1 << 63)
    }
}

/// A test that was asked for.
public struct RouteTestView: Sendable, Codable, Hashable {
    /// Under which its outcome will be in the history.
    public var deliveryID: EventID
    public var routeID: EventID
    enum CodingKeys: String, CodingKey {
        case deliveryID = "delivery_id"
        case routeID = "route_id"
    }
}
