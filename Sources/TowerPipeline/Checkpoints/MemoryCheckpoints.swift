import Synchronization
public import TowerStreaming

/// Checkpoints in memory: for tests, and to be damaged by them.
public final class MemoryCheckpoints: CheckpointStore {
    private let kept = Mutex<[String: [LogCursor: [UInt8]]]>([:])

    public init() {}

    public func positions(group: String) async -> [LogCursor] { kept.withLock { Array(($0[group] ?? [:]).keys) } }

    public func read(group: String, at position: LogCursor) async -> [UInt8] { kept.withLock { $0[group]?[position] ?? [] } }

    public func write(_ bytes: [UInt8], group: String, at position: LogCursor) async {
        kept.withLock { $0[group, default: [:]][position] = bytes }
    }

    public func remove(group: String, at position: LogCursor) async { kept.withLock { $0[group]?[position] = nil } }
}
