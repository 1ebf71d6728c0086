import Synchronization
public import TowerModel
public import TowerStreaming
public import TowerWire

/// The log as events, read and decoded once for all consumer groups of a process (DESIGN.md, decision 7).
///
/// - The newest pieces stay decoded within a bound of bytes; who asks first decodes, who asks meanwhile waits for it. What
///   the door has just accepted need not be read at all: `offer`.
/// - A group far behind reads pieces of its own place, shared with others at the same place; they never push out the newest.
/// - What a group sees is what fetching and decoding would give it, to the byte; events of older schema versions as the
///   newest, where the tenant registered steps for them.
public final class DecodedLog: Sendable {
    public struct Configuration: Sendable {
        /// Memory for decoded pieces, bytes: three quarters for the log's end, one for readers behind.
        public var maxBytes: Int
        /// Bounds of one read.
        public var pieceRecords: Int
        public var pieceBytes: Int
        /// Offers of fewer events are not kept: reading some of them together later costs less.
        public var minOffer: Int
        /// For one group on a log of partitions: nothing is kept or taken from the door, and events whose id is among the newest of
        /// so many are left out. 0 for a log with one order.
        public var repeatWindow: Int
        /// For the one group of a shard that brings records which stand in a wrong partition to where they belong.
        public var movesStrays: Bool
        public init(
            maxBytes: Int = 64 << 20, pieceRecords: Int = 8192, pieceBytes: Int = 4 << 20, minOffer: Int = 32, repeatWindow: Int = 0,
            movesStrays: Bool = false
        ) {
            self.movesStrays = movesStrays
            self.repeatWindow = max(repeatWindow, 0)
            self.maxBytes = max(maxBytes, 1)
            self.pieceRecords = max(pieceRecords, 1)
            self.pieceBytes = max(pieceBytes, 1)
            self.minOffer = max(minOffer, 1)
        }
    }

    /// Records by how the groups came to them, for the platform's own metrics.
    public struct Counters: Sendable, Hashable {
        /// Read from the log and decoded.
        public var decoded: Int64 = 0
        /// Taken from the door as they were.
        public var offered: Int64 = 0
        /// Handed to groups; over `decoded` it says how often one decode served.
        public var delivered: Int64 = 0
        /// Left out, because they came before.
        public var repeats: Int64 = 0
        /// Of other shards' tenants, in a partition of this shard.
        public var strays: Int64 = 0
        public var bytesHeld = 0

        public init() {}

        public static func + (left: Counters, right: Counters) -> Counters {
            var sum = left
            sum.decoded += right.decoded
            sum.offered += right.offered
            sum.delivered += right.delivered
            sum.repeats += right.repeats
            sum.strays += right.strays
            sum.bytesHeld += right.bytesHeld
            return sum
        }
    }

    public let log: any EventLog
    public let symbols: SymbolTable
    public let kinds: RecordKinds
    private let configuration: Configuration
    private let patterns: [TopicPattern]
    /// What old events are rewritten by.
    let basis: UpcastBasis
    private let state: Mutex<State>
    /// Where the log has partitions; taken out while it reads.
    private let group: Mutex<GroupDecoder?>

    private typealias Waiter = CheckedContinuation<LogPiece?, Never>
    private struct State {
        var tail: PieceRing
        var history: PieceRing
        /// Reads under way by their cursor, with those who wait for them.
        var reads: [LogCursor: [Int: Waiter]] = [:]
        var nextTicket = 0
        var idle: [PieceDecoder] = []
        var counters = Counters()
    }

    private enum Step {
        case pieces([LogPiece])
        case wait
        /// Nobody has it: read at most so many records.
        case read(maxRecords: Int)
    }

    /// - Parameters:
    ///   - kinds: what the groups that will ask want, together.
    ///   - upcaster: what reads old events as their newest version.
    public init(
        log: any EventLog, symbols: SymbolTable, kinds: RecordKinds = .all, configuration: Configuration = Configuration(),
        upcaster: @escaping @Sendable () -> EventUpcaster? = { nil }
    ) {
        basis = UpcastBasis(upcaster)
        self.log = log
        self.symbols = symbols
        self.kinds = kinds
        self.configuration = configuration
        patterns = kinds.patterns
        group = Mutex(
            configuration.repeatWindow == 0
                ? nil
                : GroupDecoder(
                    log: log, patterns: kinds.patterns, decoder: PieceDecoder(symbols: symbols, upcaster: upcaster),
                    window: configuration.repeatWindow, movesStrays: configuration.movesStrays))
        state = Mutex(
            State(
                tail: PieceRing(eviction: .lowest, maxBytes: configuration.maxBytes / 4 * 3, maxPieces: 16_384),
                history: PieceRing(eviction: .oldest, maxBytes: configuration.maxBytes / 4, maxPieces: 256)))
    }

