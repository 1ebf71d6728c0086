import TowerCausality
import TowerForecast
import TowerModel

// Longer forecasts: tank, generator start, cooling, battery. Each is told now and then, from the reading that made it due.
extension TenantEngine {
    private mutating func tell(
        _ kind: ForecastKind, _ site: Int32, _ at: Timestamp, _ bands: SiteOutlook.Bands, _ basis: String, _ id: EventID,
        _ output: inout EngineOutput
    ) {
        let steps = kind.unit == "1" ? 1000.0 : 10
        func rounded(_ number: Double) -> Double { (number * steps).rounded() / steps }
        output.outlooks.append(
            TenantOutlook(
                tenantID: tenantID,
                forecast: SiteForecast(
                    siteID: SiteID(topology.name(site)), at: at, kind: kind, p10: rounded(bands.p10), p50: rounded(bands.p50),
                    p90: rounded(bands.p90), basis: basis, eventIDs: [id]),
                precededBy: output.forecasts.count))
    }

    private func words(_ number: Double) -> String { "\((number * 10).rounded() / 10)" }

    /// Hours until the tank is empty: every half hour while the engine carries the site, four times a day else.
    mutating func forecastFuel(_ site: Int32, _ at: Timestamp, _ id: EventID, _ output: inout EngineOutput) {
        let index = Int(site)
        let hours = Double(at.microseconds) / 3.6e9
        let isRunning = senses[index].generator.state == 1
        let kilowatts = senses[index].generatorKilowatts
        let filter = watches[index].fuel.filter
        func appetite(_ power: Double) -> Double { filter.burn(runHours: 1, kilowattHours: power) }
        watches[index].outlook.takeFuel(
            hours: hours, isRunning: isRunning, kilowatts: kilowatts, litresPerHour: appetite(kilowatts.isNaN ? 0 : kilowatts))
        let outlook = watches[index].outlook
        let isCarrying = isRunning && senses[index].grid.state == 1
        guard SiteOutlook.isDue(outlook.fuelTold, hours, every: isCarrying ? 0.5 : 6) else { return }
        let inventory = topology.sites[index]
        // What reaches the load has passed rectifiers; cooling and light come on top.
        let expected = (inventory?.loadKilowatts ?? 2) * 1.07 + 0.6
        let litres = filter.mean[TankFilter.level]
        guard
            let bands = outlook.hoursToEmpty(
                litres: litres, doubt: watches[index].fuel.levelDoubt, isCarrying: isCarrying, expected: expected, hours: hours,
                litresPerHour: appetite)
        else { return }
        watches[index].outlook.fuelTold = hours
        let basis =
            isCarrying
            ? "\(words(litres)) l, \(words(litres / max(bands.p50, 0.01))) l an hour while it carries the site"
            : "\(words(litres)) l, \(words(outlook.litresADay)) l a day of late"
        tell(.fuelEmpty, site, at, bands, basis, id, &output)
    }

    /// Chance that the next start fails: daily, and at once when it has moved.
    mutating func forecastStart(
        _ site: Int32, isRunning: Bool, volts: Double?, _ at: Timestamp, _ id: EventID, _ output: inout EngineOutput
    ) {
        let index = Int(site)
        // A turning engine charges its battery: only volts at rest count.
        if let volts, !isRunning, at.seconds(since: senses[index].generatorRanAt) > 1_800 { watches[index].outlook.takeStarter(volts: volts) }
        let outlook = watches[index].outlook
        let hours = Double(at.microseconds) / 3.6e9
        guard SiteOutlook.isDue(outlook.startTold, hours, every: 1), let bands = outlook.startRisk() else { return }
        guard
            SiteOutlook.isDue(outlook.startTold, hours, every: 24)
                || (bands.p50 - outlook.startToldChance).magnitude > max(0.03, 0.3 * outlook.startToldChance)
        else { return }
        watches[index].outlook.startTold = hours
        watches[index].outlook.startToldChance = bands.p50
        let rest = outlook.startReadings >= 6 ? "starter battery \((outlook.startVolts * 100).rounded() / 100) V at rest" : "no volts heard"
        let basis = "\(rest); \(Int(outlook.failed.rounded())) failed of \(Int((outlook.failed + outlook.started).rounded())) starts"
        tell(.generatorStartFailure, site, at, bands, basis, id, &output)
    }

    /// A start that worked or did not.
    mutating func noteStart(_ site: Int32, worked: Bool) { watches[Int(site)].outlook.noteStart(worked: worked) }

    /// Days until the shelter is too warm in the hottest hour: daily.
    mutating func forecastCooling(
        _ site: Int32, inside: Double, outside: Double, _ at: Timestamp, _ id: EventID, _ output: inout EngineOutput
    ) {
        let hours = Double(at.microseconds) / 3.6e9
        guard watches[Int(site)].outlook.takeShelter(inside: inside, outside: outside, hours: hours) else { return }
        let outlook = watches[Int(site)].outlook
        guard let bands = outlook.coolingDays(), let fit = outlook.gap.fit else { return }
        let slope = (fit.slope * 100).rounded() / 100
        let basis = "\(words(fit.value)) K over the air outside, \(slope) K a day; hottest air of late \(words(outlook.hottest)) Cel"
        tell(.coolingLimit, site, at, bands, basis, id, &output)
    }

    /// Health and remaining life of the battery: daily.
    mutating func forecastBattery(
        _ site: Int32, percent: Double, isTest: Bool, _ at: Timestamp, _ id: EventID, _ output: inout EngineOutput
    ) {
        let index = Int(site)
        guard watches[index].wear.observe(health: percent / 100, at: at.seconds, isTest: isTest) || isTest,
            let forecast = watches[index].wear.forecast()
        else { return }
        let (health, life) = (forecast.health, forecast.daysLeft)
        let basis = isTest ? "a capacity test gave \(words(percent)) %" : "its controller says \(words(percent)) %"
        tell(.batteryHealth, site, at, (health.p10, health.p50, health.p90), basis, id, &output)
        tell(.batteryLife, site, at, (life.p10, life.p50, life.p90), basis, id, &output)
    }
}
