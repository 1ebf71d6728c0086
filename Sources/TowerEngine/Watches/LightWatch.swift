/// An obstruction light that takes less current by night than it used to (DOMAIN S21).
struct LightWatch: WatchState {
    var usual = 0.0
    var nights = 0.0
    var weak = 0.0
    var holds = 0.0

    mutating func visit(_ each: (inout Double) -> Void) {
        for field in [\Self.usual, \.nights, \.weak, \.holds] { each(&self[keyPath: field]) }
    }

    /// - Parameter lux: daylight; `nil` where it is not measured, and a light that never goes off is watched as it is.
    mutating func take(amps: Double, lux: Double?) -> WatchVerdict {
        guard amps >= 0, (lux ?? 0) < 50 else { return .same }
        if nights == 0 { usual = amps }
        nights += 1
        weak = nights > 6 && usual > 0.05 && amps < 0.75 * usual ? weak + 1 : 0
        if amps > 0.85 * usual { usual += (nights < 12 ? 0.2 : 0.02) * (amps - usual) }
        if holds == 0, weak >= 2 {
            holds = 1
            return .begins
        }
        guard holds == 1, amps > 0.85 * usual else { return .same }
        holds = 0
        return .ends
    }
}
