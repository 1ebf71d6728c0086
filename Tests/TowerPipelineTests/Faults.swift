import Synchronization
import TowerStores
import TowerStreaming

/// A log in front of another one that fails when a test says so.
final class FaultyLog: EventLog {
    enum Fault: Sendable {
        /// Nothing happened.
        case before(any Error)
        /// It happened, and the caller is told that it did not.
        case after(any Error)
    }
    enum Call: String, Sendable { case append, fetch, commit, join }

    let inner: any EventLog
    /// Records below are gone, as after retention.
    let hiddenBefore: LogCursor
    private let decide: @Sendable (Call, Int) -> Fault?
    private let counts = Mutex<[Call: Int]>([:])

    /// - Parameter decide: gets the call and how many of its kind came before.
    init(_ inner: any EventLog, hiddenBefore: LogCursor = .start, decide: @escaping @Sendable (Call, Int) -> Fault? = { _, _ in nil }) {
        self.inner = inner
        self.hiddenBefore = hiddenBefore
        self.decide = decide
    }

    private func faulty<Value>(_ call: Call, _ body: () async throws -> Value) async throws -> Value {
        let number = counts.withLock { counts in
            counts[call, default: 0] += 1
            return (counts[call] ?? 1) - 1
        }
        switch decide(call, number) {
        case nil: return try await body()
        case .before(let error): throw error
        case .after(let error):
            _ = try await body()
            throw error
        }
    }

    func append(_ records: [Record]) async throws -> [StoredPosition] { try await faulty(.append) { try await inner.append(records) } }
    func fetch(topic: TopicName, from offset: Int64, maxBytes: Int) async throws -> [StoredRecord] {
        try await inner.fetch(topic: topic, from: offset, maxBytes: maxBytes)
    }
    func fetch(matching patterns: [TopicPattern], from cursor: LogCursor, maxRecords: Int, maxBytes: Int) async throws -> LogSlice {
        let from = max(cursor, hiddenBefore)
        return try await faulty(.fetch) { try await inner.fetch(matching: patterns, from: from, maxRecords: maxRecords, maxBytes: maxBytes) }
    }
    func fetchBackward(matching patterns: [TopicPattern], before cursor: LogCursor, maxRecords: Int, maxScanned: Int) async throws
        -> LogSlice
    {
        let found = try await inner.fetchBackward(matching: patterns, before: cursor, maxRecords: maxRecords, maxScanned: maxScanned)
        return LogSlice(records: found.records.filter { $0.sequence >= hiddenBefore.sequence }, next: found.next)
    }
    func waitForRecords(at cursor: LogCursor) async throws { try await inner.waitForRecords(at: cursor) }
    func cursor(atOrAfterMs timestampMs: Int64) async throws -> LogCursor { try await inner.cursor(atOrAfterMs: timestampMs) }
    func offset(topic: TopicName, atOrAfterMs timestampMs: Int64) async throws -> Int64 {
        try await inner.offset(topic: topic, atOrAfterMs: timestampMs)
    }
    func end() async -> LogCursor { await inner.end() }
    func topics(matching pattern: TopicPattern?) async throws -> [TopicDescription] { try await inner.topics(matching: pattern) }
    func createTopic(_ topic: TopicName) async throws { try await inner.createTopic(topic) }
    func deleteTopic(_ topic: TopicName) async throws { try await inner.deleteTopic(topic) }
    func join(group: String, patterns: [TopicPattern]) async throws -> GroupMembership {
        try await faulty(.join) { try await inner.join(group: group, patterns: patterns) }
    }
    func commit(_ membership: GroupMembership, cursor: LogCursor) async throws {
        try await faulty(.commit) { try await inner.commit(membership, cursor: cursor) }
    }
    func leave(_ membership: GroupMembership) async throws { try await inner.leave(membership) }
    func seek(group: String, to cursor: LogCursor) async throws { try await inner.seek(group: group, to: cursor) }
    func groups() async throws -> [GroupDescription] { try await inner.groups() }
    func close() async throws { try await inner.close() }
}

/// A projection store in front of another one that fails when a test says so.
final class FaultyStore: ProjectionStore {
    private let inner: any ProjectionStore
    private let decide: @Sendable (Int) -> FaultyLog.Fault?
    private let count = Mutex(0)

    init(_ inner: any ProjectionStore, decide: @escaping @Sendable (Int) -> FaultyLog.Fault?) {
        self.inner = inner
        self.decide = decide
    }

    func position(of group: String) async throws -> StorePosition { try await inner.position(of: group) }
    func apply(_ batch: ProjectionBatch) async throws -> [TenantChange] {
        let number = count.withLock { count in
            count += 1
            return count - 1
        }
        switch decide(number) {
        case nil: return try await inner.apply(batch)
        case .before(let error): throw error
        case .after(let error):
            _ = try await inner.apply(batch)
            throw error
        }
    }
    func resetReadModels() async throws { try await inner.resetReadModels() }
}

/// The process died here: not transient, so the group stops where it stands.
struct Crash: Error {}
