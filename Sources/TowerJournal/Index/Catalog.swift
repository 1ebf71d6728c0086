import Synchronization
import TowerStreaming

/// Everything readers need to find a durable record: topics, segments and their indexes.
///
/// - Concurrency: the writer publishes after a sync; readers copy what they need and read the disk outside the lock.
final class Catalog: Sendable {
    struct State {
        var topics = TopicTable()
        /// By class, each from the oldest; the last one is being written.
        var series: [[Segment]] = Array(repeating: [], count: RetentionClass.seriesCount)
        /// Everything below is durable and readable.
        var end: Int64 = 0
        var lastTimestampMs: Int64 = 0
        var groups = GroupTable()
        /// Offsets of topics that were deleted, or deleted and made anew.
        var deletedBelow: [UInt32: Int64] = [:]
        var damage: [RecoveryReport.DamagedRange] = []
        /// Topics by pattern list: which numbers match. Extended as topics come.
        var matches: [[TopicPattern]: PatternMatches] = [:]
    }
    let state: Mutex<State>

    init(_ state: consuming sending State) {
        self.state = Mutex(state)
    }

    func read<Answer: Sendable>(_ body: (borrowing State) throws -> Answer) rethrows -> Answer {
        try state.withLock { try body($0) }
    }

    /// Damage is kept for the operator; the bound keeps a rotten disk from filling the memory.
    func note(_ range: RecoveryReport.DamagedRange) {
        state.withLock { state in
            if state.damage.count < 10_000, !state.damage.contains(range) { state.damage.append(range) }
        }
    }
}

/// Which topic numbers a list of patterns covers, as a bit each.
struct PatternMatches {
    private(set) var bits: [UInt64] = []
    private(set) var knownTopics = 0
    /// Classes with at least one matching topic.
    private(set) var classes: Set<RetentionClass> = []

    @inline(__always)
    func contains(_ number: UInt32) -> Bool {
        let word = Int(number >> 6)
        return word < bits.count && bits[word] >> UInt64(number & 63) & 1 != 0
    }

    mutating func extend(_ table: TopicTable, patterns: [TopicPattern]) {
        let texts = patterns.map { pattern in
            let parts = pattern.text.utf8.split(separator: UInt8(ascii: "*"), maxSplits: 1, omittingEmptySubsequences: false)
            return parts.map { Array($0) }
        }
        while knownTopics < table.count {
            if knownTopics & 63 == 0 { bits.append(0) }
            let name = table.bytes(knownTopics)
            if texts.contains(where: { Self.isMatch(name, $0) }) {
                bits[knownTopics >> 6] |= 1 << UInt64(knownTopics & 63)
                classes.insert(table.states[knownTopics].retention)
            }
            knownTopics += 1
        }
    }

    /// As `TopicPattern.matches`, on bytes: names have one byte a character.
    private static func isMatch(_ name: UnsafeRawBufferPointer, _ pattern: [[UInt8]]) -> Bool {
        guard pattern.count == 2 else { return name.elementsEqual(pattern[0]) }
        return name.count >= pattern[0].count + pattern[1].count && name.starts(with: pattern[0])
            && name.suffix(pattern[1].count).elementsEqual(pattern[1])
    }
}

extension Catalog.State {
    static let maxCachedPatterns = 256

    /// The topics that match, numbers given so far. The cache forgets everything when too many lists are asked for.
    mutating func matches(_ patterns: [TopicPattern]) -> PatternMatches {
        if matches[patterns] == nil, matches.count >= Self.maxCachedPatterns { matches.removeAll() }
        let topics = self.topics
        var found = matches[patterns] ?? PatternMatches()
        if found.knownTopics < topics.count {
            matches[patterns] = nil
            found.extend(topics, patterns: patterns)
            matches[patterns] = found
        }
        return found
    }
}
