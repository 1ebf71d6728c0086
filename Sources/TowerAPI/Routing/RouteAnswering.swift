import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import NIOHTTP1
import TowerStores

/// Runs one route: credentials, role, strict query, handler, and whatever goes wrong as problem details.
struct RouteAnswering: Sendable {
    let services: Services

    func answer(_ route: Route, _ request: Request, _ context: APIContext) async throws -> Response {
        let start = NIODeadline.now()
        var response: Response
        do {
            response = try await handle(route, request, context)
        } catch let error as HTTPParserError {
            // The framework answers a broken request itself and closes the connection.
            throw error
        } catch {
            response = services.problem(
                for: error, operation: route.operationID, logger: context.logger.traced(request.headers)
            ).response(instance: request.uri.path)
        }
        response.headers[.xContentTypeOptions] = "nosniff"
        services.metrics.record(operation: route.operationID, status: response.status.code, duration: .now() - start)
        return response
    }

    private func handle(_ route: Route, _ request: Request, _ context: APIContext) async throws -> Response {
        switch route.handler {
        case .open(let handler):
            let call = try Call(route: route, request: request, context: context, configuration: services.configuration)
            return try await handler(call)
        case .signedIn(let handler):
            // Credentials come first: a stranger learns nothing, not even which parameters exist.
            let principal = try await services.authenticator.principal(token: Self.token(of: request, route))
            guard route.access.admits(principal.role) else {
                throw Problem(403, "auth.forbidden", "The role \(principal.role.rawValue) may not do this.")
            }
            if case .ofPlatform = route.access, try await !services.isOfPlatform(principal.tenantID) {
                throw Problem(
                    403, "auth.forbidden",
                    "This touches every tenant's work: only an administrator of the tenant named by the setting platform.tenant may do it.")
            }
            let call = try Call(route: route, request: request, context: context, configuration: services.configuration)
            return try await handler(call, principal)
        }
    }

    /// Only the live feed takes its token from the query: a browser cannot set headers on a WebSocket.
    static func token(of request: Request, _ route: Route) -> String? {
        if let token = Authenticator.bearerToken(request.headers[.authorization]) { return token }
        guard route.query.contains("access_token") else { return nil }
        return (try? QueryString.parse(request.uri.query ?? "", known: route.query))?["access_token"]
    }
}
