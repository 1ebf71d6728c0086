/// What is done with a topic's old records, beside the retention of its class.
public struct TopicConfiguration: Sendable, Equatable, Codable {
    public enum Cleanup: String, Sendable, Codable, CaseIterable {
        /// Only retention removes records. The default.
        case delete
        /// Of each key the newest record is kept; one with an empty value says that the key is gone, and goes after a while.
        case compact
    }
    public var cleanup: Cleanup
    public init(cleanup: Cleanup = .delete) { self.cleanup = cleanup }
}
