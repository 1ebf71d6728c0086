public import Logging

/// Where and how often a group keeps its state.
///
/// Counted in records and in the log's time, so that a run and its repetition keep the same checkpoints.
public struct CheckpointPlan: Sendable {
    public var store: any CheckpointStore
    /// A checkpoint is due after so many records, or after so much of the log's time where anything was read.
    public var everyRecords: Int
    public var everySeconds: Double
    /// And not before a record for so many bytes of the last one: a large state is written less often, because reading
    /// some more records again costs less than writing it. 0 for no such bound.
    public var bytesPerRecord: Int
    /// Checkpoints kept of a group.
    public var kept: Int
    public var logger: Logger

    public init(
        store: any CheckpointStore, everyRecords: Int = 200_000, everySeconds: Double = 300, bytesPerRecord: Int = 256, kept: Int = 2,
        logger: Logger = Logger(label: "towerco.checkpoints")
    ) {
        self.store = store
        self.everyRecords = max(everyRecords, 1)
        self.everySeconds = max(everySeconds, 0)
        self.bytesPerRecord = max(bytesPerRecord, 0)
        self.kept = max(kept, 1)
        self.logger = logger
    }
}
