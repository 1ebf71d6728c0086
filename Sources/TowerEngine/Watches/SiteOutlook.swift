import Glibc

/// What longer forecasts of a site rest on: how its generator burns and starts, and how its shelter warms. Instants in hours
/// since 1970.
struct SiteOutlook: WatchState {
    // Fuel.
    /// Mean power of a running engine, kW, over about a day of running, and the hours it rests on.
    var runningKilowatts = 0.0
    var runningHours = 0.0
    /// When the present run began; below zero while it stands.
    var runSince = -1.0
    /// Litres a day over about a week, and since when it is counted.
    var litresADay = 0.0
    var dailySince = -1.0
    var lastFuelHours = -1.0
    var fuelTold = -1.0
    // Generator start.
    /// Volts of the starter battery at rest, over about a day; how many readings.
    var startVolts = 0.0
    var startReadings = 0.0
    /// Starts that worked and that failed, fading over a year.
    var started = 0.0
    var failed = 0.0
    var startTold = -1.0
    var startToldChance = 0.0
    // Cooling.
    var gapSum = 0.0
    var gapCount = 0.0
    var gapDay = -1.0
    var hottest = -100.0
    var gap = FadingLine()
    var gapDays = 0.0
    // Battery.
    var wearTold = -1.0

    mutating func visit(_ each: (inout Double) -> Void) {
        for field in [
            \Self.runningKilowatts, \.runningHours, \.runSince, \.litresADay, \.dailySince, \.lastFuelHours, \.fuelTold, \.startVolts,
            \.startReadings, \.started, \.failed, \.startTold, \.startToldChance, \.gapSum, \.gapCount, \.gapDay, \.hottest, \.gapDays,
            \.wearTold,
        ] { each(&self[keyPath: field]) }
        gap.visit(each)
    }

    typealias Bands = (p10: Double, p50: Double, p90: Double)

    /// Hours at which a forecast that is told every so often is due again.
    static func isDue(_ told: Double, _ hours: Double, every period: Double) -> Bool { told < 0 || hours - told >= period }

    // MARK: Fuel

    /// One reading of the tank.
    ///
    /// - Parameter burned: litres an hour that the ledger expects of the power given, when it runs.
    mutating func takeFuel(hours: Double, isRunning: Bool, kilowatts: Double, litresPerHour: Double) {
        defer { lastFuelHours = hours }
        guard lastFuelHours >= 0, hours > lastFuelHours, hours - lastFuelHours < 12 else {
            if dailySince < 0 { dailySince = hours }
            return
        }
        let step = hours - lastFuelHours
        let rate = isRunning ? litresPerHour * 24 : 0
        // A plain mean for the first week, then one that fades.
        let age = max(hours - dailySince, step)
        litresADay += min(1, step / min(age, 168)) * (rate - litresADay)
        guard isRunning else {
            runSince = -1
            return
        }
        if runSince < 0 { runSince = lastFuelHours }
        // The first hours charge the battery: more than what follows.
        guard !kilowatts.isNaN, kilowatts > 0, hours - runSince > 2 else { return }
        runningHours = min(runningHours + step, 24)
        runningKilowatts += min(1, step / runningHours) * (kilowatts - runningKilowatts)
    }

    /// Hours until the tank is empty; `nil` when nothing burns or too little is known.
    ///
    /// - Parameters:
    ///   - doubt: standard deviation of the level, litres.
    ///   - expected: kW that the site's inventory promises while the engine carries it.
    ///   - litresPerHour: the ledger's appetite at a power.
    func hoursToEmpty(
        litres: Double, doubt: Double, isCarrying: Bool, expected: Double, hours: Double, litresPerHour: (Double) -> Double
    ) -> Bands? {
        guard litres > 0 else { return nil }
        let level = doubt / max(litres, 1)
        if isCarrying {
            // The inventory weighs as much as three hours of running.
            let power = (3 * expected + runningHours * runningKilowatts) / (3 + runningHours)
            let rate = litresPerHour(power)
            guard rate > 0 else { return nil }
            let model = 0.05 + 0.12 / (1 + runningHours / 4)
            return Self.spread(litres / rate, (model * model + level * level).squareRoot())
        }
        let age = hours - dailySince
        guard dailySince >= 0, age >= 48, litresADay > 0.2 else { return nil }
        let model = 0.2 + 0.5 / (age / 24).squareRoot()
        return Self.spread(litres / litresADay * 24, (model * model + level * level).squareRoot())
    }

    private static func spread(_ median: Double, _ deviation: Double) -> Bands {
        let factor = exp(1.2816 * min(deviation, 1.5))
        return (median / factor, median, median * factor)
    }

    // MARK: Start

    mutating func takeStarter(volts: Double) {
        guard (5...30).contains(volts) else { return }
        // A 24 V set counts as two of 12 V.
        let twelve = volts > 18 ? volts / 2 : volts
        startReadings += 1
        startVolts += max(1 / startReadings, 0.01) * (twelve - startVolts)
    }

    mutating func noteStart(worked: Bool) {
        started = started * 0.98 + (worked ? 1 : 0)
        failed = failed * 0.98 + (worked ? 0 : 1)
    }

    /// Chance that the next start fails: the volts at rest, and what starts did before; `nil` when neither is known.
    ///
    /// - Source: a lead-acid starter battery is full at 12.6 to 12.8 V at rest and empty at 11.8 V; a weak one is the leading
    ///   reason of failed starts (DOMAIN 5.1).
    func startRisk() -> Bands? {
        guard startReadings >= 6 || started + failed > 0 else { return nil }
        var odds = -4.0
        if startReadings >= 6 { odds += min(max((12.35 - startVolts) / 0.14, -1), 5) }
        odds += log((failed + 0.2) / (started * 0.02 + 0.2)) * 0.8
        let doubt = 0.5 + (startReadings >= 6 ? 0 : 0.5) + 0.5 / (1 + 0.2 * (started + failed))
        func chance(_ odds: Double) -> Double { 1 / (1 + exp(-odds)) }
        return (chance(odds - 1.2816 * doubt), chance(odds), chance(odds + 1.2816 * doubt))
    }

    // MARK: Cooling

    /// - Returns: whether a day was closed, so that its forecast is due.
    mutating func takeShelter(inside: Double, outside: Double, hours: Double) -> Bool {
        guard inside > -40, inside < 90, outside > -50, outside < 65 else { return false }
        let day = (hours / 24).rounded(.down)
        var isClosed = false
        if day > gapDay, gapDay >= 0, gapCount >= 6 {
            gap.take(gapSum / gapCount, days: min(day - gapDay, 30), memory: 12)
            gapDays += 1
            hottest -= 0.1
            isClosed = true
        }
        if day > gapDay {
            (gapDay, gapSum, gapCount) = (day, 0, 0)
        }
        guard day == gapDay else { return isClosed }
        gapSum += inside - outside
        gapCount += 1
        hottest = max(hottest, outside)
        return isClosed
    }

    static let coolingLimitCelsius = 35.0

    /// Days until the hottest hour passes the limit, if the shelter goes on warming as it does; 365 for never.
    func coolingDays() -> Bands? {
        guard gapDays >= 5, let fit = gap.fit else { return nil }
        let margin = max(0, Self.coolingLimitCelsius - hottest - fit.value)
        func days(_ slope: Double) -> Double { slope > 0.01 ? min(margin / slope, 365) : margin > 0 ? 365 : 0 }
        return (days(fit.slope + 1.2816 * fit.deviation), days(fit.slope), days(fit.slope - 1.2816 * fit.deviation))
    }
}
