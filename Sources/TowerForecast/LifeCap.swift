/// Remaining life at which wear begins to show, from failed units: before it units look alike, and no answer beyond it can be
/// told from another.
///
/// Never more than the shortest ordinary life: what lies beyond was lived by the long-lived alone and is true of them only.
enum LifeCap {
    /// Least squares of `a + b max(0, cap - r)^2` on health by remaining life, over caps from a quarter to the whole of the
    /// median life.
    ///
    /// A life below half the median is an early death and bounds nothing.
    static func learned(_ history: [LifeSeries], _ index: HealthIndex) -> Double {
        let lives = history.map(\.cycles).sorted()
        guard let longest = lives.last, longest > 0 else { return 1 }
        let median = lives[lives.count / 2]
        // Sums by remaining life are enough: the regressor depends on nothing else.
        var count = [Double](repeating: 0, count: longest)
        var sum = count
        for series in history {
            for (cycle, health) in index.health(series).enumerated() {
                count[series.cycles - 1 - cycle] += 1
                sum[series.cycles - 1 - cycle] += Double(health)
            }
        }
        var best = (gain: -Double.infinity, cap: Double(median))
        let step = max(1, median / 100)
        for cap in stride(from: max(2, median / 4), through: max(2, median), by: step) {
            var (n, x, y, xx, xy) = (0.0, 0.0, 0.0, 0.0, 0.0)
            for remaining in 0..<min(longest, median) {
                let away = Double(max(0, cap - remaining))
                let regressor = away * away
                n += count[remaining]
                x += count[remaining] * regressor
                xx += count[remaining] * regressor * regressor
                y += sum[remaining]
                xy += sum[remaining] * regressor
            }
            let (spread, across) = (xx - x * x / n, xy - x * y / n)
            guard spread > 0 else { continue }
            let gain = across * across / spread
            if gain > best.gain { best = (gain, Double(cap)) }
        }
        let shortest = lives.first { $0 * 2 >= median } ?? median
        return min(best.cap, Double(shortest))
    }
}
