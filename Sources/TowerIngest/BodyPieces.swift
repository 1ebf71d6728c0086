import Glibc
import TowerWire

/// A body cut into the bytes of single events.
struct BodyPieces {
    struct Piece: Equatable {
        /// Line of the body or element of its array, from 1.
        var line: Int
        /// White space around it is cut off.
        var range: Range<Int>
        /// Set where the cutting itself found the fault.
        var fault: EnvelopeError.Code?
    }

    private(set) var pieces: [Piece] = []

    /// - Throws: 413 when there are more than `maxLines` pieces.
    init(_ body: UnsafeRawBufferPointer, as format: BodyFormat, maxLines: Int) throws(IngestError) {
        switch format {
        case .object: try add(body, 0..<body.count, line: 1, maxLines)
        case .lines: try cutLines(body, maxLines)
        case .array: try cutArray(body, maxLines)
        }
    }

    private mutating func cutLines(_ body: UnsafeRawBufferPointer, _ maxLines: Int) throws(IngestError) {
        var start = 0
        var line = 1
        while start < body.count {
            let end = Self.lineEnd(body, from: start)
            let range = Self.trimmed(body, start..<end)
            if !range.isEmpty { try append(Piece(line: line, range: range), maxLines) }
            start = end + 1
            line += 1
        }
    }

    private mutating func cutArray(_ body: UnsafeRawBufferPointer, _ maxLines: Int) throws(IngestError) {
        // The opening bracket is there: it is what made this an array.
        var start = (body.firstIndex(of: 0x5B) ?? 0) + 1
        var line = 1
        while true {
            let end = Extent.element(body, from: start)
            let range = Self.trimmed(body, start..<end)
            guard end < body.count else {
                // The array never closes; what is behind its last comma is at best an incomplete event.
                if !range.isEmpty { try append(Piece(line: line, range: range), maxLines) }
                return try append(Piece(line: range.isEmpty ? line : line + 1, range: end..<end, fault: .truncated), maxLines)
            }
            let isLast = body[end] == 0x5D
            // `[]` holds nothing; an empty place between commas is a fault of its own.
            if !range.isEmpty || !isLast || line > 1 { try append(Piece(line: line, range: range), maxLines) }
            start = end + 1
            line += 1
            guard isLast else { continue }
            let rest = Self.trimmed(body, start..<body.count)
            if !rest.isEmpty { try append(Piece(line: line, range: rest, fault: .trailingData), maxLines) }
            return
        }
    }

    private mutating func add(_ body: UnsafeRawBufferPointer, _ range: Range<Int>, line: Int, _ maxLines: Int) throws(IngestError)
    {
        try append(Piece(line: line, range: Self.trimmed(body, range)), maxLines)
    }

    private mutating func append(_ piece: Piece, _ maxLines: Int) throws(IngestError) {
        guard pieces.count < maxLines else {
            throw IngestError(.tooManyLines, status: 413, "The body has more than \(maxLines) events; split it")
        }
        pieces.append(piece)
    }

    /// The next line feed, or the end.
    private static func lineEnd(_ body: UnsafeRawBufferPointer, from start: Int) -> Int {
        guard let base = body.baseAddress, let found = memchr(base + start, 0x0A, body.count - start) else { return body.count }
        return UnsafeRawPointer(found) - base
    }

    private static func trimmed(_ body: UnsafeRawBufferPointer, _ range: Range<Int>) -> Range<Int> {
        var lower = range.lowerBound
        var upper = range.upperBound
        while lower < upper, BodyFormat.isSpace(body[lower]) { lower += 1 }
        while lower < upper, BodyFormat.isSpace(body[upper - 1]) { upper -= 1 }
        return lower..<upper
    }
}
