import Glibc

/// Bayes over remaining life: how well the latest rows fit what failed units showed at each remaining life.
///
/// For every remaining life the mean of each measurement over the history is known; the likelihood of the last `window`
/// rows is tempered, because neighbouring rows and measurements repeat each other. Useless alone, worth having as features.
struct LifeFilter: Sendable, Hashable {
    static let window = 80
    static let temper = 0.25
    /// Answers a row: mean and deviation with the prior of how long units live, the same without, and how probable an end
    /// within a tenth of the horizon is.
    static let features = 5

    let columns: Int
    /// Remaining lives 0..<horizon are hypotheses; profiles go on to `reach` so that earlier rows of each can be compared.
    let horizon: Int
    let reach: Int
    /// Mean of each measurement at each remaining life, `reach` rows of `columns`.
    var profile: [Float]
    /// 1 / variance of each measurement around its profile.
    var precision: [Float]
    /// Log density of the whole life, a cycle each.
    var logLife: [Float]

    init(columns: Int, horizon: Int, reach: Int, profile: [Float], precision: [Float], logLife: [Float]) {
        (self.columns, self.horizon, self.reach) = (columns, horizon, reach)
        (self.profile, self.precision, self.logLife) = (profile, precision, logLife)
    }

    /// - Parameter history: failed units alone.
    init(history: [LifeSeries], horizon: Int) {
        columns = history.first?.columns ?? 0
        self.horizon = max(10, horizon)
        reach = self.horizon + Self.window
        profile = Self.smoothed(Self.profile(history, columns, reach), columns, reach)
        var squares = [Double](repeating: 0, count: columns)
        var count = 0.0
        for series in history {
            for cycle in max(0, series.cycles - reach)..<max(0, series.cycles) {
                let remaining = series.cycles - 1 - cycle
                count += 1
                for column in 0..<columns {
                    let away = Double(series.values[cycle * columns + column] - profile[remaining * columns + column])
                    squares[column] += away * away
                }
            }
        }
        precision = squares.map { Float(1 / max($0 / max(count, 1), 1e-4)) }
        logLife = Self.lifeDensity(history.map { Double($0.cycles) })
    }

    /// Means by remaining life; where fewer than three units lived so long, the last known mean goes on.
    private static func profile(_ history: [LifeSeries], _ columns: Int, _ reach: Int) -> [Float] {
        var profile = [Float](repeating: 0, count: reach * columns)
        for remaining in 0..<reach {
            let alive = history.filter { $0.cycles > remaining }
            for column in 0..<columns {
                if alive.count >= 3 || remaining == 0 {
                    var sum = 0.0
                    for series in alive { sum += Double(series.values[(series.cycles - 1 - remaining) * columns + column]) }
                    profile[remaining * columns + column] = Float(sum / Double(max(alive.count, 1)))
                } else {
                    profile[remaining * columns + column] = profile[(remaining - 1) * columns + column]
                }
            }
        }
        return profile
    }

    /// Mean of five neighbours on either side, fewer near the ends.
    private static func smoothed(_ profile: [Float], _ columns: Int, _ reach: Int) -> [Float] {
        var smooth = profile
        for remaining in 0..<reach {
            let half = min(5, remaining, reach - 1 - remaining)
            for column in 0..<columns {
                var sum: Float = 0
                for other in remaining - half...remaining + half { sum += profile[other * columns + column] }
                smooth[remaining * columns + column] = sum / Float(2 * half + 1)
            }
        }
        return smooth
    }

    /// Kernel estimate with Silverman's width and a floor: a life nobody has seen is improbable, not impossible.
    private static func lifeDensity(_ lives: [Double]) -> [Float] {
        guard let longest = lives.max() else { return [0] }
        let mean = lives.reduce(0, +) / Double(lives.count)
        let variance = lives.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(lives.count)
        let width = max(1.06 * variance.squareRoot() * pow(Double(lives.count), -0.2), 0.05 * mean, 1)
        return (0..<Int(longest * 1.5) + 2).map { life in
            var sum = 0.0
            for other in lives {
                let z = (Double(life) - other) / width
                sum += exp(-0.5 * z * z)
            }
            return Float(log(sum / Double(lives.count) + 1e-4))
        }
    }

    /// `features` numbers for each cycle of a unit, each from that cycle and earlier ones alone.
    func features(_ series: LifeSeries) -> [Float] {
        let cycles = series.cycles
        var result = [Float](repeating: 0, count: cycles * Self.features)
        guard cycles > 0, columns > 0 else { return result }
        // A hypothesis "remaining life r at cycle t" is the end d = t + r. For one end, misfits are summed along the life once
        // and a window of them is a difference of two sums.
        var misfit = [Float](repeating: 0, count: cycles * horizon)
        var sums = [Double](repeating: 0, count: cycles + 1)
        for end in 0..<cycles - 1 + horizon {
            let from = max(0, end - reach + 1)
            let to = min(cycles - 1, end)
            guard from <= to else { continue }
            sums[from] = 0
            for cycle in from...to {
                let remaining = end - cycle
                var sum: Float = 0
                for column in 0..<columns {
                    let away = series.values[cycle * columns + column] - profile[remaining * columns + column]
                    sum += away * away * precision[column]
                }
                sums[cycle + 1] = sums[cycle] + Double(sum)
                guard remaining < horizon else { continue }
                let begin = max(from, cycle + 1 - Self.window)
                misfit[cycle * horizon + remaining] = Float(sums[cycle + 1] - sums[begin])
            }
        }
        for cycle in 0..<cycles { summarise(cycle, misfit, into: &result) }
        return result
    }

    private func summarise(_ cycle: Int, _ misfit: [Float], into result: inout [Float]) {
        var (highest, highestPrior) = (-Double.infinity, -Double.infinity)
        func prior(_ remaining: Int) -> Double { Double(logLife[min(cycle + 1 + remaining, logLife.count - 1)]) }
        for remaining in 0..<horizon {
            let fit = -0.5 * Self.temper * Double(misfit[cycle * horizon + remaining])
            highest = max(highest, fit)
            highestPrior = max(highestPrior, fit + prior(remaining))
        }
        var plain = (weight: 0.0, mean: 0.0, square: 0.0)
        var informed = (weight: 0.0, mean: 0.0, square: 0.0, soon: 0.0)
        for remaining in 0..<horizon {
            let fit = -0.5 * Self.temper * Double(misfit[cycle * horizon + remaining])
            let r = Double(remaining)
            let p = exp(fit - highest)
            plain.weight += p
            plain.mean += p * r
            plain.square += p * r * r
            let q = exp(fit + prior(remaining) - highestPrior)
            informed.weight += q
            informed.mean += q * r
            informed.square += q * r * r
            if remaining * 10 < horizon { informed.soon += q }
        }
        let (a, b) = (plain.mean / plain.weight, informed.mean / informed.weight)
        let base = cycle * Self.features
        result[base] = Float(b)
        result[base + 1] = Float(max(0, informed.square / informed.weight - b * b).squareRoot())
        result[base + 2] = Float(a)
        result[base + 3] = Float(max(0, plain.square / plain.weight - a * a).squareRoot())
        result[base + 4] = Float(informed.soon / informed.weight)
    }
}
