/// Tells a string that is gone from one that floats: a floating string takes a small current, a missing one none at all.
///
/// The bus stays on the rectifier when a string is cut out, so nothing else changes (DOMAIN S09, S10).
struct FloatWatch: WatchState {
    /// Mean float current, A, how far it strays, and how many samples they rest on.
    var usual = 0.0
    var stray = 0.0
    var floated = 0.0
    /// Mean of the last few samples, sign and all: noise around zero cancels.
    var recent = 0.0
    var low = 0.0
    var isMissing = 0.0

    mutating func visit(_ each: (inout Double) -> Void) {
        for field in [\Self.usual, \.stray, \.floated, \.recent, \.low, \.isMissing] { each(&self[keyPath: field]) }
    }

    /// - Parameters:
    ///   - amps: current of the string, charging positive.
    ///   - busVolts: the bus it hangs on; under 52.5 V nothing floats.
    mutating func take(amps: Double, busVolts: Double) -> WatchVerdict {
        guard busVolts >= 52.5, busVolts < 60 else { return .same }
        // Charging after an outage says nothing of floating, except that the string is there.
        guard abs(amps) < 1.5 else { return amps > 0 ? put(back: true) : .same }
        if floated == 0 {
            usual = amps
            recent = amps
        }
        floated += 1
        recent += 0.25 * (amps - recent)
        let isLow = recent < 0.3 * usual && usual - recent > 2.2 * stray
        low = isLow ? low + 1 : 0
        if !isLow, isMissing == 0 {
            stray += (floated < 12 ? 0.2 : 0.05) * (abs(amps - usual) - stray)
            usual += (floated < 12 ? 0.2 : 0.02) * (amps - usual)
        }
        // A string that has always shown nothing has no current sensor.
        if isMissing == 0, floated >= 12, usual >= 0.04, low >= 3 {
            isMissing = 1
            return .begins
        }
        return recent > 0.6 * usual ? put(back: isMissing == 1) : .same
    }

    private mutating func put(back isThere: Bool) -> WatchVerdict {
        guard isThere, isMissing == 1 else { return .same }
        isMissing = 0
        low = 0
        return .ends
    }
}
