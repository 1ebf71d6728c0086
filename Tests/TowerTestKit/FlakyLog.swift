import Synchronization
public import TowerStreaming

/// A log whose appends fail when told to, as a broker's do that is away. All else is the inner log's.
public final class FlakyLog: LogDecorator {
    private struct State {
        var isAway = false
        var refusal = EventLogError(.overloaded, "the broker is away")
        var refusals = 0
        var generator: SeededGenerator?
    }
    public let base: any EventLog
    private let state = Mutex(State())

    public init(_ inner: any EventLog) { base = inner }

    public var isAway: Bool {
        get { state.withLock { $0.isAway } }
        set { state.withLock { $0.isAway = newValue } }
    }

    /// What an append is told that fails.
    public var refusal: EventLogError {
        get { state.withLock { $0.refusal } }
        set { state.withLock { $0.refusal = newValue } }
    }

    /// Every third append or so fails, as the seed says; `nil` ends that.
    public func fail(from seed: UInt64?) {
        state.withLock { $0.generator = seed.map { SeededGenerator(seed: $0) } }
    }

    /// Returns when that many appends were refused.
    public func refusals(atLeast count: Int) async throws {
        while state.withLock({ $0.refusals < count }) { await Task.yield() }
    }

    private func pass() throws {
        try state.withLock { state in
            let fails = state.generator?.next().isMultiple(of: 3) ?? false
            guard state.isAway || fails else { return }
            state.refusals += 1
            throw state.refusal
        }
    }

    public func append(_ records: [Record]) async throws -> [StoredPosition] {
        await Task.yield()
        try pass()
        await Task.yield()
        return try await base.append(records)
    }
}

/// A spool in memory: it survives what the test calls a process, and everything is lost with the test.
public final class MemorySpool: SpoolStore, LogDecorator {
    private let inner = InMemoryLog(clock: { 0 })
    public var base: any EventLog { inner }
    private let room = Mutex<(stored: Int64, released: Int64)>((0, 0))
    /// Called before room is made; `false` leaves everything where it is, as a segment that is still being sealed does.
    private let mayMakeRoom: Mutex<@Sendable () -> Bool> = Mutex({ true })

    public init() {}

    public func makeRoom(if condition: @escaping @Sendable () -> Bool) { mayMakeRoom.withLock { $0 = condition } }

    public var storedBytes: Int64 { room.withLock { $0.stored - $0.released } }

    public func makeRoom(before cursor: LogCursor) async throws {
        guard mayMakeRoom.withLock({ $0 })() else { return }
        let slice = try await inner.fetch(matching: [TopicPattern("*")], from: .start, maxRecords: .max, maxBytes: .max)
        let released = slice.records.filter { $0.sequence < cursor.sequence }.reduce(0) { $0 + Int64($1.record.value.count) }
        room.withLock { $0.released = released }
    }

    public func append(_ records: [Record]) async throws -> [StoredPosition] {
        // A disk takes its time: what is under way must be seen as such.
        for _ in 0..<5 { await Task.yield() }
        let positions = try await inner.append(records)
        room.withLock { $0.stored += records.reduce(0) { $0 + Int64($1.value.count) } }
        return positions
    }
}
