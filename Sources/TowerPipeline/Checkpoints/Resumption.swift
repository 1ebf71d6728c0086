public import TowerStreaming

/// How a group that keeps its state in memory became what it was.
public struct Resumption: Sendable, Hashable {
    /// Position of the checkpoint that was taken up; the log's beginning where there was none.
    public var checkpoint: LogCursor
    /// The group's position, up to which the log was read again without emitting.
    public var committed: LogCursor
    /// Records read again.
    public var replayed: Int
    /// Checkpoints that could not be taken up: position and reason.
    public var refusals: [String]

    public init(checkpoint: LogCursor, committed: LogCursor, replayed: Int, refusals: [String]) {
        self.checkpoint = checkpoint
        self.committed = committed
        self.replayed = replayed
        self.refusals = refusals
    }
}
