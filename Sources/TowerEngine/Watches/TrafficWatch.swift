/// A cell that is on the air and serves nobody although its own past and its neighbours say that it should (DOMAIN S27).
struct TrafficWatch: WatchState {
    /// Which cell: a hash of its name, in two exact halves.
    var nameHigh = 0.0
    var nameLow = 0.0
    /// Slow mean of attempts, and the last count against it.
    var usual = 0.0
    var samples = 0.0
    var share = 1.0
    var quiet = 0.0
    var holds = 0.0

    mutating func visit(_ each: (inout Double) -> Void) {
        for field in [\Self.nameHigh, \.nameLow, \.usual, \.samples, \.share, \.quiet, \.holds] { each(&self[keyPath: field]) }
    }

    /// - Parameters:
    ///   - attempts: connection attempts of the period.
    ///   - others: the best share of their own usual traffic that the site's other cells have now; `nil` when there are none.
    mutating func take(attempts: Double, isAvailable: Bool, others: Double?) -> WatchVerdict {
        if samples == 0 { usual = attempts }
        samples += 1
        share = usual > 0 ? attempts / usual : 1
        let isQuiet = isAvailable && samples > 6 && usual >= 40 && share < 0.04 && (others ?? 0) > 0.25
        quiet = isQuiet ? quiet + 1 : 0
        // What nights and sleep would teach is left out.
        if share > 0.1 { usual += (samples < 12 ? 0.2 : 0.02) * (attempts - usual) }
        if holds == 0, quiet >= 3 {
            holds = 1
            return .begins
        }
        guard holds == 1, share > 0.15 else { return .same }
        holds = 0
        return .ends
    }
}
