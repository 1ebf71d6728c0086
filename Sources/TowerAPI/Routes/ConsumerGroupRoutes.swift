import Hummingbird
import Logging
import TowerModel
import TowerStores
import TowerStreaming

/// How far the platform's readers are, for every tenant: names and positions only, nothing of any tenant. The levers on them
/// are for an administrator of the platform's own tenant.
struct ConsumerGroupRoutes: Sendable {
    let services: Services

    var routes: [Route] {
        [
            .signedIn("GET", "/api/v1/consumer-groups", "listConsumerGroups", "Readers of the log and their lag", .read) { _, _ in
                let groups = try await services.dependencies.log.groups().map { GroupView($0) }
                return .json(Page(items: groups.sorted { $0.group < $1.group }, total: groups.count))
            },
            .signedIn("GET", "/api/v1/consumer-groups/{group}", "getConsumerGroup", "One reader: position, members, lag", .read) {
                call, _ in
                .json(try await detail(try call.parameter("group")))
            },
            .signedIn(
                "POST", "/api/v1/consumer-groups/{group}/seek", "seekConsumerGroup", "Move a reader to another place in the log",
                .platform, body: [.init(name: "to", isRequired: true, bytesMax: 300)], seek),
            .signedIn(
                "POST", "/api/v1/consumer-groups/{group}/pause", "pauseConsumerGroup", "Keep a reader from reading until resumed",
                .platform, body: []
            ) { call, principal in try await setPaused(true, call, principal) },
            .signedIn(
                "POST", "/api/v1/consumer-groups/{group}/resume", "resumeConsumerGroup", "Let a paused reader go on", .platform,
                body: []
            ) { call, principal in try await setPaused(false, call, principal) },
        ]
    }

    private var log: any EventLog { services.dependencies.log }

    private func detail(_ name: String) async throws -> GroupDetail {
        let end = await log.end()
        guard let group = try await log.groups().first(where: { $0.group == name }) else {
            throw Problem.notFound("group.not_found", "No consumer group of this name has ever joined. The list shows which have.")
        }
        return GroupDetail(group, end: end)
    }

    private func seek(_ call: Call, _ principal: Principal) async throws -> Response {
        let name = try call.parameter("group")
        let text = try await call.fields()["to"] ?? ""
        guard let place = LogPlace(text) else {
            throw Problem.badRequest("request.invalid_field", "Member to must be \(LogPlace.forms).")
        }
        // Known before it is moved, so that an unknown group is a 404 whatever the place.
        _ = try await detail(name)
        let topics = TenantTopics(tenant: principal.tenantID, store: services.store)
        if case .offset(let topic, _) = place, try await !topics.owns(topic) {
            throw Problem.notFound("topic.not_found", "There is no topic \(topic.rawValue.prefix(128)).")
        }
        let cursor = try await log.cursor(of: place)
        try await log.seek(group: name, to: cursor)
        note("moved to \(cursor.sequence)", name, call, principal)
        return .json(try await detail(name))
    }

    private func setPaused(_ isPaused: Bool, _ call: Call, _ principal: Principal) async throws -> Response {
        let name = try call.parameter("group")
        _ = try await call.fields()
        _ = try await detail(name)
        try await log.setPaused(group: name, isPaused)
        note(isPaused ? "paused" : "resumed", name, call, principal)
        return .json(try await detail(name))
    }

    /// These levers touch every tenant's work, so who used them is on record.
    private func note(_ what: String, _ group: String, _ call: Call, _ principal: Principal) {
        call.context.logger.notice(
            "consumer group \(what)",
            metadata: ["group": "\(group)", "tenant": "\(principal.tenantID.rawValue)", "by": "\(principal.name)"])
    }
}

extension GroupView {
    /// Behind by more than this is catching up, not steady.
    private static let steadyLagMs: Int64 = 5000

    init(_ description: GroupDescription) {
        let state =
            if description.isPaused {
                "paused"
            } else if description.members == 0 {
                "stopped"
            } else if description.offsetLag > 0 && description.timeLagMs > Self.steadyLagMs {
                "catching up"
            } else {
                "steady"
            }
        self.init(
            group: description.group, members: description.members, offsetLag: description.offsetLag,
            timeLagMs: description.timeLagMs, state: state)
    }
}
