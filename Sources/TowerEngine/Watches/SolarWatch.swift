/// Panels that give nothing in full sun (theft, S29) or a little less every day (soiling).
struct SolarWatch: WatchState {
    /// Usual share of nameplate power in full sun.
    var usual = 0.0
    var bright = 0.0
    var dark = 0.0
    var isMissing = 0.0
    /// Best share of the running day, its day number, and slow means of the daily best: a week, two months.
    var best = 0.0
    var dayNumber = -1.0
    var days = 0.0
    var week = 0.0
    var season = 0.0
    var isWeak = 0.0

    mutating func visit(_ each: (inout Double) -> Void) {
        for field in [
            \Self.usual, \.bright, \.dark, \.isMissing, \.best, \.dayNumber, \.days, \.week, \.season, \.isWeak,
        ] { each(&self[keyPath: field]) }
    }

    /// - Parameters:
    ///   - wattsPerSquareMetre: irradiance in the plane of the panels.
    ///   - peak: nameplate, kW; 1 where it is not known, as only ratios count.
    mutating func take(
        day: Double, wattsPerSquareMetre: Double, kilowatts: Double, peak: Double
    ) -> (missing: WatchVerdict, weakness: WatchVerdict) {
        guard wattsPerSquareMetre > 250, wattsPerSquareMetre < 1_600, kilowatts >= 0, peak > 0 else { return (.same, .same) }
        let share = kilowatts / (peak * wattsPerSquareMetre / 1_000)
        let weakness = close(day: day, share: share)
        bright += 1
        if bright == 1 { usual = share }
        dark = bright > 6 && usual > 0.15 && share < 0.04 ? dark + 1 : 0
        if share > 0.3 * usual { usual += (bright < 12 ? 0.2 : 0.02) * (share - usual) }
        if isMissing == 0, dark >= 3 {
            isMissing = 1
            return (.begins, weakness)
        }
        guard isMissing == 1, share > 0.5 * usual else { return (.same, weakness) }
        isMissing = 0
        return (.ends, weakness)
    }

    private mutating func close(day: Double, share: Double) -> WatchVerdict {
        guard day != dayNumber else {
            best = max(best, share)
            return .same
        }
        defer {
            dayNumber = day
            best = share
        }
        guard dayNumber >= 0, isMissing == 0 else { return .same }
        days += 1
        if days == 1 {
            week = best
            season = best
        }
        week += (best - week) / min(days, 7)
        season += (best - season) / min(days, 60)
        if isWeak == 0, days >= 12, week < 0.975 * season {
            isWeak = 1
            return .begins
        }
        guard isWeak == 1, week > 0.99 * season else { return .same }
        isWeak = 0
        return .ends
    }
}
