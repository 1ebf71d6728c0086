import Synchronization
import TowerModel
import TowerStreaming

/// Reads a log of partitions for one group: what other groups decode stands at other places, so nothing is shared, and what comes
/// twice is left out here.
///
/// - Repeats: an event's second copy within the newest `window` of what the group reads, those before a restart included; see
///   `RepeatFilter`. After a move the ids of the newest `warmRecords` before the place are read first.
/// - Concurrency: one reader at a time, from place to place; who reads elsewhere begins anew.
struct GroupDecoder: Sendable {
    private let log: any EventLog
    private let patterns: [TopicPattern]
    private var decoder: PieceDecoder
    private let window: Int
    private var filter: RepeatFilter
    /// Where the next read begins that `filter` is right for.
    private var at: LogCursor?
    /// Where the log shows one shard of the tenants: what is of other tenants is left out.
    private var tenants: ShardFilter?
    private static let warmRecords: Int64 = 1 << 18
    private static let warmPiece = 20_000

    /// - Parameter movesStrays: records of other shards' tenants that stand in a partition of this one are written again, to where
    ///   they belong. One group of those that read the same does it.
    init(log: any EventLog, patterns: [TopicPattern], decoder: PieceDecoder, window: Int, movesStrays: Bool = false) {
        self.log = log
        self.patterns = patterns
        self.decoder = decoder
        self.window = window
        // The first read makes the one that counts.
        filter = RepeatFilter(generation: 1)
        tenants = (log as? any ShardedLog).map { ShardFilter($0, movesStrays: movesStrays) }
    }

    /// Records left out since the start.
    private(set) var repeats: Int64 = 0
    /// Records since the start that stood in another shard's partition.
    var strays: Int64 { tenants?.strays ?? 0 }

    /// The next records that did not come before; a piece without records where all of them did.
    mutating func piece(from cursor: LogCursor, maxRecords: Int, maxBytes: Int) async throws -> LogPiece {
        if at != cursor { try await warm(before: cursor) }
        at = nil
        var block = try await log.fetchBlock(matching: patterns, from: cursor, maxRecords: maxRecords, maxBytes: maxBytes)
        tenants?.admit(&block)
        let piece = decoder.piece(block, from: cursor)
        var others: [Int] = []
        if var tenants {
            // Before an id counts as known: if the records cannot be written now, all of it is read again.
            others = try await tenants.others(in: piece, of: block)
            self.tenants = tenants
        }
        let repeated = repeats(of: piece, without: others)
        at = block.next
        guard !repeated.isEmpty || !others.isEmpty else { return piece }
        repeats += Int64(repeated.count)
        var rest = block
        var next = (others.isEmpty ? repeated : (repeated + others).sorted())[...]
        rest.entries = block.entries.indices.compactMap { index in
            guard next.first == index else { return block.entries[index] }
            next.removeFirst()
            return nil
        }
        return decoder.piece(rest, from: cursor)
    }

    /// Records whose id came before; from now on all of them have.
    ///
    /// - Parameter others: rising; records that are not looked at.
    private mutating func repeats(of piece: LogPiece, without others: [Int]) -> [Int] {
        var others = others[...]
        return (0..<piece.count).filter { record in
            if others.first == record {
                others.removeFirst()
                return false
            }
            return switch piece.kind(record) {
            case .siteEvent, .alert, .kpi: piece.events[record] >= 0 && !filter.insert(piece.batch, Int(piece.events[record]))
            case .incident:
                piece.header("event_id", record).flatMap { EventID($0) }.map { !filter.insert($0, of: "incident") } ?? false
            case .heartbeat, .canary, .route: false
            }
        }
    }

    /// Learns what came right before a place: exactly that, or what comes next would be taken for a repeat.
    private mutating func warm(before cursor: LogCursor) async throws {
        filter = RepeatFilter(generation: window)
        guard !cursor.parts.isEmpty else { return }
        let share = max(Self.warmRecords / Int64(cursor.parts.count), 1)
        var position = LogCursor(parts: cursor.parts.map { LogPart(name: $0.name, next: max($0.next - share, 0)) })
        while cursor.parts.contains(where: { (position.next(in: $0.name) ?? 0) < $0.next }) {
            try Task.checkCancellation()
            var block = try await log.fetchBlock(matching: patterns, from: position, maxRecords: Self.warmPiece, maxBytes: 16 << 20)
            guard block.next > position else { return }
            position = block.next
            let places = block.topics.map { log.place(of: $0) }
            var ends: [Int64: Int64] = [:]
            block.entries.removeAll { entry in
                let key = Int64(entry.topic) << 32 | Int64(entry.partition)
                let end = ends[key] ?? cursor.next(in: LogPart.name(places[Int(entry.topic)], entry.partition)) ?? 0
                ends[key] = end
                return entry.offset >= end
            }
            tenants?.admit(&block)
            let piece = decoder.piece(block, from: position)
            _ = repeats(of: piece, without: tenants?.others(in: piece) ?? [])
        }
    }
}
