public import TowerModel

/// What a person may do to an incident. Each becomes a lifecycle event on the log once the aggregate accepts it.
public enum IncidentCommand: Sendable, Hashable {
    case acknowledge
    case assign(to: String)
    case comment(String)
    case resolve(reason: String)
    case reopen(reason: String)
    /// This incident continues inside that one.
    case merge(into: EventID)
}
