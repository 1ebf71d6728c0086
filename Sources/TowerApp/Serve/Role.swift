import TowerStreaming

/// A part of the platform that a process can run. Each but the ingestor reads the log as the consumer group of its name.
///
/// A process without a role's part still serves the whole interface: what nobody computes stays as it was.
enum Role: String, CaseIterable, Sendable {
    /// Takes events in; always there in the process that holds the embedded log.
    case ingestor = "data-ingestor"
    case engine = "aiops-engine"
    case kpis = "kpi-calculator"
    case notifications = "notification-service"
    case analytics = "analytics-service"
    case dashboard = "dashboard-service"

    /// Names of the consumer groups.
    static let groups = allCases.filter { $0 != .ingestor }.map(\.rawValue)

    /// Roles whose work can be dealt out by tenants: what they know of one tenant says nothing of another (ADR-041).
    static let sharded: Set<Role> = [.engine, .kpis]

    /// Names of the consumer groups where tenants are dealt out to these shards.
    static func groups(_ shards: [TenantShard]) -> [String] {
        allCases.filter { $0 != .ingestor }.flatMap { role in
            sharded.contains(role) ? shards.map { $0.group(role.rawValue) } : [role.rawValue]
        }
    }

    /// The roles of a list like `data-ingestor, aiops-engine`; `all` or nothing means every one.
    static func parse(_ text: String) throws -> Set<Role> {
        let names = text.split(whereSeparator: { $0 == "," || $0 == " " }).map(String.init)
        guard !names.isEmpty, names != ["all"] else { return Set(allCases) }
        return try Set(
            names.map { name in
                guard let role = Role(rawValue: name) else {
                    throw CommandFailure(
                        "There is no role `\(name)`. Roles: \(allCases.map(\.rawValue).joined(separator: ", ")).", isUsage: true)
                }
                return role
            })
    }
}
