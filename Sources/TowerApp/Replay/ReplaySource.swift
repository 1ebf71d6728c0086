import TowerJournal
import TowerStreaming

/// Where a replay reads: a window of the log in arrival order.
protocol ReplaySource {
    /// Sequences: from, and where to stop before.
    var window: Range<Int64> { get }
    /// The next records of the window, in order; `nil` at its end. `next` of the block is where to go on.
    mutating func next() async throws -> LogBlock?
}

/// The journal of a stopped server.
struct LogSource: ReplaySource {
    private let log: any EventLog
    private let patterns: [TopicPattern]
    private var cursor: LogCursor
    private let end: LogCursor
    let window: Range<Int64>
    private static let maxRecords = 16_384
    private static let maxBytes = 8 << 20

    init(log: any EventLog, patterns: [TopicPattern], from: LogCursor, to end: LogCursor) {
        self.log = log
        self.patterns = patterns
        self.end = end
        cursor = from
        window = from.sequence..<max(from.sequence, end.sequence)
    }

    mutating func next() async throws -> LogBlock? {
        guard cursor < end else { return nil }
        var block = try await log.fetchBlock(
            matching: patterns, from: cursor, maxRecords: Self.maxRecords, maxBytes: Self.maxBytes)
        guard block.next > cursor else { return nil }
        if block.next > end {
            let end = end.sequence
            block.entries.removeLast(block.entries.reversed().prefix { $0.sequence >= end }.count)
            block.next = self.end
        }
        cursor = block.next
        return block
    }
}
