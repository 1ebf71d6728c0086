/// Faults that unfold by a plan of their own: which file plays which.
extension World {
    /// Plays the `number`th part of a fault; 0 is its onset.
    mutating func step(_ fault: Int32, _ number: Int) {
        guard !faults[Int(fault)].hasEnded else { return }
        let plan = faults[Int(fault)].plan
        switch plan.scenario {
        case .s04: failModule(plan, fault)
        case .s06, .s07: stopCooling(plan, fault)
        case .s09, .s10: stealBattery(plan, fault, number)
        case .s11, .s12: loseFuel(plan, fault, number)
        case .s15: turnAntenna(plan, fault, number)
        case .s16: wetFeeder(plan, fault, number)
        case .s17: loseSatellite(plan, fault, number)
        case .s18: cutFeeders(plan, fault, number)
        case .s19: strike(plan, fault, number)
        case .s20: setContact(plan.site, .transferFailed, true, fault: fault, cause: sites[plan.site].raise(.grid))
        case .s21: darkenLight(plan, fault, number)
        case .s22: tiltTower(plan, fault, number)
        case .s24: lie(plan, fault)
        case .s26: work(plan, fault, number)
        case .s27: sleep(plan, fault)
        case .s28: flood(plan, fault, number)
        case .s29: losePanels(plan, fault)
        case .s01, .s02, .s03, .s05, .s08, .s13, .s14, .s23, .s25, .s30: break
        }
    }

    /// What a fault has done before its onset: the weeks of a leak, the months of an ageing bank.
    mutating func prepareScene(_ plan: FaultPlan, _ fault: Int32) {
        switch plan.scenario {
        case .s06: setShelter(plan)
        case .s07:
            setShelter(plan)
            // The compressor has lost so much by the trip; before the run, whatever part of that lies before it.
            extras[plan.site].leakPerSecond = plan["leak"] / 100 / 86_400
            extras[plan.site].cooling = max(0.2, 1 - extras[plan.site].leakPerSecond * max(0, plan.headStart - plan.onset))
            extras[plan.site].leakFrom = max(0, plan.onset - plan.headStart)
        case .s08:
            extras[plan.site].fade = plan["fade"] / 100 / (30 * 86_400)
            extras[plan.site].health = min(1, plan["attainment"] / 100 + extras[plan.site].fade * plan.onset)
        case .s29 where plan.variant == 2:
            extras[plan.site].soilingPerSecond = plan["soiling"] / 100 / 86_400
            extras[plan.site].solarYield = min(1, Self.cleanYieldLimit + extras[plan.site].soilingPerSecond * plan.onset)
        default: break
        }
    }

    mutating func endScene(_ plan: FaultPlan, _ fault: Int32) {
        integrate(max(0, plan.site))
        switch plan.scenario {
        case .s04:
            extras[plan.site].modulesOut = max(0, extras[plan.site].modulesOut - 1)
            setContact(plan.site, .moduleFailed, false, fault: fault, value: plan["slot"])
        case .s06, .s07: repairCooling(plan, fault)
        case .s09, .s10: replaceBattery(plan.site, fault)
        case .s11, .s12: endFuelLoss(plan, fault)
        case .s15: alignAntenna(plan, fault)
        case .s16, .s17, .s18: repairRadio(plan, fault)
        case .s19: repairStrike(plan, fault)
        case .s21: repairLight(plan, fault)
        case .s22: straightenTower(plan, fault)
        case .s24: extras[plan.site].lie = .none
        case .s27: extras[plan.site].sleeping = 0
        case .s28: dryOut(plan, fault)
        case .s29: restorePanels(plan, fault)
        case .s01, .s02, .s03, .s05, .s08, .s13, .s14, .s20, .s23, .s25, .s26, .s30: break
        }
        if plan.site >= 0 { settle(plan.site) }
    }

    mutating func later(_ seconds: Double, _ fault: Int32, _ number: Int) {
        schedule.add(at: now + seconds, .step(fault: fault, number: Int16(number)))
    }

    mutating func end(_ fault: Int32, after seconds: Double) { schedule.add(at: now + seconds, .endFault(fault)) }
}
