/// A shelter that is warmer inside than the weather explains, at once (S06) or a little more every day (S07).
struct HeatWatch: WatchState {
    /// Slow mean of inside minus outside, K, and how many samples it rests on.
    var usual = 0.0
    var samples = 0.0
    var above = 0.0
    var isHeating = 0.0
    /// The same mean over about a day and over about two weeks.
    var day = 0.0
    var fortnight = 0.0
    var isWeak = 0.0

    mutating func visit(_ each: (inout Double) -> Void) {
        for field in [\Self.usual, \.samples, \.above, \.isHeating, \.day, \.fortnight, \.isWeak] { each(&self[keyPath: field]) }
    }

    /// - Returns: what the sample says of heating now, and of cooling that fades.
    mutating func take(inside: Double, outside: Double) -> (heating: WatchVerdict, weakness: WatchVerdict) {
        guard inside > -40, inside < 90, outside > -50, outside < 65 else { return (.same, .same) }
        let gap = inside - outside
        samples += 1
        if samples == 1 {
            usual = gap
            day = gap
            fortnight = gap
        }
        let excess = gap - usual
        if excess < 5 { usual += (samples < 24 ? 0.2 : 0.01) * excess }
        above = excess >= 7 && inside >= 31 ? above + 1 : 0
        var heating = WatchVerdict.same
        if isHeating == 0, above >= 2, samples > 12 {
            isHeating = 1
            heating = .begins
        } else if isHeating == 1, excess < 3.5 {
            isHeating = 0
            heating = .ends
        }
        return (heating, drift(gap))
    }

    private mutating func drift(_ gap: Double) -> WatchVerdict {
        day += (gap - day) / min(samples, 288)
        fortnight += (gap - fortnight) / min(samples, 4_032)
        // A fortnight's mean trails a steady rise by about a week's worth of it.
        if isWeak == 0, samples > 1_440, day - fortnight > 1.5, isHeating == 0 {
            isWeak = 1
            return .begins
        }
        guard isWeak == 1, day - fortnight < 0.5 else { return .same }
        isWeak = 0
        return .ends
    }
}
