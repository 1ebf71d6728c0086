/// Faults of rectifier, transfer switch, battery, cooling and panels: S04, S06, S07, S09, S10, S20, S29.
extension World {
    /// Performance ratio at which a charger complains, of a clean array's.
    static let cleanYieldLimit = 0.8

    mutating func failModule(_ plan: FaultPlan, _ fault: Int32) {
        integrate(plan.site)
        extras[plan.site].modulesOut += 1
        setContact(plan.site, .moduleFailed, true, fault: fault, value: plan["slot"])
        settle(plan.site)
        end(fault, after: plan.duration)
    }

    // MARK: Transfer switch

    /// S20: the engine has reached its speed, and the switch does not move.
    mutating func failTransfer(_ site: Int, _ fault: Int32) {
        guard fault >= 0, faults[Int(fault)].plan.scenario == .s20, faults[Int(fault)].plan.site == site else { return }
        extras[site].isTransferFailed = true
        // Not every switch has a contact that says so.
        if faults[Int(fault)].plan.variant == 0 { later(random.uniform(5, 30), fault, 1) }
    }

    mutating func repairTransferSwitch(_ site: Int, _ fault: Int32) {
        extras[site].isTransferFailed = false
        if isContactSet(site, .transferFailed) { setContact(site, .transferFailed, false, fault: fault) }
        settle(site)
    }

    // MARK: Battery

    mutating func stealBattery(_ plan: FaultPlan, _ fault: Int32, _ number: Int) {
        let site = plan.site
        let isSilent = plan.scenario == .s10
        touch(fault, site)
        switch number {
        case 0 where !isSilent:
            extras[site].permit = ""
            let door = setContact(site, .door, true, fault: fault)
            extras[site].contactCause[Int(SiteAlarm.intrusion.rawValue)] = door
            later(min(60, plan["strings_gone"] * 0.4) * random.uniform(0.4, 1), fault, 1)
            later(plan["strings_gone"], fault, 2)
            later(plan["strings_gone"] + random.uniform(300, 1200), fault, 3)
        case 0, 2:
            removeBattery(site)
            // Some sites have a contact on each string's breaker.
            if !isSilent, plan.variant == 1 {
                let cause = sites[site].raise(.intrusion) ?? sites[site].raise(.door)
                setContact(site, .stringOpen, true, fault: fault, cause: cause)
            }
            later(plan["next_dip"], fault, 4)
            later(plan["next_dip"] + plan["dip"], fault, 5)
            end(fault, after: plan["next_dip"] + plan["dip"] + plan["repair"])
        case 1: setContact(site, .intrusion, true, fault: fault, cause: sites[site].raise(.door))
        case 3:
            setContact(site, .intrusion, false, fault: fault)
            setContact(site, .door, false, fault: fault)
        case 4: loseGrid(site, fault)
        default: restoreGrid(site, fault)
        }
    }

    mutating func removeBattery(_ site: Int) {
        integrate(site)
        extras[site].isBatteryGone = true
        sites[site].batteryAmperes = 0
        settle(site)
    }

    /// A new bank of the old size, charged in the workshop.
    mutating func replaceBattery(_ site: Int, _ fault: Int32) {
        integrate(site)
        extras[site].isBatteryGone = false
        extras[site].health = fleet.sites[site].stateOfHealth
        sites[site].charge = 0.9
        sites[site].ampHoursIn = 0
        sites[site].ampHoursOut = 0
        for contact in [SiteAlarm.stringOpen, .intrusion, .door] where isContactSet(site, contact) {
            setContact(site, contact, false, fault: fault)
        }
        settle(site)
    }

    // MARK: Cooling

    mutating func setShelter(_ plan: FaultPlan) {
        extras[plan.site].shelter.timeConstant = plan["shelter_time"]
        extras[plan.site].shelter.rise = plan["shelter_rise"]
    }

    mutating func stopCooling(_ plan: FaultPlan, _ fault: Int32) {
        integrate(plan.site)
        extras[plan.site].isCoolingFailed = true
        setContact(plan.site, plan.variant == 1 ? .coolingFanFailed : .coolingFailed, true, fault: fault)
        settle(plan.site)
        end(fault, after: plan.duration)
    }

    mutating func repairCooling(_ plan: FaultPlan, _ fault: Int32) {
        extras[plan.site].isCoolingFailed = false
        extras[plan.site].leakPerSecond = 0
        extras[plan.site].cooling = 1
        setContact(plan.site, plan.variant == 1 ? .coolingFanFailed : .coolingFailed, false, fault: fault)
    }

    // MARK: Panels

    mutating func losePanels(_ plan: FaultPlan, _ fault: Int32) {
        integrate(plan.site)
        touch(fault, plan.site)
        if plan.variant == 2 {
            setContact(plan.site, .solarWeak, true, fault: fault, value: extras[plan.site].solarYield * 100)
        } else {
            extras[plan.site].solarYield = 0
            if plan.variant == 0 { setContact(plan.site, .panelMissing, true, fault: fault) }
        }
        settle(plan.site)
        end(fault, after: plan.duration)
    }

    mutating func restorePanels(_ plan: FaultPlan, _ fault: Int32) {
        extras[plan.site].solarYield = 1
        extras[plan.site].soilingPerSecond = 0
        let contact = plan.variant == 2 ? SiteAlarm.solarWeak : .panelMissing
        if isContactSet(plan.site, contact) { setContact(plan.site, contact, false, fault: fault, value: 100) }
    }
}
