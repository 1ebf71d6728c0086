import TowerModel
import TowerStreaming

/// Decoded pieces by their place in the log, none over another, within a bound of bytes.
struct PieceRing: Sendable {
    /// What goes first when the bound is reached.
    enum Eviction: Sendable {
        /// The lowest place: for the log's end.
        case lowest
        /// The one that came first: for readers far behind, wherever they are.
        case oldest
    }

    private let eviction: Eviction
    private let maxBytes: Int
    private let maxPieces: Int
    /// Sorted by start from `head` on; before it are the evicted, until they are cut off together.
    private var pieces: [LogPiece?] = []
    private var head = 0
    private var arrivals: [Int64] = []
    private var arrival: Int64 = 0
    private(set) var bytes = 0

    init(eviction: Eviction, maxBytes: Int, maxPieces: Int) {
        self.eviction = eviction
        self.maxBytes = maxBytes
        self.maxPieces = maxPieces
    }

    var count: Int { pieces.count - head }
    var first: LogPiece? { head < pieces.count ? pieces[head] : nil }

    /// Index of the first piece that starts after `cursor`.
    private func upperBound(_ cursor: LogCursor) -> Int {
        // The end is where nearly everybody looks.
        guard let last = pieces.last, let last, last.start > cursor else { return pieces.count }
        var low = head
        var high = pieces.count
        while low < high {
            let middle = (low + high) / 2
            if let piece = pieces[middle], piece.start <= cursor { low = middle + 1 } else { high = middle }
        }
        return low
    }

    /// The piece that holds `cursor` and those that follow it without a hole, until they are `maxRecords` or `maxBytes`.
    func chain(from cursor: LogCursor, maxRecords: Int, maxBytes: Int) -> [LogPiece] {
        var index = upperBound(cursor) - 1
        guard index >= head, let piece = pieces[index], cursor < piece.next else { return [] }
        var chain = [piece]
        var records = piece.count - piece.index(at: cursor)
        var bytes = piece.batch.bytes.count
        var next = piece.next
        index += 1
        while index < pieces.count, records < maxRecords, let piece = pieces[index], piece.start == next {
            bytes += piece.batch.bytes.count
            guard bytes <= maxBytes else { break }
            chain.append(piece)
            records += piece.count
            next = piece.next
            index += 1
        }
        return chain
    }

    /// Where the first piece after `cursor` starts.
    func nextStart(after cursor: LogCursor) -> LogCursor? {
        let index = upperBound(cursor)
        return index < pieces.count ? pieces[index]?.start : nil
    }

    /// Adds a piece unless one is there already. Answers what had to go, so that it is freed where no lock is held.
    mutating func insert(_ piece: LogPiece) -> [LogPiece] {
        guard piece.start < piece.next else { return [] }
        let index = upperBound(piece.start)
        if index > head, let before = pieces[index - 1], before.next > piece.start { return [piece] }
        if index < pieces.count, let after = pieces[index], after.start < piece.next { return [piece] }
        pieces.insert(piece, at: index)
        arrivals.insert(arrival, at: index)
        arrival += 1
        bytes += piece.size
        var evicted: [LogPiece] = []
        while bytes > maxBytes || count > maxPieces, let gone = evict() { evicted.append(gone) }
        return evicted
    }

    private mutating func evict() -> LogPiece? {
        guard head < pieces.count else { return nil }
        var index = head
        if eviction == .oldest {
            for other in head..<pieces.count where arrivals[other] < arrivals[index] { index = other }
        }
        guard let gone = pieces[index] else { return nil }
        bytes -= gone.size
        if index == head {
            pieces[head] = nil
            head += 1
            if head >= 64, head * 2 > pieces.count {
                pieces.removeFirst(head)
                arrivals.removeFirst(head)
                head = 0
            }
        } else {
            pieces.remove(at: index)
            arrivals.remove(at: index)
        }
        return gone
    }
}
