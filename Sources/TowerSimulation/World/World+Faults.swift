import TowerModel

/// Injected faults: their beginning, their end, and the truth that is written down about them.
extension World {
    mutating func addFault(_ plan: FaultPlan) {
        let index = Int32(faults.count)
        let number = String(faults.count + 1)
        let scenario = plan.reportedAs ?? plan.scenario
        let name = scenario.rawValue + "-" + String(repeating: "0", count: max(0, 5 - number.count)) + number
        let truth = FaultTruth(
            faultID: name, scenario: scenario, label: plan.scenario.card.label, benign: plan.benign, root: plan.root(fleet),
            alternatives: plan.alternatives,
            trigger: plan.trigger(fleet), onset: timestamp(plan.onset),
            began: plan.headStart > 0 ? timestamp(plan.onset - plan.headStart) : nil,
            responsible: plan.scenario.card.responsible, firstAction: plan.scenario.card.firstAction, decoys: plan.decoys(fleet))
        faults.append(FaultRecord(plan: plan, truth: truth))
        schedule.add(at: plan.onset, .startFault(index))
        prepare(plan, index)
    }

    /// What is true of the fleet before the fault shows: the low tank, the weak starter battery.
    private mutating func prepare(_ plan: FaultPlan, _ index: Int32) {
        guard plan.site >= 0 else { return }
        if plan.scenario == .s03 {
            let spec = fleet.sites[plan.site]
            // Rectifier loss, controller and a compressor at some two thirds of its duty.
            let kilowatts = spec.loadKilowatts / 0.94 + 0.3 + 0.65 * Shelter.compressorKilowatts
            sites[plan.site].fuelLitres = GeneratorModel.litresPerHour(kilowatts: kilowatts) * plan.lead / 3600
        }
        if plan.scenario == .s02 {
            sites[plan.site].weakStarterFault = index
            guard plan.reportsWeakStarter else { return }
            schedule.add(at: plan.onset * random.uniform(0.6, 0.95), .weakStarter(site: Int32(plan.site)))
        }
        prepareScene(plan, index)
    }

    mutating func startFault(_ index: Int) {
        let plan = faults[index].plan
        let fault = Int32(index)
        faults[index].hasStarted = true
        switch plan.scenario {
        case .s01:
            loseGrid(plan.site, fault)
            schedule.add(at: now + plan.duration, .endFault(fault))
        case .s02, .s03, .s08, .s20:
            loseGrid(plan.site, fault)
        case .s05:
            integrate(plan.site)
            sites[plan.site].isRectifierFailed = true
            if sites[plan.site].gridCuts == 0 { sites[plan.site].powerFault = fault }
            touch(fault, plan.site)
            settle(plan.site)
            report(plan.site, SiteAlarm.rectifier.bit)
            schedule.add(at: now + random.uniform(1.2, 5), .report(site: Int32(plan.site), mask: SiteAlarm.discharging.bit))
            schedule.add(at: now + plan.duration, .endFault(fault))
        case .s13:
            links[plan.link].isCut = true
            links[plan.link].cutFault = fault
            faults[index].shared.insert(Int32(plan.link))
            refreshLink(plan.link)
            schedule.add(at: now + plan.duration, .endFault(fault))
        case .s14: moveStorm(fault)
        case .s23:
            touch(fault, plan.site)
            failController(plan.site, fault: fault)
            schedule.add(at: now + plan.duration, .endFault(fault))
        case .s25:
            let spread = configuration.parameters[.s25, "stagger"]
            for site in fleet.feeders[plan.feeder].sites {
                schedule.add(at: now + spread.draw(&random), .gridOff(site: Int32(site), fault: fault))
            }
            schedule.add(at: now + plan.duration, .endFault(fault))
        default: step(fault, 0)
        }
    }

    mutating func endFault(_ index: Int) {
        let plan = faults[index].plan
        let fault = Int32(index)
        switch plan.scenario {
        case .s01, .s02, .s03, .s08, .s20:
            restoreGrid(plan.site, fault)
            if plan.scenario == .s20 { repairTransferSwitch(plan.site, fault) }
        case .s05:
            integrate(plan.site)
            sites[plan.site].isRectifierFailed = false
            settle(plan.site)
            report(plan.site, SiteAlarm.rectifier.bit | SiteAlarm.discharging.bit)
        case .s13:
            links[plan.link].isCut = false
            refreshLink(plan.link)
        case .s14: break
        case .s23: repairController(plan.site)
        case .s25:
            for site in fleet.feeders[plan.feeder].sites {
                schedule.add(at: now + random.uniform(0, 20), .gridOn(site: Int32(site), fault: fault))
            }
        default: endScene(plan, fault)
        }
        finish(fault)
    }

    mutating func finish(_ fault: Int32) {
        faults[Int(fault)].hasEnded = true
        faults[Int(fault)].truth.clear = Timestamp(milliseconds: nowMilliseconds)
    }

    /// S02, S03, S08 and S20 end some time after the site went dark.
    mutating func restoreAfterDark(_ site: Int) {
        let fault = sites[site].powerFault
        guard fault >= 0 else { return }
        let plan = faults[Int(fault)].plan
        guard plan.site == site, [.s02, .s03, .s08, .s20].contains(plan.scenario), !faults[Int(fault)].hasEnded else { return }
        schedule.add(at: now + plan.duration, .endFault(fault))
    }

    /// Notes that a site suffers from a fault.
    mutating func touch(_ fault: Int32, _ site: Int) {
        guard fault >= 0 else { return }
        faults[Int(fault)].affected.insert(Int32(site))
    }

    /// Truth of every fault that has begun, in order of onset, then of planning.
    var truth: [FaultTruth] {
        var result: [FaultTruth] = []
        for index in faults.indices where faults[index].hasStarted { result.append(truth(of: index)) }
        return result.sorted { ($0.onset, $0.faultID) < ($1.onset, $1.faultID) }
    }

    private func truth(of index: Int) -> FaultTruth {
        let record = faults[index]
        var truth = record.truth
        let affected = record.affected.sorted()
        truth.affectedSites = affected.map { fleet.sites[Int($0)].siteID }
        truth.affectedOperators = Set(affected.flatMap { fleet.sites[Int($0)].operators }).sorted()
        truth.objects = record.shared.map { fleet.object(ofLink: Int($0)) }.sorted()
        if record.plan.scenario == .s25 { truth.objects.append(truth.root.managedObject) }
        let isCharged = record.plan.scenario.card.isChargeable
        var seconds: [String: Double] = [:]
        for name in truth.affectedOperators { seconds[name] = isCharged ? record.downSeconds[name] ?? 0 : 0 }
        if isCharged { addOpenDowntime(to: &seconds, fault: Int32(index), sites: affected) }
        truth.chargeableSeconds = seconds
        return truth
    }

    /// Adds what runs at this instant.
    private func addOpenDowntime(to seconds: inout [String: Double], fault: Int32, sites affected: [Int32]) {
        for site in affected {
            let spec = fleet.sites[Int(site)]
            let state = sites[Int(site)]
            for slot in spec.operators.indices where state.downSince[slot] >= 0 {
                let isOurs = stride(from: slot, to: spec.cells, by: spec.operators.count).contains {
                    state.cellFault[$0] == fault
                }
                if isOurs { seconds[spec.operators[slot], default: 0] += now - state.downSince[slot] }
            }
        }
    }
}
