/// How a door came to know its ids at the start.
public struct RecallReport: Sendable, Hashable {
    /// Ids that were kept beside the log, newest.
    public var keptIDs = 0
    /// Ids that were read from the log: its end behind what was kept, or a whole generation.
    public var readIDs = 0
    /// Why what was kept was not used, or not all of it; `nil` when nothing was amiss.
    public var trouble: String?

    public init(keptIDs: Int = 0, readIDs: Int = 0, trouble: String? = nil) {
        self.keptIDs = keptIDs
        self.readIDs = readIDs
        self.trouble = trouble
    }
}
