import Synchronization

/// An `EventLog` in arrays: for tests and for commands that need no durability (`towerco analyze`).
///
/// - Durability: none; everything else keeps the protocol's promises, proven by the same contract suite as the journal.
/// - Cost: a record is kept as given; memory grows with the log and nothing is ever retired.
public final class InMemoryLog: EventLog {
    struct TopicState {
        var isListed = true
        var start: Int64 = 0
        var bytes: Int64 = 0
        /// Index in `State.records` of each record, by offset.
        var places: [Int] = []
    }

    struct State {
        var isClosed = false
        /// Index is sequence.
        var records: [StoredRecord] = []
        var topics: [TopicName: TopicState] = [:]
        var groups = GroupTable()
    }

    let state = Mutex(State())
    private let signal = EndSignal(end: 0)
    /// Moves with every pause, resumption and change of members.
    let groupSignal = EndSignal(end: 0)
    let clock: @Sendable () -> Int64
    private let maxRecordBytes: Int

    /// - Parameter clock: milliseconds since the epoch.
    public init(maxRecordBytes: Int = 8 << 20, clock: @escaping @Sendable () -> Int64) {
        self.maxRecordBytes = maxRecordBytes
        self.clock = clock
    }

    func read<Answer: Sendable>(_ body: (inout sending State) throws -> sending Answer) throws -> Answer {
        try state.withLock { state in
            guard !state.isClosed else { throw EventLogError(.closed, "the log is closed; open it again") }
            return try body(&state)
        }
    }

    public func append(_ records: [Record]) async throws -> [StoredPosition] {
        for record in records {
            guard record.topic.isValid else { throw EventLogError.badTopicName(record.topic) }
            let size = record.value.count + (record.key?.count ?? 0) + record.headers.reduce(0) { $0 + $1.value.count }
            guard size <= maxRecordBytes else { throw EventLogError.recordTooLarge(size, bound: maxRecordBytes) }
        }
        let positions = try read { state in
            let now = max(clock(), state.records.last?.timestampMs ?? .min)
            return records.map { record in
                var topic = state.topics[record.topic] ?? TopicState()
                let stored = StoredRecord(
                    record: record, offset: Int64(topic.places.count), sequence: Int64(state.records.count), timestampMs: now)
                topic.isListed = true
                topic.places.append(state.records.count)
                topic.bytes += Int64(record.value.count)
                state.topics[record.topic] = topic
                state.records.append(stored)
                return StoredPosition(offset: stored.offset, sequence: stored.sequence, timestampMs: now)
            }
        }
        if let last = positions.last { signal.advance(to: last.sequence + 1) }
        return positions
    }

    public func waitForRecords(at cursor: LogCursor) async throws {
        try await signal.wait(for: cursor.sequence)
    }

    public func end() async -> LogCursor { LogCursor(sequence: signal.end) }

    public func close() async throws {
        state.withLock { $0.isClosed = true }
        let closed = EventLogError(.closed, "the log was closed")
        signal.fail(closed)
        groupSignal.fail(closed)
    }
}

extension EventLogError {
    package static func badTopicName(_ topic: TopicName) -> EventLogError {
        EventLogError(
            .badTopicName,
            "could not use topic \(String(topic.rawValue.prefix(TopicName.maxBytes))): a name is 1 to 249 of [A-Za-z0-9._:-]")
    }

    package static func unknownTopic(_ topic: TopicName) -> EventLogError {
        EventLogError(.unknownTopic, "no topic \(topic): nothing was appended to it yet, or it was deleted; list the topics")
    }

    package static func recordTooLarge(_ size: Int, bound: Int) -> EventLogError {
        EventLogError(.recordTooLarge, "could not append \(size) bytes: at most \(bound) are taken; split or shorten them")
    }
}
