public import TowerModel
public import TowerStreaming

/// Events that became durable a moment ago, still decoded: for readers of the log's tail in the same process.
public struct AcceptedBatch: Sendable {
    /// All events of the request, also those that were known already.
    public var batch: EventBatch
    /// The events that are new, rising.
    public var events: [Int32]
    /// Where the log put each of `events`.
    public var positions: [StoredPosition]
    /// Of the request, when it is traced.
    public var trace: TraceContext?
}
