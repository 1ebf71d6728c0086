import TowerCausality
import TowerModel

// Which sites may be without power, and whose case that is.
extension TenantEngine {
    /// The case of what has left the site without power, if it may be.
    func darkCase(_ site: Int32) -> Int32? {
        if let owner = facts.active(.site(site), .siteCollapsed)?.caseNumber, cases[owner] != nil { return owner }
        guard let owner = powerCase[site], cases[owner] != nil, mayBeDark(site) else { return nil }
        return owner
    }

    /// Hops that only fell, and an end of each has turned out to be dark: they fell with it.
    func laterDarkness(_ entry: Case) -> Int32? {
        let held = entry.facts.compactMap { facts.facts[Int($0)] }.filter { $0.caseNumber == entry.number && $0.component.kind == .link }
        guard !held.isEmpty, held.allSatisfy({ $0.condition == .hopDown || $0.condition == .fibreCut }) else { return nil }
        let owners = Set(held.map { darkEnd($0.component.number) ?? -1 })
        guard owners.count == 1, let owner = owners.first, owner >= 0, owner != entry.number else { return nil }
        return owner
    }

    /// Whether the site's battery may be over: low, disconnected, gone silent on battery, or its forecast has run out.
    func mayBeDark(_ site: Int32) -> Bool {
        let place = Component.site(site)
        if [Condition.lvd2Open, .lvd1Open, .dyingGasp, .siteCollapsed, .lowVoltage, .batteryLow].contains(where: {
            facts.holds(place, $0)
        }) {
            return true
        }
        // The water that took the rectifier takes the battery.
        if facts.holds(place, .flood), facts.holds(place, .rectifierFailed) { return true }
        guard let discharging = facts.active(place, .batteryDischarging) ?? facts.active(place, .gridLost) else { return false }
        let sense = senses[Int(site)]
        if sense.generator.state == 1, sense.generator.since > discharging.onset { return false }
        // When it was last heard the grid was back and the battery at rest: the alarm's clear was lost, the battery is not empty.
        if sense.grid.state == 0, sense.discharging.state == 0, sense.discharging.lastAt > discharging.onset.adding(seconds: 120) {
            return false
        }
        // A bus that was healthy a few minutes ago cannot be dark now.
        if !sense.busVolts.isNaN, sense.busVolts > 47.5, now.seconds(since: sense.busAt) < 600 { return false }
        if let forecast = sense.lastForecast, forecast.at >= discharging.onset {
            return now.seconds(since: forecast.at) > forecast.minutesP10 * 60 * 0.7
        }
        return now.seconds(since: discharging.onset) > 3_600
    }

    /// The case of what left one of the link's ends without power.
    func darkEnd(_ link: Int32) -> Int32? { darkCase(topology.links[Int(link)].a) ?? darkCase(topology.links[Int(link)].b) }
}
