import Synchronization

/// Durations in buckets that grow by a quarter, from 10 µs to about ten minutes; quantiles are right to within 12 %.
///
/// Two slots of `windowSeconds` each, so that quantiles speak of the last one to two windows, while `total` only grows.
/// Any thread may record; a record is one short lock and no allocation.
public final class LatencyHistogram: Sendable {
    private static let growth = 1.25
    private static let bucketCount = 80
    private static let smallestMs = 0.01

    private struct State {
        var current = [Int](repeating: 0, count: LatencyHistogram.bucketCount)
        var previous = [Int](repeating: 0, count: LatencyHistogram.bucketCount)
        var windowStart = 0.0
    }
    private let state = Mutex(State())
    /// Everything since the start, for Prometheus.
    public let total = BucketHistogram()
    private let windowSeconds: Double

    public init(windowSeconds: Double = 450) { self.windowSeconds = windowSeconds }

    /// Upper bound of a bucket in milliseconds.
    public static func upperBoundMs(_ bucket: Int) -> Double {
        var bound = smallestMs
        for _ in 0..<bucket { bound *= growth }
        return bound
    }
    private static let bounds: [Double] = (0..<bucketCount).map(upperBoundMs)

    /// - Parameter now: any monotonic number of seconds.
    public func record(milliseconds: Double, count: Int = 1, now: Double) {
        var low = 0
        var high = Self.bucketCount - 1
        while low < high {
            let middle = (low + high) / 2
            if Self.bounds[middle] >= milliseconds { high = middle } else { low = middle + 1 }
        }
        let bucket = low
        state.withLock { state in
            if now - state.windowStart > windowSeconds {
                state.previous = now - state.windowStart > 2 * windowSeconds ? [Int](repeating: 0, count: Self.bucketCount) : state.current
                state.current = [Int](repeating: 0, count: Self.bucketCount)
                state.windowStart = now
            }
            state.current[bucket] += count
        }
        total.record(seconds: milliseconds / 1000, count: count)
    }

    public struct Summary: Sendable {
        public var p50Ms: Double
        public var p99Ms: Double
        public var count: Int
        /// Non-empty buckets: upper bound in milliseconds, count.
        public var buckets: [(Double, Int)]
    }

    /// Of the last one to two windows.
    public func recent() -> Summary {
        let counts = state.withLock { state in zip(state.current, state.previous).map(+) }
        return Self.summarise(counts)
    }

    private static func summarise(_ counts: [Int]) -> Summary {
        let total = counts.reduce(0, +)
        func quantile(_ share: Double) -> Double {
            guard total > 0 else { return 0 }
            let rank = Int((Double(total) * share).rounded(.up))
            var seen = 0
            for (bucket, count) in counts.enumerated() {
                seen += count
                if seen >= rank { return bounds[bucket] }
            }
            return bounds[bucketCount - 1]
        }
        let buckets = counts.enumerated().filter { $0.element > 0 }.map { (bounds[$0.offset], $0.element) }
        return Summary(p50Ms: quantile(0.5), p99Ms: quantile(0.99), count: total, buckets: buckets)
    }
}