    public var counters: Counters {
        state.withLock { state in
            var counters = state.counters
            counters.bytesHeld = state.tail.bytes + state.history.bytes
            return counters
        }
    }

    /// Takes events that were just appended, decoded already: they need not be read from the log.
    ///
    /// - Parameters:
    ///   - events: those of the batch that were appended, each with its place in `positions`. The record's value must be the
    ///     event's bytes in the batch.
    ///   - trace: what their records' headers say.
    /// - Cost: a look at each position, then a lock for the insertion. What does not fit is ignored: the log has it.
    public func offer(_ batch: EventBatch, events: [Int32], positions: [StoredPosition], trace: TraceContext? = nil) {
        guard configuration.repeatWindow == 0, events.count >= configuration.minOffer, kinds.contains(.siteEvents), batch.symbols === symbols,
            // What is to be rewritten is read from the log.
            basis.upcaster()?.oldEvents(of: batch).isEmpty ?? true,
            let piece = LogPiece(accepted: batch, events: events, positions: positions, trace: trace)
        else { return }
        let evicted = state.withLock { state in
            state.counters.offered += Int64(piece.count)
            return state.tail.insert(piece)
        }
        withExtendedLifetime(evicted) {}
    }

    /// The log from `cursor` on: at least one record if there is any, wanted or not, at most `maxRecords`.
    ///
    /// - Parameters:
    ///   - wanted: a part of `kinds`.
    ///   - end: records from here on are not looked at.
    ///   - maxBytes: about so many bytes of values; a piece is not cut for it.
    /// - Errors: the log's; of the first piece only, what was read before a later one failed is answered.
    public func slice(
        of wanted: RecordKinds, from cursor: LogCursor, until end: LogCursor = LogCursor(sequence: .max), maxRecords: Int, maxBytes: Int
    ) async throws -> EventSlice {
        if configuration.repeatWindow > 0 { return try await sliceAlone(of: wanted, from: cursor, maxRecords: maxRecords, maxBytes: maxBytes) }
        var pieces = try await pieces(from: cursor, maxRecords: maxRecords, maxBytes: maxBytes)
        var next = cursor
        var records = 0
        var bytes = 0
        var seen = 0
        while true {
            for piece in pieces[seen...] {
                records += piece.count - piece.index(at: next)
                bytes += piece.batch.bytes.count
            }
            seen = pieces.count
            let reached = pieces.last?.next ?? cursor
            // An empty read is the log's end; a reader at the end is not kept waiting for what comes next.
            guard reached > next, reached < end, records < maxRecords, bytes < maxBytes, await log.end() > reached else { break }
            next = reached
            guard let more = try? await self.pieces(from: next, maxRecords: maxRecords - records, maxBytes: maxBytes - bytes) else {
                break
            }
            pieces += more
        }
        let slice = EventSlice(pieces, of: wanted, from: cursor, until: end, maxRecords: maxRecords)
        state.withLock { $0.counters.delivered += Int64(slice.count) }
        return slice
    }

    /// The next slice of a log of partitions. Its end is where the log says: places there are no plain numbers.
    private func sliceAlone(of wanted: RecordKinds, from cursor: LogCursor, maxRecords: Int, maxBytes: Int) async throws -> EventSlice {
        var reader = group.withLock { group in
            defer { group = nil }
            return group
        } ?? GroupDecoder(
            log: log, patterns: patterns, decoder: PieceDecoder(symbols: symbols, upcaster: basis.upcaster),
            window: configuration.repeatWindow, movesStrays: configuration.movesStrays)
        defer { group.withLock { $0 = reader } }
        let (repeats, strays) = (reader.repeats, reader.strays)
        let piece = try await reader.piece(from: cursor, maxRecords: maxRecords, maxBytes: maxBytes)
        let slice = EventSlice([piece], of: wanted, from: cursor, until: LogCursor(sequence: .max), maxRecords: .max)
        state.withLock { state in
            state.counters.decoded += Int64(piece.count)
            state.counters.delivered += Int64(slice.count)
            state.counters.repeats += max(reader.repeats - repeats, 0)
            state.counters.strays += max(reader.strays - strays, 0)
        }
        return slice
    }

