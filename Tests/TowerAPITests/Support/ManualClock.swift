import Synchronization
import TowerModel

/// A clock that stands until the test moves it.
final class ManualClock: Sendable {
    private let instant: Mutex<Timestamp>
    init(_ text: String = "2026-01-15T03:07:00.000Z") { instant = Mutex(Timestamp(text) ?? Timestamp(microseconds: 0)) }
    var now: Timestamp { instant.withLock { $0 } }
    func advance(seconds: Double) { instant.withLock { $0 = $0.adding(seconds: seconds) } }
}

/// Bytes that look random and are the same in every run.
final class SeededBytes: Sendable {
    private let state: Mutex<UInt64>
    init(seed: UInt64) { state = Mutex(seed) }
    func next(_ count: Int) -> [UInt8] {
        state.withLock { state in
            (0..<count).map { _ in
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                return UInt8(truncatingIfNeeded: state >> 33)
            }
        }
    }
}
