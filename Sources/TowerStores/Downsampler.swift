public import TowerModel

/// Thins a series for a chart: beyond `maxPoints`, of every equal step its smallest and its largest value, where they stand,
/// so that a spike of one sample stays visible.
///
/// Memory: the points it will answer. Samples come in rising time.
public struct Downsampler {
    private let from: Int64
    private let step: Int64
    private let isThinning: Bool
    private var points: [[Double]] = []
    private var bucket: Int64 = -1
    private var low: (at: Int64, value: Double) = (0, 0)
    private var high: (at: Int64, value: Double) = (0, 0)
    private let maxPoints: Int

    /// - Parameter count: samples that will be added.
    public init(from: Timestamp, to: Timestamp, maxPoints: Int, count: Int) {
        self.from = from.microseconds
        self.maxPoints = maxPoints
        self.isThinning = count > maxPoints
        let buckets = Int64(max(maxPoints / 2, 1))
        self.step = max((to.microseconds - from.microseconds + buckets - 1) / buckets, 1)
    }

    public mutating func add(_ at: Timestamp, _ value: Double) {
        guard isThinning else {
            points.append([Double(at.milliseconds), value])
            return
        }
        let number = (at.microseconds - from) / step
        if number != bucket {
            flush()
            bucket = number
            low = (at.microseconds, value)
            high = low
            return
        }
        if value < low.value { low = (at.microseconds, value) }
        if value > high.value { high = (at.microseconds, value) }
    }

    private mutating func flush() {
        guard bucket >= 0 else { return }
        for point in low.at == high.at ? [low] : low.at < high.at ? [low, high] : [high, low] where points.count < maxPoints {
            points.append([Double(Timestamp(microseconds: point.at).milliseconds), point.value])
        }
    }

    public mutating func finish() -> [[Double]] {
        if isThinning { flush() }
        bucket = -1
        return points
    }
}