    /// At least one piece; empty at the log's end.
    private func pieces(from cursor: LogCursor, maxRecords: Int, maxBytes: Int) async throws -> [LogPiece] {
        while true {
            switch next(from: cursor, maxRecords: maxRecords, maxBytes: maxBytes) {
            case .pieces(let found): return found
            case .read(let maxRecords): return [try await read(from: cursor, maxRecords: maxRecords)]
            case .wait:
                if let piece = await wait(for: cursor) { return [piece] }
                try Task.checkCancellation()
            }
        }
    }

    /// Returns when a record at or after `cursor` exists. As the log's, and gives the door a moment to offer it.
    public func waitForRecords(at cursor: LogCursor) async throws {
        try await log.waitForRecords(at: cursor)
        guard configuration.repeatWindow == 0 else { return }
        for _ in 0..<2 {
            let isUseless = state.withLock { state in
                state.counters.offered == 0 || !state.tail.chain(from: cursor, maxRecords: 1, maxBytes: 0).isEmpty
            }
            if isUseless { return }
            await Task.yield()
        }
    }

    private func next(from cursor: LogCursor, maxRecords: Int, maxBytes: Int) -> Step {
        state.withLock { state in
            var found = state.tail.chain(from: cursor, maxRecords: maxRecords, maxBytes: maxBytes)
            if found.isEmpty { found = state.history.chain(from: cursor, maxRecords: maxRecords, maxBytes: maxBytes) }
            guard found.isEmpty else { return .pieces(found) }
            guard state.reads[cursor] == nil else { return .wait }
            state.reads[cursor] = [:]
            // Not into what is decoded already. A sequence is one record at most.
            let starts = [state.tail.nextStart(after: cursor), state.history.nextStart(after: cursor)].compactMap(\.self)
            let room = starts.min().map { $0.sequence - cursor.sequence } ?? .max
            return .read(maxRecords: Int(min(Int64(configuration.pieceRecords), room)))
        }
    }

    private func read(from cursor: LogCursor, maxRecords: Int) async throws -> LogPiece {
        do {
            let block = try await log.fetchBlock(
                matching: patterns, from: cursor, maxRecords: maxRecords, maxBytes: configuration.pieceBytes)
            var decoder = state.withLock { $0.idle.popLast() } ?? PieceDecoder(symbols: symbols, upcaster: basis.upcaster)
            let piece = decoder.piece(block, from: cursor)
            finish(cursor, piece, decoder)
            return piece
        } catch {
            finish(cursor, nil, nil)
            throw error
        }
    }

    /// A read is over: keeps the piece, gives the decoder back, wakes those who wait. Without a piece they try themselves.
    private func finish(_ cursor: LogCursor, _ piece: LogPiece?, _ decoder: PieceDecoder?) {
        let (waiters, evicted) = state.withLock { state -> ([Waiter], [LogPiece]) in
            if let decoder { state.idle.append(decoder) }
            let waiters = state.reads.removeValue(forKey: cursor).map { Array($0.values) } ?? []
            guard let piece else { return (waiters, []) }
            state.counters.decoded += Int64(piece.count)
            // At or after the first of the newest is the log's end, also between offers.
            let isTail = state.tail.first.map { $0.start <= piece.start } ?? true
            return (waiters, isTail ? state.tail.insert(piece) : state.history.insert(piece))
        }
        for waiter in waiters { waiter.resume(returning: piece) }
        withExtendedLifetime(evicted) {}
    }

    /// The piece that somebody else is reading; `nil` when that came to nothing or this task was cancelled.
    private func wait(for cursor: LogCursor) async -> LogPiece? {
        let ticket = state.withLock { state in
            state.nextTicket += 1
            return state.nextTicket
        }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isOver = state.withLock { state in
                    if state.reads[cursor] == nil || Task.isCancelled { return true }
                    state.reads[cursor]?[ticket] = continuation
                    return false
                }
                if isOver { continuation.resume(returning: nil) }
            }
        } onCancel: {
            let waiter = state.withLock { $0.reads[cursor]?.removeValue(forKey: ticket) }
            waiter?.resume(returning: nil)
        }
    }
}
