import Glibc
import TowerModel

/// Faults of antennas, feeders, time and tower: S15, S16, S17, S18, S22, S27.
extension World {
    // MARK: Wind

    /// The site and those around feel the wind; it dies down after `wind_time`.
    private mutating func blow(_ plan: FaultPlan, at site: Int, _ fault: Int32, _ isOn: Bool) {
        extras[site].stormWind = isOn ? plan["wind"] : 0
        setContact(site, .highWind, isOn, fault: fault, value: isOn ? plan["wind"] : 8)
        for other in plan.neighbours {
            extras[other].stormWind = isOn ? plan["wind"] * 0.9 : 0
            setContact(other, .highWind, isOn, fault: -1, value: isOn ? plan["wind"] * 0.9 : 8)
        }
    }

    mutating func turnAntenna(_ plan: FaultPlan, _ fault: Int32, _ number: Int) {
        let site = fleet.links[plan.link].child
        switch number {
        case 0:
            blow(plan, at: site, fault, true)
            later(random.uniform(60, 600), fault, 1)
            later(plan["wind_time"], fault, 2)
            end(fault, after: plan.duration)
        case 1:
            links[plan.link].pointingDecibels = plan["step"]
            faults[Int(fault)].shared.insert(Int32(plan.link))
            touch(fault, site)
            watchLevel(plan.link, fault, cause: sites[site].raise(.highWind))
        default: blow(plan, at: site, fault, false)
        }
    }

    mutating func alignAntenna(_ plan: FaultPlan, _ fault: Int32) {
        links[plan.link].pointingDecibels = 0
        watchLevel(plan.link, fault)
    }

    /// The tower leans on for hours after the wind: all its hops turn with it.
    mutating func tiltTower(_ plan: FaultPlan, _ fault: Int32, _ number: Int) {
        let site = plan.site
        let parts = 12
        switch number {
        case 0:
            blow(plan, at: site, fault, true)
            for part in 1...parts { later(plan["drift"] * Double(part) / Double(parts), fault, part) }
            later(plan["wind_time"], fault, parts + 1)
            end(fault, after: plan.duration)
        case 1...parts:
            extras[site].tiltDegrees = plan["tilt"] * Double(number) / Double(parts)
            let wind = sites[site].raise(.highWind)
            if extras[site].tiltDegrees > 0.099, !isContactSet(site, .tilt) {
                setContact(site, .tilt, true, fault: fault, cause: wind, value: extras[site].tiltDegrees)
            }
            turnHops(site, fault, cause: sites[site].raise(.tilt) ?? wind)
        default: blow(plan, at: site, fault, false)
        }
    }

    /// Each hop loses by the share of the tilt that lies in its own direction.
    private mutating func turnHops(_ site: Int, _ fault: Int32, cause: EventReference?) {
        for link in topology.links(of: site) where fleet.links[Int(link)].kind == .hop {
            let index = Int(link)
            let other = fleet.links[index].child == site ? fleet.links[index].parent : fleet.links[index].child
            let here = fleet.sites[site]
            let there = fleet.sites[other]
            // The tower leans north.
            let bearing = atan2(there.longitude - here.longitude, there.latitude - here.latitude)
            let share = max(0.4, cos(bearing).magnitude)
            links[index].pointingDecibels = Self.pointingLoss(
                degrees: extras[site].tiltDegrees * share, frequencyGHz: fleet.links[index].frequencyGHz)
            faults[Int(fault)].shared.insert(link)
            watchLevel(index, fault, cause: cause)
        }
    }

    mutating func straightenTower(_ plan: FaultPlan, _ fault: Int32) {
        extras[plan.site].tiltDegrees = 0
        setContact(plan.site, .tilt, false, fault: fault)
        turnHops(plan.site, fault, cause: nil)
    }

    // MARK: Feeders

    /// Onset is the ratio of 2.0; the next shower lifts it above 3.0, three checks two minutes apart confirm that.
    mutating func wetFeeder(_ plan: FaultPlan, _ fault: Int32, _ number: Int) {
        let site = plan.site
        let port = plan.variant
        switch number {
        case 0:
            openRadio(
                site, .standingWave, fault: fault, cause: nil, key: .port(port), value: feederRatio(plan, isWet: false))
            later(plan["shower"], fault, 1)
            end(fault, after: plan.duration)
        case 1: later(360, fault, 2)
        case 2:
            let ratio = feederRatio(plan, isWet: true)
            worsenRadio(site, .standingWave, fault: fault, key: .port(port), value: ratio, severity: "major")
            later(random.uniform(1, 20), fault, 3)
        default:
            let cause = faults[Int(fault)].radioAlarms.first?.reference
            if plan["degrades"] < 0.4 {
                openRadio(site, .cellDegraded, fault: fault, cause: cause, key: .cell(port), text: "tx_power")
            } else {
                block(site, 1 << UInt32(port), reason: "pa_off", fault: fault, cause: cause)
            }
        }
    }

