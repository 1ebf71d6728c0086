import Glibc

/// One number for a row of measurements: their first principal component, signed so that it rises with wear.
struct HealthIndex: Sendable, Hashable {
    var weights: [Float]
    /// Value that a quarter of the history's rows lie above: worn, whatever the unit.
    var level: Float

    init(weights: [Float], level: Float) {
        self.weights = weights
        self.level = level
    }

    init(history: [LifeSeries]) {
        let width = history.first?.columns ?? 0
        var covariance = [Double](repeating: 0, count: width * width)
        for series in history {
            for cycle in 0..<series.cycles {
                for i in 0..<width {
                    let a = Double(series.values[cycle * width + i])
                    for j in 0..<width { covariance[i * width + j] += a * Double(series.values[cycle * width + j]) }
                }
            }
        }
        weights = Self.firstComponent(covariance, width).map(Float.init)
        level = 0
        var rise = 0.0
        for series in history where series.cycles > 1 {
            let health = self.health(series)
            let half = series.cycles / 2
            rise += Double(health[half...].reduce(0, +) / Float(series.cycles - half) - health[..<half].reduce(0, +) / Float(max(half, 1)))
        }
        if rise < 0 { weights = weights.map { -$0 } }
        var all = history.flatMap { self.health($0) }
        all.sort()
        level = all.isEmpty ? 0 : all[all.count * 3 / 4]
    }

    func health(_ series: LifeSeries) -> [Float] {
        (0..<series.cycles).map { cycle in
            var sum: Float = 0
            for column in 0..<series.columns { sum += weights[column] * series.values[cycle * series.columns + column] }
            return sum
        }
    }

    /// Power iteration from a fixed start.
    private static func firstComponent(_ matrix: [Double], _ width: Int) -> [Double] {
        var vector = (0..<width).map { 1 + 0.01 * Double($0) }
        for _ in 0..<200 {
            var next = [Double](repeating: 0, count: width)
            for i in 0..<width {
                for j in 0..<width { next[i] += matrix[i * width + j] * vector[j] }
            }
            var length = 0.0
            for part in next { length += part * part }
            guard length > 0 else { break }
            vector = next.map { $0 / length.squareRoot() }
        }
        return vector
    }
}
