/// Faults of fuel, access, light, sensors, works, lightning and water: S11, S12, S19, S21, S24, S26, S28.
extension World {
    // MARK: Fuel

    mutating func loseFuel(_ plan: FaultPlan, _ fault: Int32, _ number: Int) {
        let site = plan.site
        integrate(site)
        touch(fault, site)
        faults[Int(fault)].drainedBefore = extras[site].litresDrained
        if plan.scenario == .s11 {
            // Nobody takes what is not there; the last litres stay in the pipe.
            let volume = min(plan["volume"], max(0, sites[site].fuelLitres - 10))
            extras[site].drain = volume / (plan["time"] / 3600)
            end(fault, after: plan["time"])
        } else if plan.variant == 0 {
            extras[site].drain = plan["siphon"] / 24
            end(fault, after: plan.duration)
        } else {
            refuel(site, shortfall: plan["shortfall"] / 100, fault: fault)
            end(fault, after: 60)
        }
    }

    mutating func endFuelLoss(_ plan: FaultPlan, _ fault: Int32) {
        guard plan.scenario == .s11 || plan.variant == 0 else { return }
        faults[Int(fault)].truth.litres = extras[plan.site].litresDrained - faults[Int(fault)].drainedBefore
        extras[plan.site].drain = 0
    }

    // MARK: Tower light

    mutating func darkenLight(_ plan: FaultPlan, _ fault: Int32, _ number: Int) {
        if number == 0 {
            extras[plan.site].lampsOut = 1
            setContact(plan.site, .light, true, fault: fault)
            later(1800, fault, 1)
            end(fault, after: plan.duration)
        } else {
            // The half hour is over: the authority has to be told.
            notice(plan.site, .ticketCreated, fault: fault, cause: sites[plan.site].raise(.light)) { out in
                out.field("ticket_id", "N-\(plan.site)")
                out.field("status", "created")
                out.field("summary", "Obstruction light out for 30 minutes")
            }
        }
    }

    mutating func repairLight(_ plan: FaultPlan, _ fault: Int32) {
        extras[plan.site].lampsOut = 0
        setContact(plan.site, .light, false, fault: fault)
        notice(plan.site, .ticketResolved, fault: fault) { out in
            out.field("ticket_id", "N-\(plan.site)")
            out.field("status", "resolved")
        }
    }

    // MARK: Sensors

    mutating func lie(_ plan: FaultPlan, _ fault: Int32) {
        extras[plan.site].lie = plan.lie
        extras[plan.site].lieLitres = sites[plan.site].fuelLitres
        touch(fault, plan.site)
        end(fault, after: plan.duration)
    }

    // MARK: Works

    /// Door, breaker work, locked cells, normal again; with a permit and its window (variant 0) or without.
    mutating func work(_ plan: FaultPlan, _ fault: Int32, _ number: Int) {
        let site = plan.site
        let permit = "P-\(10_000 + (site * 7919 + Int(fault)) % 90_000)"
        let isPermitted = plan.variant == 0
        switch number {
        case 0:
            touch(fault, site)
            if isPermitted {
                let issued = notice(site, .permitIssued, fault: fault) { $0.field("permit_id", permit) }
                notice(site, .windowStarted, fault: fault, cause: issued) { out in
                    out.field("window_id", "W-" + permit)
                    out.field("reason", "planned work")
                }
                notice(site, .visitStarted, fault: fault, cause: issued) { $0.field("permit_id", permit) }
                extras[site].permit = permit
            }
            later(random.uniform(60, 300), fault, 1)
            later(plan.duration * 0.2, fault, 2)
            later(plan.duration * 0.2 + plan["dip"], fault, 3)
            later(plan.duration * 0.45, fault, 4)
            later(plan.duration * 0.8, fault, 5)
            later(plan.duration - 60, fault, 6)
            end(fault, after: plan.duration)
        case 1:
            let door = setContact(site, .door, true, fault: fault)
            guard isPermitted else { return }
            notice(site, .entry, fault: fault, cause: door) { out in
                out.field("door", "main")
                out.field("permit_id", permit)
            }
        case 2: loseGrid(site, fault)
        case 3: restoreGrid(site, fault)
        case 4: block(site, lockedCells(site), reason: "locked", fault: fault, cause: sites[site].raise(.door))
        case 5: unblock(site, lockedCells(site), fault: fault)
        default:
            setContact(site, .door, false, fault: fault)
            guard isPermitted else { return }
            extras[site].permit = ""
            notice(site, .visitEnded, fault: fault) { $0.field("outcome", "done") }
            notice(site, .windowEnded, fault: fault) { $0.field("window_id", "W-" + permit) }
        }
    }

