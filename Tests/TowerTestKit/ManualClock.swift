import Synchronization

/// A clock that moves when the test says so.
public final class ManualClock: Sendable {
    private let now: Mutex<Int64>

    /// - Parameter startMs: milliseconds since the epoch.
    public init(startMs: Int64 = 1_000_000) { now = Mutex(startMs) }

    public var nowMs: Int64 { now.withLock { $0 } }
    public func advance(byMs delta: Int64) { now.withLock { $0 += delta } }

    /// For `clock:` parameters.
    public var milliseconds: @Sendable () -> Int64 { { self.nowMs } }
}
