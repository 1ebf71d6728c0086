/// Tells a string that is gone from one that floats: a floating string takes a small current, a missing one none at all.
///
/// The bus stays on the rectifier when a string is cut out, so nothing else changes (DOMAIN S09, S10).
struct FloatWatch: WatchState {
    /// Mean float current, A.
    var usual = 0.0
    var floated = 0.0
    var zeros = 0.0
    var isMissing = 0.0

    mutating func visit(_ each: (inout Double) -> Void) {
        each(&usual)
        each(&floated)
        each(&zeros)
        each(&isMissing)
    }

    /// - Parameters:
    ///   - amps: current of the string, charging positive.
    ///   - busVolts: the bus it hangs on; under 52.5 V nothing floats.
    mutating func take(amps: Double, busVolts: Double) -> WatchVerdict {
        guard busVolts >= 52.5, busVolts < 60 else { return .same }
        let flow = abs(amps)
        guard flow < 0.01 else {
            zeros = 0
            floated += 1
            usual += (flow - usual) / min(floated, 50)
            guard isMissing == 1, flow >= 0.03 else { return .same }
            isMissing = 0
            return .ends
        }
        zeros += 1
        // A string that has always shown nothing has no current sensor.
        guard isMissing == 0, floated >= 12, usual >= 0.05, zeros >= 8 else { return .same }
        isMissing = 1
        return .begins
    }
}
