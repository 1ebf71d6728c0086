import Synchronization

/// A broker's log that goes on acknowledging while the broker is away.
///
/// Appends go to the broker. When it cannot take one, this and everything after it go to a spool on this machine's disk, from
/// which `run` brings them to the broker in order as soon as it takes them; then appends go there directly again.
///
/// - Durability: what `append` acknowledged is with the broker or synced in the spool. A crash between the broker's answer and
///   the spool's commit sends the last block again: readers know events by their ids.
/// - Order: an append that begins after another was acknowledged reaches the broker after it.
/// - Bounds: with `maxBytes` in the spool, `append` throws `log.spool_full`, which may pass.
/// - Reading, groups and topics are the broker's: what waits in the spool is not visible before it is there.
public final class SpooledLog: LogDecorator {
    public struct Configuration: Sendable {
        /// How much the spool may take on disk, bytes. Default 1 GiB.
        public var maxBytes: Int64 = 1 << 30
        /// Records and bytes taken to the broker at once.
        public var maxRecords = 4096
        public var maxBlockBytes = 4 << 20
        public init() {}
    }

    struct State {
        var status = SpoolStatus()
        var directInFlight = 0
        var spoolInFlight = 0
        /// Appends that wait while the way turns.
        var held: [CheckedContinuation<Void, Never>] = []
        /// The drain, while it waits for appends in flight to end.
        var idle: CheckedContinuation<Void, Never>?
    }

    private enum Admission { case direct, spooling, wait }

    private let remote: any EventLog
    private let spool: any SpoolStore
    private let configuration: Configuration
    private let membership: GroupMembership
    private let pause: @Sendable (_ attempt: Int) async throws -> Void
    private let undeliverable: @Sendable (StoredRecord, EventLogError) async throws -> Void
    private let state: Mutex<State>

    /// The spool's own reader.
    static let group = "spool-drain"
    private static let everything = [TopicPattern("*")]

    /// Takes up what an earlier process left in the spool.
    ///
    /// - Parameters:
    ///   - pause: waits before the broker is tried again; `attempt` counts from 1.
    ///   - undeliverable: told of a record that the broker will never take; when it returns, the record leaves the spool.
    public static func open(
        remote: any EventLog, spool: any SpoolStore, configuration: Configuration = Configuration(),
        pause: @escaping @Sendable (_ attempt: Int) async throws -> Void,
        undeliverable: @escaping @Sendable (StoredRecord, EventLogError) async throws -> Void
    ) async throws -> SpooledLog {
        let membership = try await spool.join(group: group, patterns: everything)
        let end = await spool.end()
        return SpooledLog(
            remote: remote, spool: spool, configuration: configuration, membership: membership,
            pending: max(0, end.sequence - membership.committed.sequence), pause: pause, undeliverable: undeliverable)
    }

    private init(
        remote: any EventLog, spool: any SpoolStore, configuration: Configuration, membership: GroupMembership, pending: Int64,
        pause: @escaping @Sendable (Int) async throws -> Void,
        undeliverable: @escaping @Sendable (StoredRecord, EventLogError) async throws -> Void
    ) {
        self.remote = remote
        self.spool = spool
        self.configuration = configuration
        self.membership = membership
        self.pause = pause
        self.undeliverable = undeliverable
        var first = State()
        first.status.way = pending > 0 ? .spooling : .direct
        first.status.pendingRecords = pending
        state = Mutex(first)
    }

    public var base: any EventLog { remote }

    public var status: SpoolStatus {
        var status = state.withLock { $0.status }
        status.storedBytes = spool.storedBytes
        status.maxBytes = configuration.maxBytes
        // A record may be drained before its append came round to counting it.
        status.pendingRecords = max(0, status.pendingRecords)
        return status
    }

    /// Closes both. What waits in the spool is taken up at the next start.
    public func close() async throws {
        do { try await remote.close() } catch {
            try await spool.close()
            throw error
        }
        try await spool.close()
    }

    // MARK: Appending

    public func append(_ records: [Record]) async throws -> [StoredPosition] {
        try await append(count: records.count) { log in try await log.append(records) }
    }

    public func append(_ block: RecordBlock) async throws -> [StoredPosition] {
        try await append(count: block.count) { log in try await log.append(block) }
    }

    /// - Returns: the broker's positions, or -1 for each record that waits in the spool.
    private func append(count: Int, to write: (any EventLog) async throws -> [StoredPosition]) async throws -> [StoredPosition] {
        if await admit(orSpool: false) == .direct {
            do {
                let positions = try await write(remote)
                leave(.direct)
                return positions
            } catch let error as EventLogError where error.isRetriable {
                wentAway(error)
            } catch {
                leave(.direct)
                throw error
            }
            _ = await admit(orSpool: true)
        }
        // The bound is looked at before, so appends in flight may exceed it by what they hold. Files of which nothing waits any
        // more are no reason to refuse: they go with the next block.
        guard state.withLock({ $0.status.pendingRecords <= 0 }) || spool.storedBytes < configuration.maxBytes else {
            state.withLock { $0.status.refusedAppends += 1 }
            leave(.spooling)
            throw EventLogError(
                .spoolFull, "the broker is away and the spool holds its \(configuration.maxBytes) bytes; send again when the broker is back")
        }
        do {
            let kept = try await write(spool)
            state.withLock {
                $0.status.pendingRecords += Int64(count)
                $0.status.spooledRecords += Int64(count)
            }
            leave(.spooling)
            return kept.map { StoredPosition(offset: -1, sequence: -1, timestampMs: $0.timestampMs) }
        } catch {
            leave(.spooling)
            throw error
        }
    }

