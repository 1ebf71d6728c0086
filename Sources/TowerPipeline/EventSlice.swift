import TowerModel
public import TowerStreaming

/// What a processor gets of the log: pieces that are shared with the other groups, cut to where the group stands and
/// filtered by what it wants.
public struct EventSlice: Sendable {
    struct Part: Sendable {
        var piece: LogPiece
        var records: Range<Int>
    }

    /// Records of one kind that follow each other in a piece.
    struct Run {
        let piece: LogPiece
        let kind: RecordKind
        let records: Range<Int>
        /// False where the kind is columnar and the records are no events: they are `poison()`.
        let isReadable: Bool

        /// The run as events; only where the kind is columnar and they are readable.
        var events: EventRun {
            EventRun(batch: piece.batch, events: piece.events[records], arrivedAt: piece.arrivedAt[records])
        }
    }

    /// Where to go on; past records that the group does not want, too.
    public let next: LogCursor
    /// Records that the group wants, unreadable ones included.
    public let count: Int
    let parts: [Part]
    let kinds: RecordKinds

    public var isEmpty: Bool { count == 0 }

    /// - Parameter pieces: at least one, `cursor` in the first or at its start, each holding the place where the one before
    ///   ended; it may begin before it.
    init(_ pieces: [LogPiece], of kinds: RecordKinds, from cursor: LogCursor, until end: LogCursor, maxRecords: Int) {
        var parts: [Part] = []
        var room = max(maxRecords, 1)
        var next = cursor
        for piece in pieces where piece.start < end {
            let first = piece.index(at: next)
            var last = piece.next > end ? piece.index(at: end) : piece.count
            next = max(next, min(piece.next, end))
            if last > first, last - first > room {
                last = first + room
                next = LogCursor(sequence: piece.positions[last].sequence)
            }
            room -= max(last - first, 0)
            if last > first { parts.append(Part(piece: piece, records: first..<last)) }
            if room == 0 { break }
        }
        self.parts = parts
        self.next = max(next, cursor)
        self.kinds = kinds
        count = parts.reduce(0) { $0 + Self.count($1, kinds) }
    }

    private init(parts: [Part], kinds: RecordKinds, next: LogCursor) {
        self.parts = parts
        self.kinds = kinds
        self.next = next
        count = parts.reduce(0) { $0 + Self.count($1, kinds) }
    }

    /// The same way through the log without a record in it.
    var emptied: EventSlice { EventSlice(parts: [], kinds: kinds, next: next) }

    /// The record of a slice that holds one that the group wants.
    var onlyRecord: StoredRecord? {
        guard count == 1 else { return nil }
        for part in parts {
            for record in part.records where kinds.contains(part.piece.kind(record)) { return part.piece.record(record) }
        }
        return nil
    }

    private static func count(_ part: Part, _ kinds: RecordKinds) -> Int {
        guard !part.piece.kinds.isEmpty else { return kinds.contains(.siteEvent) ? part.records.count : 0 }
        return part.records.reduce(0) { $0 + (kinds.contains(part.piece.kinds[$1]) ? 1 : 0) }
    }

    /// Append time of the newest record that the group wants, milliseconds.
    var newestMs: Int64? { newestPosition?.timestampMs }

    /// Place of the newest record that the group wants.
    var newestPosition: StoredPosition? {
        for part in parts.reversed() {
            for record in part.records.reversed() where kinds.contains(part.piece.kind(record)) {
                return part.piece.positions[record]
            }
        }
        return nil
    }

    /// Calls `body` with the wanted records in log order.
    func forEachRun(_ body: (Run) throws -> Void) rethrows {
        for part in parts {
            let piece = part.piece
            guard !piece.kinds.isEmpty else {
                if kinds.contains(.siteEvent) { 
                    try body(Run(piece: piece, kind: .siteEvent, records: part.records, isReadable: true))
                }
                continue
            }
            var start = part.records.lowerBound
            while start < part.records.upperBound {
                let kind = piece.kinds[start]
                let isReadable = !kind.isColumnar || piece.events[start] >= 0
                var end = start + 1
                while end < part.records.upperBound, piece.kinds[end] == kind,
                    !kind.isColumnar || (piece.events[end] >= 0) == isReadable
                { end += 1 }
                if kinds.contains(kind) {
                    try body(Run(piece: piece, kind: kind, records: start..<end, isReadable: isReadable))
                }
                start = end
            }
        }
    }

    /// The wanted records that could not be decoded, in log order.
    func poison() -> [PoisonRecord] {
        var found: [PoisonRecord] = []
        for part in parts {
            for bad in part.piece.unreadable where part.records.contains(bad.record) && kinds.contains(part.piece.kind(bad.record)) {
                found.append(PoisonRecord(record: part.piece.record(bad.record), code: bad.code, detail: bad.detail))
            }
        }
        return found
    }
}
