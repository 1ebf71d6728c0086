import Glibc

/// What a bank gave in a discharge, and what capacity that proves: the only test that a standby battery gets between two tests.
///
/// - Shape: readings of the bank's current while it discharges; ampere hours between them by the trapezoid.
/// - Unit: A (negative while discharging), hours since any fixed instant, °C; capacity as a share of the rated one at 25 °C and the
///   10-hour rate.
/// - Missing data: without readings the load of the inventory stands for the current, and the interval is as wide as that is wrong.
/// - Source: DOMAIN KPI 16 (0.6 % a kelvin; replaced under 80 %, IEEE 1188), Peukert's law for the rate.
struct DischargeBook: WatchState {
    /// Share of the rated capacity under which a bank is at its end of life.
    static let endOfLife = 0.8
    private static let leastAmps = 1.0
    /// Exponent of Peukert's law less one, and how far makes differ in it.
    private static let peukert = 0.1
    private static let peukertSpread = 0.05
    /// Relative standard deviation of a measured current, and of an inventory's load over a day.
    private static let meterSpread = 0.03
    private static let loadSpread = 0.25

    /// First and last reading of the discharge, hours and amperes; 0 amperes while it does not discharge.
    var firstAt = 0.0
    var firstAmps = 0.0
    var lastAt = 0.0
    var lastAmps = 0.0
    var ampHours = 0.0
    /// Charge before it, 0...1; not a number when not told.
    var chargeBefore = Double.nan
    var celsius = Double.nan
    /// The newest estimate, shares of the rated capacity; 0 before any.
    var p10 = 0.0
    var p50 = 0.0
    var p90 = 0.0

    mutating func visit(_ each: (inout Double) -> Void) {
        for field in [
            \Self.firstAt, \.firstAmps, \.lastAt, \.lastAmps, \.ampHours, \.chargeBefore, \.celsius, \.p10, \.p50, \.p90,
        ] { each(&self[keyPath: field]) }
    }

    /// A reading of the whole bank.
    ///
    /// - Parameter charge: 0...1, as the controller told it; only what it says at rest is believed.
    mutating func take(amps: Double, charge: Double?, celsius: Double?, hours: Double) {
        guard amps.isFinite, abs(amps) < 1e5, hours > lastAt else { return }
        guard amps < -Self.leastAmps else {
            (firstAmps, lastAmps, ampHours) = (0, 0, 0)
            if let charge, charge > 0, charge <= 1.02 { chargeBefore = min(1, charge) }
            lastAt = hours
            return
        }
        if firstAmps == 0 {
            (firstAt, firstAmps) = (hours, -amps)
        } else {
            ampHours += (hours - lastAt) * 0.5 * (lastAmps - amps)
        }
        (lastAt, lastAmps) = (hours, -amps)
        if let celsius, celsius > -40, celsius < 90 { self.celsius = celsius }
    }

    /// The capacity that a discharge proves whose end a disconnect told.
    ///
    /// - Parameters:
    ///   - hours: from its begin to the disconnect, which left `restCharge` in it (mean and standard deviation, shares of capacity).
    ///   - ratedAmpHours: of the bank; `loadAmps`: of the inventory, for when no current was read.
    /// - Returns: P10, P50 and P90 as shares of the rated capacity; `nil` where nothing can be said.
    mutating func capacity(
        from begin: Double, to end: Double, restCharge: (mean: Double, spread: Double), ratedAmpHours: Double, loadAmps: Double
    ) -> (p10: Double, p50: Double, p90: Double)? {
        let duration = end - begin
        guard duration > 0.02, duration < 96, ratedAmpHours > 0 else { return nil }
        // Only what was read in this discharge counts; the rest of the time is what was read next to it.
        let isRead = firstAmps > 0 && firstAt >= begin - 0.1 && firstAt < end
        guard isRead || loadAmps > 0 else { return nil }
        let lead = max(0, firstAt - begin)
        let tail = max(0, end - lastAt)
        let given = isRead ? ampHours + lead * firstAmps + tail * lastAmps : duration * loadAmps
        let unread = isRead ? min(1, (lead * firstAmps + tail * lastAmps) / max(given, 0.01)) : 1
        let full = chargeBefore.isNaN ? (0.95, 0.05) : (chargeBefore, 0.03)
        let depth = full.0 - restCharge.mean
        guard depth > 0.15, given > 0 else { return nil }
        let rate = pow(max(given / duration / (ratedAmpHours / 10), 0.1), Self.peukert)
        let warmth = celsius.isNaN ? 1 : min(1.1, max(0.7, 1 + 0.006 * (celsius - 25)))
        let share = given / depth * rate / warmth / ratedAmpHours
        let currentSpread = Self.meterSpread + (isRead ? 0.15 * unread : Self.loadSpread)
        let depthSpread = (full.1 * full.1 + restCharge.spread * restCharge.spread).squareRoot() / depth
        let rateSpread = Self.peukertSpread * abs(log(max(given / duration / (ratedAmpHours / 10), 0.1)))
        let warmthSpread = celsius.isNaN ? 0.04 : 0.01
        let spread =
            (currentSpread * currentSpread + depthSpread * depthSpread + rateSpread * rateSpread + warmthSpread * warmthSpread).squareRoot()
        let factor = exp(1.2816 * spread)
        (p10, p50, p90) = (share / factor, share, share * factor)
        return (p10, p50, p90)
    }

    /// Charge that a disconnect leaves in a bank, as far as makes and settings differ.
    static func restCharge(isFirst: Bool, isLithium: Bool) -> (mean: Double, spread: Double) {
        if isLithium { return isFirst ? (0.08, 0.05) : (0.03, 0.03) }
        return isFirst ? (0.14, 0.05) : (0.04, 0.03)
    }

    /// The estimate in words; `nil` before any.
    var words: String? {
        guard p50 > 0 else { return nil }
        func percent(_ share: Double) -> String { "\(Int((share * 100).rounded()))" }
        return "gave \(percent(p50)) % of its rated capacity (\(percent(p10)) to \(percent(p90)) %), end of life is 80 %"
    }
}