    /// Says which way an append goes and counts it there.
    private func admit(orSpool isRefused: Bool) async -> SpoolStatus.Way {
        while true {
            let admission = state.withLock { state -> Admission in
                if isRefused, state.status.way == .direct { state.status.way = .spooling }
                switch state.status.way {
                case .direct:
                    state.directInFlight += 1
                    return .direct
                case .spooling:
                    state.spoolInFlight += 1
                    return .spooling
                case .turning: return .wait
                }
            }
            switch admission {
            case .direct: return .direct
            case .spooling: return .spooling
            case .wait:
                await withCheckedContinuation { continuation in
                    let isOver = state.withLock { state in
                        guard state.status.way == .turning else { return true }
                        state.held.append(continuation)
                        return false
                    }
                    if isOver { continuation.resume() }
                }
            }
        }
    }

    private func leave(_ way: SpoolStatus.Way) {
        let idle = state.withLock { state -> CheckedContinuation<Void, Never>? in
            if way == .direct { state.directInFlight -= 1 } else { state.spoolInFlight -= 1 }
            guard state.isQuiet else { return nil }
            defer { state.idle = nil }
            return state.idle
        }
        idle?.resume()
    }

    /// A direct append failed in a way that may pass: from here on everything goes to the spool.
    private func wentAway(_ error: EventLogError) {
        state.withLock { state in
            if state.status.way == .direct {
                state.status.way = .spooling
                state.status.outages += 1
            }
            state.status.lastError = error.description
        }
        leave(.direct)
    }

    // MARK: Draining

    /// Brings what the spool holds to the broker, until cancelled. Run it once, beside whoever appends.
    ///
    /// - Throws: what the spool itself throws; then nothing drains any more and appends go on filling the spool.
    public func run() async throws {
        var position = membership.committed
        var isTurning = false
        defer { turn(to: .spooling, from: .turning) }
        while !Task.isCancelled {
            if state.withLock({ $0.status.way == .direct }) {
                try await spool.waitForRecords(at: position)
                guard !Task.isCancelled else { return }
            }
            // What the broker was offered directly before comes before what waits here.
            await quiet()
            let block = try await spool.fetchBlock(
                matching: Self.everything, from: position, maxRecords: configuration.maxRecords, maxBytes: configuration.maxBlockBytes)
            if !block.isEmpty {
                guard try await deliver(block, 0..<block.count) else { return }
                position = block.next
                try await settle(position, records: block.count)
            } else if block.next > position {
                position = block.next
            } else if isTurning {
                turn(to: .direct, from: .turning)
                isTurning = false
                // A segment that was still being sealed after the last block can go now.
                try await spool.makeRoom(before: position)
            } else {
                turn(to: .turning, from: .spooling)
                isTurning = true
            }
            if isTurning { isTurning = state.withLock { $0.status.way == .turning } }
        }
    }

    /// Notes that the broker has everything before `position`. The room is given back before the count falls: whoever sees
    /// that nothing waits may count on it.
    private func settle(_ position: LogCursor, records: Int) async throws {
        try await spool.commit(membership, cursor: position)
        try await spool.makeRoom(before: position)
        state.withLock {
            $0.status.drainedRecords += Int64(records)
            $0.status.pendingRecords -= Int64(records)
            $0.status.lastError = nil
        }
    }

    /// Hands records to the broker until it has them. `false` when cancelled.
    private func deliver(_ block: LogBlock, _ range: Range<Int>) async throws -> Bool {
        var attempt = 0
        while !Task.isCancelled {
            do {
                _ = try await remote.append(RecordBlock(block, range))
                return true
            } catch let error as EventLogError where error.isAboutTheRecord {
                guard range.count > 1 else {
                    try await undeliverable(block.record(range.lowerBound), error)
                    state.withLock { $0.status.undeliverableRecords += 1 }
                    return true
                }
                let middle = range.lowerBound + range.count / 2
                guard try await deliver(block, range.lowerBound..<middle) else { return false }
                return try await deliver(block, middle..<range.upperBound)
            } catch {
                attempt += 1
                // Appends that wait for the turn must not wait for the broker.
                turn(to: .spooling, from: .turning)
                state.withLock { $0.status.lastError = "\(error)" }
                do { try await pause(attempt) } catch { return false }
            }
        }
        return false
    }

    private func turn(to way: SpoolStatus.Way, from expected: SpoolStatus.Way) {
        let held = state.withLock { state -> [CheckedContinuation<Void, Never>] in
            guard state.status.way == expected else { return [] }
            state.status.way = way
            guard way != .turning else { return [] }
            defer { state.held = [] }
            return state.held
        }
        for continuation in held { continuation.resume() }
    }

    /// Returns when no direct append is under way, and while turning no spooled one either.
    private func quiet() async {
        await withCheckedContinuation { continuation in
            let isQuiet = state.withLock { state in
                guard !state.isQuiet else { return true }
                state.idle = continuation
                return false
            }
            if isQuiet { continuation.resume() }
        }
    }
}

extension SpooledLog.State {
    var isQuiet: Bool { directInFlight == 0 && (status.way != .turning || spoolInFlight == 0) }
}

extension EventLogError.Code {
    /// The broker is away and the spool is full; the same call may succeed later.
    public static let spoolFull = Self(name: "log.spool_full")
}

extension EventLogError {
    /// The record itself is refused: no attempt will ever succeed.
    var isAboutTheRecord: Bool { code == .recordTooLarge || code == .badTopicName }
}
