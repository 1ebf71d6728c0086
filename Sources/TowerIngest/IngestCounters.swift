/// What passed the door since the process started, for `/metrics`.
public struct IngestCounters: Sendable, Hashable {
    public var requests: Int64 = 0
    public var refusedRequests: Int64 = 0
    /// Bytes of bodies, unpacked.
    public var bytes: Int64 = 0
    public var accepted: Int64 = 0
    public var duplicates: Int64 = 0
    /// By code.
    public var rejected: [String: Int64] = [:]
    /// Accepted events of a type that the catalogue does not know.
    public var flagged: Int64 = 0
    public var deadLetters: Int64 = 0
    /// Rejected lines beyond the dead letters one request may write.
    public var deadLettersDropped: Int64 = 0
    /// Ids known as duplicates now.
    public var rememberedIDs: Int64 = 0

    public init() {}
}
