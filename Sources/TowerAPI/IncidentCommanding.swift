public import TowerIncidents
public import TowerModel
public import TowerStores

/// Where operators' commands go: the aggregate decides, the log remembers, the projection answers.
public protocol IncidentCommanding: Sendable {
    /// Performs `command` on an incident of the principal's own tenant.
    ///
    /// - Parameters:
    ///   - incident: its UUID.
    ///   - idempotencyKey: the same key with the same command answers as the first time and appends nothing.
    /// - Throws: `CommandRefusal`; `EventLogError` when the log refuses, after which nothing happened.
    func perform(_ command: IncidentCommand, incident: EventID, principal: Principal, idempotencyKey: String?) async throws
        -> CommandOutcome
}

public enum CommandOutcome: Sendable {
    /// The projection shows it.
    case applied(IncidentView)
    /// Durable, not yet projected within the waiting time: the view as it was.
    case pending(IncidentView)
}

/// A command that the rules forbid. Nothing was appended.
public struct CommandRefusal: Error, Sendable, CustomStringConvertible {
    public enum Reason: Sendable, Hashable {
        case notFound
        case invalidTransition
        /// The idempotency key was used for another command.
        case idempotencyConflict
        case invalidArgument
    }
    public var reason: Reason
    public var detail: String
    public init(_ reason: Reason, _ detail: String) {
        self.reason = reason
        self.detail = detail
    }
    public var description: String { detail }
}
