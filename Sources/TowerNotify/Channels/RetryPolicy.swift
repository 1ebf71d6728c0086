/// How often and when a delivery is tried again.
public struct RetryPolicy: Sendable {
    public var attemptsMax: Int
    public var firstDelaySeconds: Double
    public var delaySecondsMax: Double

    public init(attemptsMax: Int = 10, firstDelaySeconds: Double = 1, delaySecondsMax: Double = 300) {
        self.attemptsMax = max(1, attemptsMax)
        self.firstDelaySeconds = firstDelaySeconds
        self.delaySecondsMax = delaySecondsMax
    }

    /// Seconds to wait after so many failed attempts (from 1): four times as long each time, at least as long as the other
    /// side asked for, never longer than the bound.
    public func delaySeconds(after attempts: Int, retryAfterSeconds: Int?) -> Double {
        var delay = firstDelaySeconds
        for _ in 1..<max(1, min(attempts, 30)) { delay = min(delay * 4, delaySecondsMax) }
        if let asked = retryAfterSeconds { delay = max(delay, Double(asked)) }
        return min(delay, delaySecondsMax)
    }
}
