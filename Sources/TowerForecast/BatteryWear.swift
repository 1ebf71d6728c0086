import Glibc

/// State of health of one battery over time, and when it will be below what counts as worn out: a straight line, Bayesian.
///
/// Readings are folded into one a day (their median would need them all; their mean is enough, as controllers repeat
/// themselves). The line's prior is that of a float battery: 1 % a month, give or take 1.5; it never recovers in the mean.
///
/// - Unit: health as a ratio of rated capacity; seconds; answers in days. Missing data: days without readings weigh nothing.
/// - Bound: the newest `maximumDays` days count.
/// - Source: IEEE 1188: replace at 80 % of rated capacity.
public struct BatteryWear: Sendable, Hashable {
    public static let wornOut = 0.8
    public static let maximumDays = 1095
    /// Deviation of a day's mean from the line: a controller's estimate, not a capacity test.
    static let dayError = 0.02
    /// Ratio a day: mean and deviation of the slope before anything was heard.
    static let priorSlope = (mean: -0.01 / 30, deviation: 0.015 / 30)

    private var days: [Day] = []

    private struct Day: Sendable, Hashable {
        var number: Int
        var sum: Double
        var count: Double
        /// Weight of the day against a day of telemetry: a capacity test counts for more.
        var weight: Double
    }

    public init() {}

    /// Takes a reading; outside 20...120 % or late by more than the days kept, it says nothing.
    ///
    /// - Parameter isTest: a capacity test, five times as exact as a controller's estimate.
    public mutating func observe(health: Double, at seconds: Double, isTest: Bool = false) {
        guard (0.2...1.2).contains(health), seconds.isFinite, seconds.magnitude < 1e11 else { return }
        let number = Int((seconds / 86_400).rounded(.down))
        let share = isTest ? 25.0 : 1.0
        guard let last = days.last, number <= last.number else {
            days.append(Day(number: number, sum: health, count: 1, weight: share))
            if days.count > Self.maximumDays { days.removeFirst() }
            return
        }
        guard let index = days.lastIndex(where: { $0.number == number }) else { return }
        if isTest {
            // What was estimated that day is no longer of interest.
            days[index] = Day(number: number, sum: health, count: 1, weight: share)
        } else if days[index].weight == 1 {
            days[index].sum += health
            days[index].count += 1
        }
    }

    /// Health today and the days until it is worn out, as quantiles; `nil` before the first reading.
    ///
    /// - Shape: rising; days 0...7,300, which stands for "not within twenty years".
    public func forecast() -> (health: Quantiles, daysLeft: Quantiles)? {
        guard let last = days.last else { return nil }
        // Least squares of health = level + slope (day - last day), the slope with its prior; deviations known.
        let precision = 1 / (Self.dayError * Self.dayError)
        var (a, b, c) = (0.0, 0.0, 0.0)
        var (u, v) = (0.0, 0.0)
        for day in days {
            let t = Double(day.number - last.number)
            let w = precision * day.weight
            let health = day.sum / day.count
            a += w
            b += w * t
            c += w * t * t
            u += w * health
            v += w * t * health
        }
        return Self.line(a: a, b: b, c: c, u: u, v: v)
    }

    /// The line through weighted days, the slope with its prior.
    ///
    /// - Parameters: sums of weight, weight·t, weight·t², weight·health and weight·t·health; t in days, 0 for today.
    static func line(a: Double, b: Double, c: Double, u: Double, v: Double) -> (health: Quantiles, daysLeft: Quantiles)? {
        let priorPrecision = 1 / (priorSlope.deviation * priorSlope.deviation)
        let c = c + priorPrecision
        let v = v + priorPrecision * priorSlope.mean
        let determinant = a * c - b * b
        guard determinant > 0 else { return nil }
        let level = (c * u - b * v) / determinant
        let slope = (a * v - b * u) / determinant
        let levelDeviation = (c / determinant).squareRoot()
        let slopeDeviation = (a / determinant).squareRoot()
        let tie = -b / determinant
        func low(_ z: Double) -> Double { max(0, level + z * levelDeviation) }
        return (
            Quantiles(p10: low(-1.2816), p50: low(0), p90: low(1.2816)),
            crossing(level, slope, levelDeviation * levelDeviation, slopeDeviation * slopeDeviation, tie)
        )
    }

    /// Days after which the chance of being worn out passes 10, 50 and 90 %.
    private static func crossing(
        _ level: Double, _ slope: Double, _ levelVariance: Double, _ slopeVariance: Double, _ tie: Double
    ) -> Quantiles {
        let furthest = 7300.0
        func chance(_ day: Double) -> Double {
            let mean = level + min(slope, 0) * day
            let deviation = max(levelVariance + 2 * day * tie + day * day * slopeVariance, 1e-9).squareRoot()
            return 0.5 * erfc(-(wornOut - mean) / deviation / 2.0.squareRoot())
        }
        // The chance may fall again where the line is unsure: the first day at which it is passed counts.
        func first(_ share: Double) -> Double {
            var before = 0.0
            if chance(0) >= share { return 0 }
            for step in 1...730 {
                let day = Double(step) * 10
                if chance(day) >= share {
                    var (low, high) = (before, day)
                    for _ in 0..<20 {
                        let middle = (low + high) / 2
                        if chance(middle) >= share { high = middle } else { low = middle }
                    }
                    return high
                }
                before = day
            }
            return furthest
        }
        let (p10, p50) = (first(0.1), first(0.5))
        return Quantiles(p10: p10, p50: max(p10, p50), p90: max(p10, p50, first(0.9)))
    }
}

/// Three quantiles, rising.
public struct Quantiles: Sendable, Hashable {
    public var p10: Double
    public var p50: Double
    public var p90: Double
    public init(p10: Double, p50: Double, p90: Double) { (self.p10, self.p50, self.p90) = (p10, p50, p90) }
}
