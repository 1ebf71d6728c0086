import Foundation
import TowerModel

/// The machine's clock and randomness, read in this one place and passed on.
enum SystemSources {
    static let now: @Sendable () -> Timestamp = {
        Timestamp(seconds: Date().timeIntervalSince1970)
    }
    private static let start = ContinuousClock.now
    static let nowMilliseconds: @Sendable () -> Int64 = { now().milliseconds }
    /// Monotonic seconds.
    static let seconds: @Sendable () -> Double = {
        let passed = start.duration(to: .now).components
        return Double(passed.seconds) + Double(passed.attoseconds) / 1e18
    }
    static let randomBytes: @Sendable (Int) -> [UInt8] = { count in
        var generator = SystemRandomNumberGenerator()
        return (0..<count).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
    }
    /// A text that no other process has.
    static func token() -> String { randomBytes(8).map { String($0, radix: 16) }.joined() }
}
