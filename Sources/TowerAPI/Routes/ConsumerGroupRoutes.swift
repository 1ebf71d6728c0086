import Hummingbird
import TowerStores
import TowerStreaming

/// How far the platform's readers are. Names and lags only: nothing of any tenant.
struct ConsumerGroupRoutes: Sendable {
    let services: Services

    var routes: [Route] {
        [
            .signedIn("GET", "/api/v1/consumer-groups", "listConsumerGroups", "Readers of the log and their lag", .read) { _, _ in
                let groups = try await services.dependencies.log.groups().map { GroupView($0) }
                return .json(Page(items: groups.sorted { $0.group < $1.group }, total: groups.count))
            }
        ]
    }
}

extension GroupView {
    /// Behind by more than this is catching up, not steady.
    private static let steadyLagMs: Int64 = 5000

    init(_ description: GroupDescription) {
        let state =
            if description.members == 0 {
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
