import Glibc

/// Levels by hour of day and of week and spreads by hour of day of every seasonal series, in flat arrays.
///
/// A slot has 24 + 168 levels as 16-bit fixed point (the unit is the series' own `quantum`, doubled on overflow), as many
/// weights in minutes heard, and 24 mean residuals as logarithms: 624 bytes.
struct SeasonTables {
    static let hours = 24
    static let buckets = 24 + 168
    static let weightCap: Float = 240

    var location: [Int16] = []
    var weight: [UInt8] = []
    /// 256 times the logarithm to base 2 of the mean residual of an hour; `.min` where there is none.
    var spread: [Int16] = []

    mutating func addSlot() -> Int32 {
        let slot = weight.count / Self.buckets
        location.append(contentsOf: repeatElement(0, count: Self.buckets))
        weight.append(contentsOf: repeatElement(0, count: Self.buckets))
        spread.append(contentsOf: repeatElement(.min, count: Self.hours))
        return Int32(slot)
    }

    /// Level of an hour of the week and how far it can be trusted, 0...1.
    ///
    /// The hour of the week counts where `usesWeek` and it was heard for a quarter of an hour, the more the farther it is from the
    /// hour of the day in terms of `noise`; else the hour of the day speaks for it.
    func level(slot: Int32, hourOfWeek: Int, usesWeek: Bool, noise: Float, quantum: Float) -> (value: Float, confidence: Float) {
        let base = Int(slot) * Self.buckets
        let day = base + hourOfWeek % Self.hours
        let week = base + Self.hours + hourOfWeek
        let dayWeight = Float(weight[day])
        guard dayWeight > 0 else { return (0, 0) }
        let weekWeight = Float(weight[week])
        var value = Float(location[day]) * quantum
        if usesWeek, weekWeight >= 15 {
            let difference = Float(location[week]) * quantum - value
            let doubt = min(1, 16 * noise * noise / max(difference * difference, .leastNormalMagnitude))
            value += weekWeight / (weekWeight + 15 * doubt) * difference
        }
        return (value, dayWeight / (dayWeight + 20))
    }

    /// Moves the two buckets of an hour towards a level by a bounded step.
    ///
    /// - Parameters:
    ///   - minutes: how long the level speaks for.
    ///   - bound: largest pull; the first ten minutes of a bucket are free of it.
    ///   - dither: 0..<1, decides the rounding so that small steps are not lost.
    ///   - isWeekOnly: the hour of the day is left as it is.
    mutating func learn(
        slot: Int32, hourOfWeek: Int, level: Float, minutes: Float, bound: Float, quantum: inout Float, dither: Float,
        isWeekOnly: Bool = false
    ) {
        let base = Int(slot) * Self.buckets
        for part in (isWeekOnly ? 1 : 0)..<2 {
            let index = part == 0 ? base + hourOfWeek % Self.hours : base + Self.hours + hourOfWeek
            let weight = Float(self.weight[index])
            let current = Float(location[index]) * quantum
            var pull = level - current
            if weight >= 10 { pull = min(max(pull, -bound), bound) }
            let next = current + pull * minutes / (weight + minutes)
            var units = next / quantum
            while abs(units) > 32_000 {
                coarsen(slot: slot)
                quantum *= 2
                units = next / quantum
            }
            location[index] = Int16((units + dither).rounded(.down))
            self.weight[index] = UInt8(min(Self.weightCap, (weight + minutes).rounded(.up)))
        }
    }

    private mutating func coarsen(slot: Int32) {
        let base = Int(slot) * Self.buckets
        for index in base..<base + Self.buckets { location[index] /= 2 }
    }

    /// Span between the lowest and the highest hour of the day that were heard.
    func range(slot: Int32, quantum: Float) -> Float {
        let base = Int(slot) * Self.buckets
        var lowest = Int16.max
        var highest = Int16.min
        for hour in base..<base + Self.hours where weight[hour] > 0 {
            lowest = min(lowest, location[hour])
            highest = max(highest, location[hour])
        }
        return highest > lowest ? (Float(highest) - Float(lowest)) * quantum : 0
    }

    /// Mean residual of an hour of the day, drawn towards that of the whole series while it was heard little.
    func spread(slot: Int32, hour: Int, whole: Float) -> Float {
        let code = spread[Int(slot) * Self.hours + hour]
        guard code != .min else { return whole }
        let trust = Float(weight[Int(slot) * Self.buckets + hour])
        return whole + trust / (trust + 60) * (exp2f(Float(code) / 256) - whole)
    }

    /// Moves the mean residual of an hour towards one that was heard for half an hour.
    mutating func learnSpread(slot: Int32, hour: Int, size: Float) {
        let index = Int(slot) * Self.hours + hour
        let heard = log2f(max(size, 1e-30)) * 256
        guard spread[index] != .min else {
            spread[index] = Int16(min(max(heard, -32_000), 32_000).rounded(.down))
            return
        }
        let current = exp2f(Float(spread[index]) / 256)
        let next = log2f(max(current + 0.2 * (size - current), 1e-30)) * 256
        spread[index] = Int16(min(max(next, -32_000), 32_000).rounded(.down))
    }
}