    /// The last operator's cells.
    private func lockedCells(_ site: Int) -> UInt32 {
        let spec = fleet.sites[site]
        var mask: UInt32 = 0
        for cell in stride(from: spec.operators.count - 1, to: spec.cells, by: spec.operators.count) { mask |= 1 << UInt32(cell) }
        return mask
    }

    // MARK: Lightning

    mutating func strike(_ plan: FaultPlan, _ fault: Int32, _ number: Int) {
        let site = plan.site
        switch number {
        case 0:
            integrate(site)
            let surge = setContact(site, .surgeArrester, true, fault: fault)
            extras[site].modulesOut += 1
            setContact(site, .moduleFailed, true, fault: fault, cause: surge, value: plan["slot"])
            for cell in 0..<min(2, fleet.sites[site].cells) {
                let lost = openRadio(site, .radioUnitLost, fault: fault, cause: surge, key: .port(cell))
                block(site, 1 << UInt32(cell), reason: "equipment", fault: fault, cause: lost)
            }
            if plan.link >= 0 {
                links[plan.link].isCut = true
                links[plan.link].cutFault = fault
                links[plan.link].cutCause = surge
                refreshLink(plan.link)
            }
            settle(site)
            // Its inputs are dead after the first second; it restarts with what recovers.
            later(0.9, fault, 1)
            later(plan["recovery"] * random.uniform(0.5, 0.9), fault, 2)
            later(plan["recovery"], fault, 3)
            end(fault, after: plan.duration)
        case 1: failController(site, fault: fault)
        case 2: repairController(site)
        default:
            mendLink(plan.link)
            closeRadio(site, .radioUnitLost, fault: fault)
            unblock(site, 0x3, fault: fault)
        }
    }

    private mutating func mendLink(_ link: Int) {
        guard link >= 0 else { return }
        links[link].isCut = false
        links[link].cutCause = nil
        refreshLink(link)
    }

    mutating func repairStrike(_ plan: FaultPlan, _ fault: Int32) {
        extras[plan.site].modulesOut = max(0, extras[plan.site].modulesOut - 1)
        setContact(plan.site, .moduleFailed, false, fault: fault, value: plan["slot"])
        setContact(plan.site, .surgeArrester, false, fault: fault)
    }

    // MARK: Water

    /// Water at the site, then at each one downstream; half an hour to three hours later it reaches rectifier and battery.
    mutating func flood(_ plan: FaultPlan, _ fault: Int32, _ number: Int) {
        let places = [plan.site] + plan.neighbours
        let place = places[min(number / 2, places.count - 1)]
        guard number % 2 == 1 else {
            let cause = number == 0 ? nil : sites[places[number / 2 - 1]].raise(.flood)
            extras[place].waterMillimetres = random.uniform(60, 140)
            setContact(place, .flood, true, fault: fault, cause: cause, value: extras[place].waterMillimetres)
            later(plan["short_circuit"] * (number == 0 ? 1 : random.uniform(0.8, 1.2)), fault, number + 1)
            if number / 2 + 1 < places.count { later(plan["downstream"], fault, number + 2) }
            if number / 2 + 1 == places.count { end(fault, after: plan["short_circuit"] * 1.2 + plan["water_gone"]) }
            return
        }
        integrate(place)
        extras[place].waterMillimetres = random.uniform(300, 700)
        sites[place].isRectifierFailed = true
        if sites[place].gridCuts == 0 { sites[place].powerFault = fault }
        extras[place].contactCause[Int(SiteAlarm.rectifier.rawValue)] = sites[place].raise(.flood)
        report(place, SiteAlarm.rectifier.bit)
        removeBattery(place)
    }

    mutating func dryOut(_ plan: FaultPlan, _ fault: Int32) {
        for place in [plan.site] + plan.neighbours {
            integrate(place)
            extras[place].waterMillimetres = 0
            sites[place].isRectifierFailed = false
            replaceBattery(place, fault)
            setContact(place, .flood, false, fault: fault)
            report(place, SiteAlarm.rectifier.bit)
        }
    }
}
