import Glibc

/// Tells a string that is gone from one that floats: a floating string takes a small current, a missing one none at all, and
/// it carries nothing when its neighbours discharge or charge.
///
/// - The bus stays on the rectifier when a string is cut out, so nothing else changes (DOMAIN S09, S10).
/// - The float current is held at 25 °C (it doubles with ten kelvin), and two means of it, over half an hour and over half a day,
///   are held against its own usual value: a step to a third of it or less, far beyond the sensor's noise, that stays.
/// - A sensor that has always shown nothing is judged by the neighbours alone.
struct FloatWatch: WatchState {
    /// A string that is gone takes less than this share of what it took: noise, and what the sensor is off by.
    static let noneShare = 0.35

    /// Usual float current at 25 °C, A, how far single readings stray, and how many they rest on.
    var usual = 0.0
    var stray = 0.0
    var floated = 0.0
    /// Means of the last half hour and half day, and readings in a row that each was too low.
    var recent = 0.0
    var lately = 0.0
    var low = 0.0
    var lowLately = 0.0
    /// Sum of the readings in a row that were too low.
    var lowSum = 0.0
    /// Readings in a row in which the neighbours worked and this string did not.
    var idle = 0.0
    /// Equal readings in a row.
    var still = 0.0
    var isMissing = 0.0
    /// Newest current, for the neighbours, and how sure the last verdict was.
    var lastAmps = 0.0
    var confidence = 0.0

    mutating func visit(_ each: (inout Double) -> Void) {
        for field in [
            \Self.usual, \.stray, \.floated, \.recent, \.lately, \.low, \.lowLately, \.lowSum, \.idle, \.still, \.isMissing, \.lastAmps, \.confidence,
        ] { each(&self[keyPath: field]) }
    }

    /// - Parameters:
    ///   - amps: current of the string, charging positive.
    ///   - busVolts: the bus it hangs on; under 52.5 V nothing floats.
    ///   - celsius: of the string; not a number when not told.
    ///   - neighbours: mean current of the other strings now; not a number without any.
    ///   - cycles: the bank works every night, as where there is no grid: what it takes is the tail of a charge, never a float.
    mutating func take(
        amps: Double, busVolts: Double, celsius: Double = .nan, neighbours: Double = .nan, cycles: Bool = false
    ) -> WatchVerdict {
        defer { lastAmps = amps }
        still = amps == lastAmps ? still + 1 : 0
        // What the bank gives or takes is shared: a string that stands aside is not connected.
        if abs(neighbours) >= 3 {
            // A sensor that stands still at the usual float says nothing.
            let isFrozen = still >= 4 && usual >= 0.03 && amps > 0.7 * usual
            idle = !isFrozen && abs(amps) < 0.06 * abs(neighbours) ? idle + 1 : 0
            if idle >= 3, isMissing == 0 { return begin(0.99) }
        }
        // Charging after an outage says nothing of floating, except that the string is there.
        guard abs(amps) < 1.5 else { return amps > 0 || !neighbours.isNaN ? put(back: true) : .same }
        guard busVolts >= 52.5, busVolts < 60, !cycles else { return .same }
        let warmth = celsius.isNaN ? 1 : exp2(min(max(celsius - 25, -30), 40) / 10)
        let float = amps / warmth
        if floated == 0 { (usual, recent, lately) = (float, float, float) }
        // The tail of a charge is no float current.
        if floated >= 12, isMissing == 0, float > usual + max(0.1, 6 * stray) { return .same }
        floated += 1
        recent += 0.15 * (float - recent)
        lately += max(0.02, 1 / floated) * (float - lately)
        let noise = 1.25 * max(stray, 0.01)
        let least = 0.45 * abs(usual)
        let isLow = usual - recent > max(least, 0.03, 4.5 * 0.285 * noise)
        let isLowLately = floated > 150 && usual - lately > max(least, 0.02, 4.5 * 0.1 * noise)
        low = isLow ? low + 1 : 0
        lowSum = isLow ? lowSum + float : 0
        lowLately = isLowLately ? lowLately + 1 : 0
        if !isLow, !isLowLately, isMissing == 0 {
            stray += (floated < 12 ? 0.2 : 0.05) * (abs(float - usual) - stray)
            usual += (floated < 12 ? 0.2 : 0.008) * (float - usual)
        }
        // A string that has always shown nothing has no current sensor.
        let isNone = low > 0 ? lowSum / low < Self.noneShare * usual : recent < Self.noneShare * usual
        if isMissing == 0, floated >= 12, usual >= 0.03, isNone, low >= 4 || lowLately >= 24 {
            let distance = (usual - min(recent, lately)) / (0.285 * noise)
            return begin(min(0.99, 1 / (1 + exp(2 - distance))))
        }
        if isMissing == 0, low >= 24, !isNone { settle(at: lowSum / low) }
        return recent > 0.65 * usual ? put(back: isMissing == 1) : .same
    }

    /// Less than usual for hours and still far from none: what was usual was the tail of a charge.
    private mutating func settle(at float: Double) {
        (usual, lately) = (float, float)
        (low, lowLately, lowSum) = (0, 0, 0)
    }

    private mutating func begin(_ sure: Double) -> WatchVerdict {
        isMissing = 1
        confidence = sure
        return .begins
    }

    private mutating func put(back isThere: Bool) -> WatchVerdict {
        idle = 0
        guard isThere, isMissing == 1 else { return .same }
        isMissing = 0
        low = 0
        lowLately = 0
        lately = recent
        return .ends
    }
}
