import Synchronization
import TowerStreaming

/// Which dead letters nobody has treated, read from the log as it grows.
///
/// - A letter is treated when it was sent again and taken, put back into its topic, discarded or expired; a retry that is refused
///   leaves it waiting. After the watched hours a letter is no longer counted; it stays in the log.
/// - Bounds: `maxTracked` letters are held one by one, 32 bytes each; of more, the oldest.
final class DeadLetterWatch: Sendable {
    private struct Letter: Sendable {
        var topic: Int32
        var offset: Int64
        var timestampMs: Int64
    }
    private struct Place: Hashable {
        var topic: Int32
        var offset: Int64
    }
    private struct State {
        var cursor: LogCursor?
        /// By rising sequence.
        var letters: [Letter] = []
        var topics: [TopicName: Int32] = [:]
        /// Beyond `maxTracked`.
        var untracked = 0
    }
    private let log: any EventLog
    private let expiredTotal = Atomic<Int>(0)
    private let watchedMs: Int64
    private let state = Mutex(State())
    static let maxTracked = 262_144
    private static let maxTopics = 65_536

    init(log: any EventLog, watchedHours: Int) {
        self.log = log
        watchedMs = Int64(watchedHours) * 3_600_000
    }

    /// Reads what came since the last time. One caller at a time.
    func refresh(nowMs: Int64) async throws {
        var cursor: LogCursor
        if let known = state.withLock({ $0.cursor }) {
            cursor = known
        } else {
            cursor = try await log.cursor(atOrAfterMs: nowMs - watchedMs)
        }
        while true {
            // As a block: of a letter only its place is looked at.
            let slice = try await log.fetchBlock(
                matching: [.deadLetters, .deadLetterOutcomes], from: cursor, maxRecords: 4000, maxBytes: 4 << 20)
            state.withLock { state in
                var treated: Set<Place> = []
                for index in slice.entries.indices { Self.take(slice, index, &state, &treated) }
                if !treated.isEmpty {
                    state.letters.removeAll { treated.contains(Place(topic: $0.topic, offset: $0.offset)) }
                }
                state.cursor = slice.next
            }
            guard slice.next > cursor else { break }
            cursor = slice.next
        }
        state.withLock { $0.letters.removeAll { $0.timestampMs < nowMs - self.watchedMs } }
    }

    private static func take(_ block: LogBlock, _ index: Int, _ state: inout State, _ treated: inout Set<Place>) {
        let name = block.topic(index)
        guard TopicPattern.deadLetterOutcomes.matches(name) else {
            guard state.letters.count < maxTracked, state.topics[name] != nil || state.topics.count < maxTopics else {
                state.untracked += 1
                return
            }
            let topic = state.topics[name] ?? Int32(state.topics.count)
            state.topics[name] = topic
            let entry = block.entries[index]
            state.letters.append(Letter(topic: topic, offset: entry.offset, timestampMs: entry.timestampMs))
            return
        }
        guard let outcome = DeadLetterOutcome(block.record(index)), outcome.result.treats, let topic = state.topics[outcome.topic] else {
            return
        }
        if outcome.result == .expired {
            state.letters.removeAll { $0.topic == topic && $0.offset < outcome.offset }
        } else {
            treated.insert(Place(topic: topic, offset: outcome.offset))
        }
    }

    /// Those that this process recorded as too old.
    var expired: Int { expiredTotal.load(ordering: .relaxed) }
    func addExpired(_ count: Int) { expiredTotal.add(count, ordering: .relaxed) }

    /// How many wait, and since when the oldest, milliseconds.
    var untreated: (count: Int, oldestMs: Int64?) {
        state.withLock { ($0.letters.count + $0.untracked, $0.letters.first?.timestampMs) }
    }
}