    /// Standing wave ratio of a feeder that takes up water: 1.3 when sound, 2.0 after `creep`; rain adds 60 % to the excess.
    private func feederRatio(_ plan: FaultPlan, isWet: Bool) -> Double {
        let elapsed = plan["creep"] + max(0, now - plan.onset)
        let dry = 0.3 * pow(1 / 0.3, elapsed / plan["creep"]) + 0.02
        return 1 + (isWet ? max(2.05, dry * 1.6) : dry)
    }

    mutating func cutFeeders(_ plan: FaultPlan, _ fault: Int32, _ number: Int) {
        let site = plan.site
        let cells = fleet.sites[site].cells
        if number == 0 {
            setContact(site, .intrusion, true, fault: fault)
            later(plan["work"], fault, 1)
            for cell in 0..<cells { later(plan["work"] + random.uniform(2, 58), fault, 2 + cell) }
            end(fault, after: plan.duration)
        } else if number == 1 {
            setContact(site, .cableTamper, true, fault: fault, cause: sites[site].raise(.intrusion))
        } else {
            let cell = number - 2
            let cause = sites[site].raise(.cableTamper) ?? sites[site].raise(.intrusion)
            openRadio(
                site, .standingWave, fault: fault, cause: cause, key: .port(cell), value: random.uniform(9, 20),
                severity: "major")
            let lost = openRadio(site, .radioUnitLost, fault: fault, cause: cause, key: .port(cell))
            block(site, 1 << UInt32(cell), reason: "equipment", fault: fault, cause: lost)
        }
    }

    // MARK: Time

    /// The culprit holds its time for `holdover`; past 1500 ns its cells transmit into its neighbours' uplink.
    mutating func loseSatellite(_ plan: FaultPlan, _ fault: Int32, _ number: Int) {
        let site = plan.site
        switch number {
        case 0:
            openRadio(site, .satelliteLost, fault: fault, cause: nil)
            later(random.uniform(10, 60), fault, 1)
            later(plan["holdover"], fault, 2)
            end(fault, after: plan.duration)
        case 1:
            let cause = faults[Int(fault)].radioAlarms.first?.reference
            openRadio(site, .holdover, fault: fault, cause: cause, value: 50)
        case 2:
            let cause = faults[Int(fault)].radioAlarms.last?.reference
            openRadio(site, .phaseError, fault: fault, cause: cause, value: random.uniform(1510, 1600))
            for place in plan.neighbours.indices { later(random.uniform(10, 120), fault, 3 + 2 * place) }
        default:
            let victim = plan.neighbours[min((number - 3) / 2, plan.neighbours.count - 1)]
            disturb(victim, fault, isLocking: number % 2 == 0)
            if number % 2 == 1 { later(random.uniform(120, 900), fault, number + 1) }
        }
    }

    /// Interference in the cell that looks at the culprit, then the cell locks itself.
    private mutating func disturb(_ victim: Int, _ fault: Int32, isLocking: Bool) {
        let alarms = faults[Int(fault)].radioAlarms
        if isLocking {
            let cause = alarms.last { Int($0.site) == victim && $0.type == .interference }?.reference
            block(victim, 1, reason: "interference", fault: fault, cause: cause)
        } else {
            let cause = alarms.last { $0.type == .phaseError }?.reference
            openRadio(
                victim, .interference, fault: fault, cause: cause, key: .cell(0), value: random.uniform(-92, -84))
        }
    }

    // MARK: Repair

    mutating func repairRadio(_ plan: FaultPlan, _ fault: Int32) {
        for site in [plan.site] + plan.neighbours {
            closeRadio(site, fault: fault)
            unblock(site, .max, fault: fault)
        }
        for contact in [SiteAlarm.cableTamper, .intrusion] where isContactSet(plan.site, contact) {
            setContact(plan.site, contact, false, fault: fault)
        }
    }

    mutating func sleep(_ plan: FaultPlan, _ fault: Int32) {
        extras[plan.site].sleeping |= 1 << UInt32(plan.variant)
        touch(fault, plan.site)
        end(fault, after: plan.duration)
    }
}
