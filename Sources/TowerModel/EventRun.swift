/// Some events of a batch, in log order, with the instants at which the log took them in.
///
/// - Shape: `events` holds numbers of events of `batch`; `arrivedAt` has the same indices. A batch is shared by many
///   readers and may hold events that are not of the run.
public struct EventRun: Sendable {
    public let batch: EventBatch
    public let events: ArraySlice<Int32>
    public let arrivedAt: ArraySlice<Timestamp>

    public init(batch: EventBatch, events: ArraySlice<Int32>, arrivedAt: ArraySlice<Timestamp>) {
        precondition(events.indices == arrivedAt.indices, "an instant for each event")
        self.batch = batch
        self.events = events
        self.arrivedAt = arrivedAt
    }
}
