import Synchronization
import TowerStreaming

/// What whole sealed segments add to a group's lag, so that asking again for a group far behind (paused, or stopped) reads no
/// index a second time.
final class LagCache: Sendable {
    struct Key: Hashable {
        var patterns: [TopicPattern]
        var series: Int
        var segment: UInt64
        var dataEnd: Int64
        /// Rises whenever records of a deleted topic stop counting.
        var deletions: Int64
    }
    struct Part {
        var count: Int64 = 0
        var oldestMs: Int64?
    }
    /// About 100 bytes each.
    private static let maxParts = 16_384
    private let parts = Mutex<[Key: Part]>([:])

    func find(_ key: Key) -> Part? { parts.withLock { $0[key] } }

    func insert(_ part: Part, for key: Key) {
        parts.withLock { parts in
            if parts.count >= Self.maxParts { parts.removeAll() }
            parts[key] = part
        }
    }
}
