/// Hour-of-day and hour-of-week levels and the residual histogram of every seasonal series, in flat arrays.
///
/// A slot has 24 + 168 levels as 16-bit fixed point (the unit is the series' own `quantum`, doubled on overflow), as many
/// weights in minutes heard, and 16 counters of residual size: 608 bytes.
struct SeasonTables {
    static let hours = 24
    static let buckets = 24 + 168
    static let bins = 16
    static let weightCap: Float = 240

    var location: [Int16] = []
    var weight: [UInt8] = []
    var histogram: [UInt16] = []

    mutating func addSlot() -> Int32 {
        let slot = weight.count / Self.buckets
        location.append(contentsOf: repeatElement(0, count: Self.buckets))
        weight.append(contentsOf: repeatElement(0, count: Self.buckets))
        histogram.append(contentsOf: repeatElement(0, count: Self.bins))
        return Int32(slot)
    }

    /// Level of an hour of the week and how far it can be trusted, 0...1.
    ///
    /// The hour of the week counts where `usesWeek` and it was heard for a quarter of an hour; else the hour of the day
    /// speaks for it.
    func level(slot: Int32, hourOfWeek: Int, usesWeek: Bool, quantum: Float) -> (value: Float, confidence: Float) {
        let base = Int(slot) * Self.buckets
        let day = base + hourOfWeek % Self.hours
        let week = base + Self.hours + hourOfWeek
        let dayWeight = Float(weight[day])
        guard dayWeight > 0 else { return (0, 0) }
        let weekWeight = Float(weight[week])
        var value = Float(location[day]) * quantum
        if usesWeek, weekWeight >= 15 {
            let trust = weekWeight / (weekWeight + 15)
            value += trust * (Float(location[week]) * quantum - value)
        }
        return (value, dayWeight / (dayWeight + 20))
    }

    /// Moves the two buckets of an hour towards a level by a bounded step.
    ///
    /// - Parameters:
    ///   - minutes: how long the level speaks for.
    ///   - bound: largest pull; the first ten minutes of a bucket are free of it.
    ///   - dither: 0..<1, decides the rounding so that small steps are not lost.
    mutating func learn(
        slot: Int32, hourOfWeek: Int, level: Float, minutes: Float, bound: Float, quantum: inout Float, dither: Float
    ) {
        let base = Int(slot) * Self.buckets
        for part in 0..<2 {
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

    /// Half-octave bin of a residual ratio, from half a deviation up.
    static func bin(_ ratio: Float) -> Int {
        // The exponent and the first mantissa bit of a float are its logarithm in half octaves.
        let halfOctaves = Int(ratio.bitPattern >> 22) - 252
        return min(max(halfOctaves, 0), bins - 1)
    }

    /// Counts a residual. At 4,096 all counters are halved, so that old behaviour fades.
    mutating func count(slot: Int32, bin: Int, total: inout UInt16) {
        let base = Int(slot) * Self.bins
        histogram[base + bin] += 1
        total += 1
        guard total >= 4096 else { return }
        total = 0
        for index in base..<base + Self.bins {
            histogram[index] /= 2
            total += histogram[index]
        }
    }

    /// How many past residuals were at least this large.
    func countAtLeast(slot: Int32, bin: Int) -> Int {
        let base = Int(slot) * Self.bins
        var sum = 0
        for index in base + bin..<base + Self.bins { sum += Int(histogram[index]) }
        return sum
    }
}
