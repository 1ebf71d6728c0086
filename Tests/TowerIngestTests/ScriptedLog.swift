import Synchronization
import TowerStreaming

/// A log in memory whose appends can be made to fail or to wait.
final class ScriptedLog: EventLog {
    struct State {
        var records: [StoredRecord] = []
        var appends = 0
        var failures = 0
        var failure = EventLogError(.diskFull, "no space left")
        var isKeptInSpite = false
        var isHolding = false
        var held: [CheckedContinuation<Void, Never>] = []
        var heldWatchers: [CheckedContinuation<Void, Never>] = []
    }
    private let state = Mutex(State())

    var records: [Record] { state.withLock { $0.records.map(\.record) } }
    var appends: Int { state.withLock { $0.appends } }

    func records(in topic: TopicName) -> [Record] { records.filter { $0.topic == topic } }
    func values(in topic: TopicName) -> [String] { records(in: topic).map { String(decoding: $0.value, as: UTF8.self) } }

    /// The next appends fail.
    ///
    /// - Parameter isKept: their records are there all the same.
    func fail(_ count: Int, with error: EventLogError = EventLogError(.diskFull, "no space left"), butKeep isKept: Bool = false) {
        state.withLock {
            $0.failures = count
            $0.failure = error
            $0.isKeptInSpite = isKept
        }
    }
    /// As an older copy of this log.
    func forget(from sequence: Int) { state.withLock { $0.records.removeSubrange(sequence...) } }
    /// Appends wait from now on until `letGo`.
    func hold() { state.withLock { $0.isHolding = true } }
    func letGo() {
        let held = state.withLock { state in
            state.isHolding = false
            defer { state.held = [] }
            return state.held
        }
        for continuation in held { continuation.resume() }
    }
    /// Returns when an append waits.
    func appendIsHeld() async {
        await withCheckedContinuation { continuation in
            let isHeld = state.withLock { state in
                if state.held.isEmpty { state.heldWatchers.append(continuation) }
                return !state.held.isEmpty
            }
            if isHeld { continuation.resume() }
        }
    }

    func append(_ records: [Record]) async throws -> [StoredPosition] {
        if state.withLock({ $0.isHolding }) {
            await withCheckedContinuation { continuation in
                let watchers = state.withLock { state in
                    state.held.append(continuation)
                    defer { state.heldWatchers = [] }
                    return state.heldWatchers
                }
                for watcher in watchers { watcher.resume() }
            }
        }
        return try state.withLock { state in
            state.appends += 1
            let isFailing = state.failures > 0
            if isFailing {
                state.failures -= 1
                if !state.isKeptInSpite { throw state.failure }
            }
            let positions = records.map { record in
                let sequence = Int64(state.records.count)
                state.records.append(StoredRecord(record: record, offset: sequence, sequence: sequence, timestampMs: 0))
                return StoredPosition(offset: sequence, sequence: sequence, timestampMs: 0)
            }
            if isFailing { throw state.failure }
            return positions
        }
    }

    func fetch(matching patterns: [TopicPattern], from cursor: LogCursor, maxRecords: Int, maxBytes: Int) async throws -> LogSlice
    {
        state.withLock { state in
            let start = Int(cursor.sequence)
            let end = min(start + maxRecords, state.records.count)
            let records = state.records[start..<end].filter { stored in patterns.contains { $0.matches(stored.record.topic) } }
            return LogSlice(records: records, next: LogCursor(sequence: Int64(end)))
        }
    }

    func end() async -> LogCursor { LogCursor(sequence: Int64(state.withLock { $0.records.count })) }

    // The door asks for nothing else.
    private var unused: EventLogError { EventLogError(.closed, "not part of this log") }
    func fetch(topic: TopicName, from offset: Int64, maxBytes: Int) async throws -> [StoredRecord] { throw unused }
    func fetchBackward(matching: [TopicPattern], before: LogCursor, maxRecords: Int, maxScanned: Int) async throws -> LogSlice {
        throw unused
    }
    func waitForRecords(at cursor: LogCursor) async throws { throw unused }
    func cursor(atOrAfterMs timestampMs: Int64) async throws -> LogCursor { throw unused }
    func offset(topic: TopicName, atOrAfterMs timestampMs: Int64) async throws -> Int64 { throw unused }
    func topics(matching pattern: TopicPattern?) async throws -> [TopicDescription] { throw unused }
    func createTopic(_ topic: TopicName) async throws { throw unused }
    func deleteTopic(_ topic: TopicName) async throws { throw unused }
    func join(group: String, patterns: [TopicPattern]) async throws -> GroupMembership { throw unused }
    func commit(_ membership: GroupMembership, cursor: LogCursor) async throws { throw unused }
    func leave(_ membership: GroupMembership) async throws { throw unused }
    func seek(group: String, to cursor: LogCursor) async throws { throw unused }
    func groups() async throws -> [GroupDescription] { throw unused }
    func close() async throws {}
}
