/// Why a command on an incident was refused: `code` to branch on, `message` for people. Nothing was written.
public struct IncidentError: Error, Sendable, Hashable, CustomStringConvertible {
    /// Add codes freely; never reuse a retired name.
    public struct Code: Hashable, Sendable {
        public let name: String
        /// The incident's state does not allow it (HTTP 409).
        public static let invalidTransition = Code(name: "incident.invalid_transition")
        /// No such incident in this tenant (HTTP 404).
        public static let unknown = Code(name: "incident.unknown")
        public static let mergeIntoItself = Code(name: "incident.merge_into_itself")
        /// The incident to merge into is unknown in this tenant, over, or itself merged.
        public static let mergeTarget = Code(name: "incident.merge_target")
        /// A verdict on no candidate, or a correction that names no cause.
        public static let badVerdict = Code(name: "incident.bad_verdict")
        /// What is to be split off is not there, is too much, or would leave nothing.
        public static let splitMembers = Code(name: "incident.split_members")
        /// A comment, reason or assignee that is empty or too long.
        public static let badText = Code(name: "incident.bad_text")
        /// The idempotency key was used on this incident for something else.
        public static let idempotencyConflict = Code(name: "incident.idempotency_conflict")
    }
    public var code: Code
    public var message: String
    public init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }
    public var description: String { "\(message) (\(code.name))" }
}
