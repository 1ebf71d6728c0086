/// Waiting times between attempts: doubling from `first` to `longest`, `attempts` of them.
public struct Backoff: Sendable, Hashable {
    public var first: Duration
    public var longest: Duration
    /// Attempts before a transient error stops the group.
    public var attempts: Int

    public init(first: Duration = .milliseconds(50), longest: Duration = .seconds(30), attempts: Int = 100) {
        self.first = first
        self.longest = longest
        self.attempts = attempts
    }

    /// The wait after the `attempt`-th failure, counted from 1.
    func delay(after attempt: Int) -> Duration {
        let doubled = first * (1 << min(max(attempt - 1, 0), 30))
        return min(doubled, longest)
    }
}
