import Glibc

/// What a cycle says of a unit's wear, from that cycle and earlier ones of the same unit alone.
///
/// - Shape: age; health smoothed and its highest so far; mean, slope and deviation of health over four windows; health less
///   its beginning; cycles and sum above a level; then for each measurement two exponential means, slope and deviation over
///   a window and the change since the beginning. Eighteen numbers and five a measurement.
struct LifeFeatures: Sendable {
    static let windows = [10, 20, 30, 50]
    /// Cycles that count as the beginning of a life.
    static let beginning = 20
    static let sensorWindow = 30
    static func count(sensors: Int) -> Int { 18 + 5 * sensors }

    private let series: LifeSeries
    private let health: [Float]
    private let level: Float
    private let width: Int
    private(set) var values: [Float]

    static func values(_ series: LifeSeries, _ index: HealthIndex) -> [Float] {
        var features = LifeFeatures(series, index)
        features.run()
        return features.values
    }

    private init(_ series: LifeSeries, _ index: HealthIndex) {
        self.series = series
        health = index.health(series)
        level = index.level
        width = Self.count(sensors: series.columns)
        values = [Float](repeating: 0, count: series.cycles * width)
    }

    private mutating func run() {
        var (quick, slow, highest) = (Float(0), Float(0), -Float.infinity)
        var (above, area) = (Float(0), Float(0))
        var start: Float = 0
        let sensors = series.columns
        var quickMeans = [Float](repeating: 0, count: sensors)
        var slowMeans = quickMeans
        var starts = quickMeans
        for cycle in 0..<series.cycles {
            let base = cycle * width
            let now = health[cycle]
            quick = cycle == 0 ? now : quick + 0.2 * (now - quick)
            slow = cycle == 0 ? now : slow + 0.07 * (now - slow)
            highest = max(highest, slow)
            let known = Float(min(cycle + 1, Self.beginning))
            if cycle < Self.beginning { start += (now - start) / known }
            if quick > level { above += 1 }
            area += max(0, quick - start)
            values[base] = Float(cycle)
            values[base + 1] = quick
            values[base + 2] = highest
            var at = base + 3
            for window in Self.windows {
                (values[at], values[at + 1], values[at + 2]) = Self.line(health, end: cycle, window: window, stride: 1, offset: 0)
                at += 3
            }
            values[at] = slow - start
            values[at + 1] = above
            values[at + 2] = area
            at += 3
            for sensor in 0..<sensors {
                let value = series.values[cycle * sensors + sensor]
                quickMeans[sensor] = cycle == 0 ? value : quickMeans[sensor] + 0.2 * (value - quickMeans[sensor])
                slowMeans[sensor] = cycle == 0 ? value : slowMeans[sensor] + 0.07 * (value - slowMeans[sensor])
                if cycle < Self.beginning { starts[sensor] += (value - starts[sensor]) / known }
                let line = Self.line(series.values, end: cycle, window: Self.sensorWindow, stride: sensors, offset: sensor)
                values[at] = quickMeans[sensor]
                values[at + 1] = slowMeans[sensor]
                values[at + 2] = line.slope
                values[at + 3] = line.deviation
                values[at + 4] = slowMeans[sensor] - starts[sensor]
                at += 5
            }
        }
    }

    /// Mean, slope a cycle and deviation around the mean of the last `window` values.
    private static func line(
        _ values: [Float], end: Int, window: Int, stride: Int, offset: Int
    ) -> (mean: Float, slope: Float, deviation: Float) {
        let count = min(window, end + 1)
        let first = end + 1 - count
        let middle = Float(count - 1) / 2
        var (sum, across, time): (Float, Float, Float) = (0, 0, 0)
        for step in 0..<count { sum += values[(first + step) * stride + offset] }
        let mean = sum / Float(count)
        var square: Float = 0
        for step in 0..<count {
            let away = values[(first + step) * stride + offset] - mean
            let t = Float(step) - middle
            across += t * away
            time += t * t
            square += away * away
        }
        return (mean, time > 0 ? across / time : 0, (square / Float(count)).squareRoot())
    }
}
