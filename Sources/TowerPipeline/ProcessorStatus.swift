/// How a group is doing, for health, metrics and the platform page.
public struct ProcessorStatus: Sendable, Hashable {
    public enum State: String, Sendable, Hashable {
        /// Joining, and rebuilding its memory from the log.
        case starting
        case running
        /// A transient error; it goes on by itself.
        case retrying
        /// Ended on request.
        case stopped
        /// Ended by an error: `lastError` says which. Nothing after its position was processed.
        case failed
    }
    public var group: String
    public var state: State = .starting
    /// Next sequence to read.
    public var position: Int64 = 0
    public var records: Int64 = 0
    public var slices: Int64 = 0
    public var deadLetters: Int64 = 0
    public var retries: Int64 = 0
    /// Wall time of the newest slice, from fetched to committed.
    public var lastSliceSeconds: Double = 0
    public var lastError: String?

    public init(group: String) { self.group = group }

    public var isHealthy: Bool { state == .starting || state == .running }
}

/// What a runner tells while it runs; for histograms and counters.
public enum ProcessorEvent: Sendable {
    /// A slice was read and is worked on; its work is done at that sequence.
    case began(group: String, next: Int64, newestMs: Int64)
    /// A slice is through.
    case processed(SliceReport)
    case retry(group: String, attempt: Int, error: String)
    case deadLetter(group: String, code: String)
    case failed(group: String, error: String)
}
