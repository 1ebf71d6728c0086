import Glibc

/// The measurements that change over a life, and what is usual for each.
struct SensorSelection: Sendable, Hashable {
    /// Columns of `LifeUnit`, rising.
    var columns: [Int]
    var means: [Float]
    var deviations: [Float]

    init(columns: [Int], means: [Float], deviations: [Float]) {
        self.columns = columns
        self.means = means
        self.deviations = deviations
    }

    /// Chooses by trend: squared correlation with age, mean over the failed units.
    init(history: [LifeUnit], settings: LifeSettings) {
        let width = history.first?.columns ?? 0
        var trend = [Double](repeating: 0, count: width)
        for unit in history {
            for column in 0..<width { trend[column] += Self.squaredCorrelation(unit, column) }
        }
        let least = settings.minimumTrend * Double(max(history.count, 1))
        var ranked = (0..<width).filter { trend[$0] >= least }
        ranked.sort { trend[$0] == trend[$1] ? $0 < $1 : trend[$0] > trend[$1] }
        let chosen = ranked.prefix(settings.maximumSensors).sorted()
        var means: [Float] = []
        var deviations: [Float] = []
        for column in chosen {
            let moments = Self.moments(history, column)
            means.append(Float(moments.mean))
            deviations.append(Float(max(moments.deviation, 1e-9)))
        }
        self.init(columns: chosen, means: means, deviations: deviations)
    }

    func standardise(_ value: Float, _ index: Int) -> Float { min(max((value - means[index]) / deviations[index], -8), 8) }

    /// 0 for a constant or too short a column.
    private static func squaredCorrelation(_ unit: LifeUnit, _ column: Int) -> Double {
        var (count, time, value, timeSquare, valueSquare, product) = (0.0, 0.0, 0.0, 0.0, 0.0, 0.0)
        guard let begin = unit.times.first, let first = unit.values.dropFirst(column).first(where: { $0.isFinite }) else { return 0 }
        for row in 0..<unit.rows {
            let raw = unit.values[row * unit.columns + column]
            guard raw.isFinite else { continue }
            // Offsets taken off first: sums of squares of large, nearly equal numbers lose their difference.
            let (t, x) = (unit.times[row] - begin, Double(raw) - Double(first))
            count += 1
            time += t
            value += x
            timeSquare += t * t
            valueSquare += x * x
            product += t * x
        }
        guard count >= 5 else { return 0 }
        let across = product - time * value / count
        let (spreadTime, spreadValue) = (timeSquare - time * time / count, valueSquare - value * value / count)
        guard spreadTime > 0, spreadValue > 1e-12 * max(valueSquare, 1e-30), spreadValue > 0 else { return 0 }
        return min(1, across * across / (spreadTime * spreadValue))
    }

    private static func moments(_ history: [LifeUnit], _ column: Int) -> (mean: Double, deviation: Double) {
        var (count, mean, square) = (0.0, 0.0, 0.0)
        for unit in history {
            for row in 0..<unit.rows {
                let value = Double(unit.values[row * unit.columns + column])
                guard value.isFinite else { continue }
                count += 1
                let away = value - mean
                mean += away / count
                square += away * (value - mean)
            }
        }
        return (mean, (square / max(count, 1)).squareRoot())
    }
}
