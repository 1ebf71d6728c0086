/// Double entry for a tank: what left it against what the generator burned, what came against what was paid for.
///
/// - Theft: the level is at least `theftLitres` under its own recent mean with the generator off, twice in a row, and no
///   burn explains it (S11). Siphon: what is lost while nothing runs, summed over days (S12).
/// - Source of the burn: about 0.4 l/h and 0.263 l/kWh for small sets (DOMAIN KPI 19).
struct FuelLedger: WatchState {
    static let theftLitres = 8.0
    static let siphonLitresADay = 0.6

    /// Mean of the level less burn, litres; its noise; and how many samples they rest on.
    var mean = 0.0
    var noise = 0.5
    var samples = 0.0
    var below = 0.0
    var lowest = 0.0
    var burned = 0.0
    var lastHours = 0.0
    /// Level at the last sample, and whether the generator ran between.
    var lastLevel = 0.0
    /// Lost while nothing ran, in total, and when the book was opened, in days.
    var lostIdle = 0.0
    var openedDay = -1.0
    var segments = 0.0
    var isSiphoned = 0.0
    /// Litres of the theft that was said last.
    var stolen = 0.0

    mutating func visit(_ each: (inout Double) -> Void) {
        for field in [
            \Self.mean, \.noise, \.samples, \.below, \.lowest, \.burned, \.lastHours, \.lastLevel, \.lostIdle, \.openedDay, \.segments,
            \.isSiphoned, \.stolen,
        ] { each(&self[keyPath: field]) }
    }

    /// - Parameters:
    ///   - hours: event time in hours since any fixed instant.
    ///   - kilowatts: what the generator gives now; 0 when it does not run.
    mutating func take(
        level: Double, hours: Double, isRunning: Bool, kilowatts: Double
    ) -> (theft: WatchVerdict, siphon: WatchVerdict) {
        guard level >= 0, level < 100_000 else { return (.same, .same) }
        defer {
            lastLevel = level
            lastHours = hours
        }
        guard samples > 0, hours > lastHours, hours - lastHours < 12 else {
            reopen(level, hours)
            return (.same, .same)
        }
        samples += 1
        let burn = isRunning ? (hours - lastHours) * (0.4 + 0.263 * max(0, kilowatts)) : 0
        mean -= burn
        burned += burn
        let drop = mean - level
        // Fuel came: the book goes on from there.
        if drop < -max(12, 6 * noise) {
            reopen(level, hours)
            return (.same, .same)
        }
        if !isRunning, burned == 0 {
            let change = level - lastLevel
            if abs(change) < Self.theftLitres { lostIdle -= change }
        } else {
            segments += 1
            burned = isRunning ? burned : 0
        }
        let limit = max(Self.theftLitres, 5 * noise) + 0.4 * burned
        if drop >= limit, samples > 4 {
            below += 1
            if below >= 2, abs(level - lastLevel) < 60 {
                stolen = drop
                restart(level)
                return (.begins, .same)
            }
            return (.same, .same)
        }
        below = 0
        noise += 0.05 * (abs(drop) - noise)
        noise = max(0.3, noise)
        mean += 0.15 * (level - mean)
        return (.same, siphon(hours))
    }

    private mutating func siphon(_ hours: Double) -> WatchVerdict {
        let days = hours / 24 - openedDay
        guard isSiphoned == 0, days >= 3 else { return .same }
        let doubt = 4 * noise * (2 + segments.squareRoot())
        guard lostIdle > max(5, doubt), lostIdle / days >= Self.siphonLitresADay else { return .same }
        isSiphoned = 1
        return .begins
    }

    private mutating func reopen(_ level: Double, _ hours: Double) {
        if openedDay < 0 { openedDay = hours / 24 }
        restart(level)
        samples = max(1, samples)
    }

    private mutating func restart(_ level: Double) {
        mean = level
        below = 0
        burned = 0
    }

    /// A delivery against its voucher: the share that is missing, 0 when it is within what a gauge can tell.
    static func shortage(paidLitres: Double, measuredLitres: Double) -> Double {
        guard paidLitres > 0, measuredLitres >= 0, measuredLitres < paidLitres else { return 0 }
        let missing = paidLitres - measuredLitres
        return missing >= max(6, 0.04 * paidLitres) ? missing / paidLitres : 0
    }
}
