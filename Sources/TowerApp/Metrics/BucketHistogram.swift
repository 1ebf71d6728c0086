import Synchronization

/// Durations since the start of the process, in Prometheus' cumulative form.
///
/// - Shape: bounds from 100 µs to five minutes, with one at each threshold that a rule asks for. Any thread may record; that
///   is one short lock and no allocation.
public final class BucketHistogram: Sendable {
    /// Upper bounds, seconds.
    public static let bounds: [Double] = [
        0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300,
    ]

    public struct Counts: Sendable {
        /// By bucket, not cumulative; the last is beyond every bound.
        public var buckets = [Int](repeating: 0, count: BucketHistogram.bounds.count + 1)
        public var sumSeconds = 0.0
    }
    private let state = Mutex(Counts())

    public init() {}

    public var counts: Counts { state.withLock { $0 } }
    public var count: Int { state.withLock { $0.buckets.reduce(0, +) } }

    public func record(seconds: Double, count: Int = 1) {
        let bounds = Self.bounds
        var low = 0
        var high = bounds.count
        while low < high {
            let middle = (low + high) / 2
            if bounds[middle] >= seconds { high = middle } else { low = middle + 1 }
        }
        let bucket = low
        state.withLock {
            $0.buckets[bucket] += count
            $0.sumSeconds += seconds * Double(count)
        }
    }

    public func record(_ duration: Duration) {
        record(seconds: Double(duration.components.seconds) + Double(duration.components.attoseconds) / 1e18)
    }
}

/// A histogram for each value of one label, from a list that is fixed when it is made.
final class HistogramFamily: Sendable {
    private let members: [String: BucketHistogram]

    init(_ labels: [String]) { members = Dictionary(uniqueKeysWithValues: labels.map { ($0, BucketHistogram()) }) }

    /// `nil` for a label that is not of the list: what is unknown is not counted, so that labels stay bounded.
    subscript(label: String) -> BucketHistogram? { members[label] }

    var sorted: [(label: String, histogram: BucketHistogram)] {
        members.sorted { $0.key < $1.key }.map { (label: $0.key, histogram: $0.value) }
    }
}
