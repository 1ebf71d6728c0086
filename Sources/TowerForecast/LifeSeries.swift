import Glibc

/// A unit's life on an even grid: one row of chosen, standardised measurements a cycle.
///
/// Samples of one cycle are averaged, a cycle without any repeats the one before, and a measurement not heard yet counts as
/// usual. So lost and uneven samples move no later row.
struct LifeSeries: Sendable {
    var cycles: Int
    var columns: Int
    /// `cycles` rows of `columns`.
    var values: [Float]
    /// Ended by a failure just behind its last cycle; else it is still at work.
    var hasFailed: Bool

    func remaining(at cycle: Int) -> Double { Double(cycles - 1 - cycle) }

    /// - Parameter period: seconds a cycle.
    init(_ unit: LifeUnit, sensors: SensorSelection, period: Double, maximumCycles: Int) {
        columns = sensors.columns.count
        hasFailed = unit.failedAt != nil
        guard let begin = unit.times.first, let end = unit.times.last, period > 0 else {
            (cycles, values) = (0, [])
            return
        }
        // What is longer than anything in the history keeps its latest part.
        let length = (end - begin) / period
        let count = Int(min(length, 1e8).rounded()) + 1
        let kept = min(count, maximumCycles * 4)
        let skipped = count - kept
        cycles = kept
        values = [Float](repeating: 0, count: kept * columns)
        var sums = [Double](repeating: 0, count: columns)
        var heard = [Int](repeating: 0, count: columns)
        var last = [Float](repeating: 0, count: columns)
        var row = 0
        for cycle in 0..<count {
            for column in 0..<columns { (sums[column], heard[column]) = (0, 0) }
            while row < unit.rows, Int(((unit.times[row] - begin) / period).rounded()) <= cycle {
                for (column, source) in sensors.columns.enumerated() {
                    let value = unit.values[row * unit.columns + source]
                    guard value.isFinite else { continue }
                    sums[column] += Double(sensors.standardise(value, column))
                    heard[column] += 1
                }
                row += 1
            }
            for column in 0..<columns where heard[column] > 0 { last[column] = Float(sums[column] / Double(heard[column])) }
            guard cycle >= skipped else { continue }
            for column in 0..<columns { values[(cycle - skipped) * columns + column] = last[column] }
        }
    }
}
