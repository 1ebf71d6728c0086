import Glibc
import TowerModel

/// What happens on every fleet and needs nobody: grid dips that are carried, visits with a permit.
extension World {
    private func dipsPerDay(_ site: Int) -> Double {
        switch fleet.sites[site].gridClass {
        case "A": 0.15
        case "B": 0.4
        case "C": 0.8
        case "D": 1.2
        default: 0
        }
    }

    mutating func scheduleDip(_ site: Int) {
        let rate = dipsPerDay(site) * configuration.background / 86_400
        guard rate > 0 else { return }
        schedule.add(at: now - log(1 - random.unit()) / rate, .backgroundDip(site: Int32(site)))
    }

    /// Seconds until a planned fault needs the site; 0 inside its span.
    private func freeSeconds(_ site: Int) -> Double {
        var free = Double.infinity
        for span in reserved[site] {
            if span.contains(now) { return 0 }
            if span.lowerBound > now { free = min(free, span.lowerBound - now) }
        }
        return free
    }

    private func isHealthy(_ site: Int) -> Bool {
        let state = sites[site]
        return state.gridCuts == 0 && !state.isRectifierFailed && state.isControllerAlive && state.charge > 0.9
            && state.reported == 0
            && state.generator == .stopped
    }

    mutating func dip(_ site: Int) {
        defer { scheduleDip(site) }
        guard let feeder = fleet.sites[site].feeder else { return }
        var free = freeSeconds(site) - 1800
        // Two sites of one feeder within minutes would look like a feeder outage, which this is not.
        guard isHealthy(site), free > 300, now - lastDip[feeder] > 900 else { return }
        if fleet.sites[site].generator == nil {
            free = min(free, fleet.sites[site].autonomyHours * 3600 * 0.3)
        } else {
            free = min(free, max(600, (hoursToEmpty(site) - 60) * 3600))
        }
        lastDip[feeder] = now
        let seconds = max(120, min(free, configuration.parameters[.s01, "outage"].draw(&random)))
        addFault(FaultPlan(scenario: .s01, site: site, onset: now, duration: seconds))
    }

    mutating func scheduleVisit(_ site: Int) {
        let rate = 0.08 * configuration.background / 86_400
        guard rate > 0 else { return }
        schedule.add(at: now - log(1 - random.unit()) / rate, .backgroundVisit(site: Int32(site)))
    }

    mutating func visit(_ site: Int) {
        defer { scheduleVisit(site) }
        let permit = random.integer(10_000...99_999)
        var at = now
        for step in 0..<6 {
            schedule.add(at: at, .visitStep(site: Int32(site), step: Int8(step), permit: Int32(permit)))
            at += [1800, 60, 300, 900, 1500, 30][step] * random.uniform(0.7, 1.3)
        }
    }

    /// Permit, arrival, door open, a test run of a healthy generator, door closed, departure.
    mutating func visitStep(_ site: Int, _ step: Int, permit: Int) {
        let name = "P-\(permit)"
        switch step {
        case 0: notice(site, .permitIssued) { $0.field("permit_id", name) }
        case 1: notice(site, .visitStarted) { $0.field("permit_id", name) }
        case 2, 4:
            extras[site].permit = name
            setContact(site, .door, step == 2, fault: -1)
            if step == 4 { extras[site].permit = "" }
        case 3:
            guard isHealthy(site), fleet.sites[site].generator != nil, permit % 2 == 0 else { return }
            integrate(site)
            sites[site].generator = .cooling
            sites[site].generatorGeneration &+= 1
            notice(site, .generatorStarted) { $0.field("reason", "test") }
            schedule.add(
                at: now + random.uniform(300, 600), .testRunEnd(site: Int32(site), generation: sites[site].generatorGeneration))
        default: notice(site, .visitEnded) { $0.field("permit_id", name) }
        }
    }
}
