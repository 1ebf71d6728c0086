import TowerModel

/// Where and when the scenarios that unfold by a plan of their own happen.
extension ScenarioPlanner {
    mutating func draftScene(_ scenario: ScenarioID) -> Draft? {
        var plan = FaultPlan(scenario: scenario, onset: 0, duration: 0)
        plan.drawn = configuration.parameters.draw(scenario, &random)
        switch scenario {
        case .s15: return draftMisalignment(plan)
        case .s06, .s07: return draftHeat(plan)
        case .s08, .s20: return draftOutage(plan)
        case .s17, .s22, .s28: return draftWithNeighbours(plan)
        default: break
        }
        guard let site = pickSite(scenario) else { return nil }
        plan.site = site
        plan.variant = variant(scenario, plan.site)
        plan.drawn["slot"] = Double(random.integer(1...4))
        plan.drawn["degrades"] = random.unit()
        plan.duration = duration(&plan)
        guard let onset = onset(of: plan) else { return nil }
        plan.onset = onset
        addHeadStart(&plan)
        if scenario == .s19, let uplink = hop(above: plan.site) { plan.link = uplink }
        let isWide = scenario == .s09 || scenario == .s10 || scenario == .s19
        return Draft(plan: plan, sites: isWide ? topology.subtree(plan.site, fleet) : [plan.site], seconds: plan.duration + 900)
    }

    /// A site that has what the scenario needs; `nil` when sixty draws did not find one.
    private mutating func pickSite(_ scenario: ScenarioID) -> Int? {
        for _ in 0..<60 {
            let site = random.integer(0...fleet.sites.count - 1)
            if suits(site, scenario) { return site }
        }
        return nil
    }

    private func suits(_ site: Int, _ scenario: ScenarioID) -> Bool {
        let spec = fleet.sites[site]
        switch scenario {
        case .s04, .s06, .s07, .s09, .s10, .s26: return !spec.isOffGrid
        case .s08: return !spec.isOffGrid && spec.generator == nil
        case .s20: return !spec.isOffGrid && spec.generator != nil
        case .s22: return topology.links(of: site).filter { fleet.links[Int($0)].kind == .hop }.count >= 2
        case .s11: return !spec.isOffGrid && spec.generator != nil && spec.fuelLitres > 60
        case .s12: return !spec.isOffGrid && spec.fuelLitres > 60 && spec.fuelLitres < 0.8 * (spec.generator?.tankLitres ?? 0)
        case .s21: return site % 2 == 0
        case .s29: return spec.solarKilowattsPeak > 0
        default: return true
        }
    }

    /// Which of its faces a scenario shows; the share of each is in docs/scenarios.md.
    private mutating func variant(_ scenario: ScenarioID, _ site: Int) -> Int {
        switch scenario {
        case .s09: return random.chance(0.5) ? 1 : 0
        case .s12, .s26: return random.chance(0.6) ? 0 : 1
        case .s16, .s27: return random.integer(0...fleet.sites[site].cells - 1)
        case .s24:
            let spec = fleet.sites[site]
            if spec.generator != nil { return random.integer(0...(spec.isOffGrid ? 3 : 4)) }
            return spec.isOffGrid ? 3 : random.integer(3...4)
        case .s29: return random.chance(0.4) ? 2 : random.chance(0.5) ? 1 : 0
        default: return 0
        }
    }

    /// Seconds from onset to clear. What does not fit into the run is cut down to it.
    private func duration(_ plan: inout FaultPlan) -> Double {
        let most = 0.4 * horizon
        func cut(_ name: String) -> Double { min(plan[name], most) }
        switch plan.scenario {
        case .s04, .s18, .s19, .s21, .s29: return max(2400, cut("repair"))
        case .s09, .s10:
            plan.drawn["next_dip"] = cut("next_dip")
            return plan["strings_gone"] + plan["next_dip"] + plan["dip"] + cut("repair")
        case .s11: return plan["time"]
        case .s12: return plan.variant == 0 ? min(plan["lasts"], 0.7 * horizon) : 60
        case .s16:
            // The shower that lifts the ratio above 3.0 falls a fifth of the creep after the ratio of 2.0.
            plan.drawn["shower"] = min(0.2 * plan["creep"], 0.3 * horizon)
            return plan["shower"] + 600 + min(plan["repair"], 0.3 * horizon)
        case .s24: return min(plan["lasts"], 0.5 * horizon)
        case .s26: return plan["work"]
        case .s27: return cut("sleep")
        default: return 3600
        }
    }

    private mutating func onset(of plan: FaultPlan) -> Double? {
        switch plan.scenario {
        // Thieves come at night, but not always.
        case .s11 where random.chance(0.8): onset(needing: plan.duration + 900, between: 22...29)
        case .s29 where plan.variant < 2: onset(needing: plan.duration, between: 9...15)
        case .s27: onset(needing: plan.duration, between: 6...18)
        default: onset(needing: plan.duration + 900)
        }
    }

    private func addHeadStart(_ plan: inout FaultPlan) {
        switch plan.scenario {
        case .s16: plan.headStart = plan["creep"]
        case .s29 where plan.variant == 2:
            plan.headStart = (1 - World.cleanYieldLimit) * 100 / plan["soiling"] * 86_400
        default: break
        }
    }

    /// An onset in a part of the local day, given in hours that may run past midnight; `nil` when none leaves `seconds`.
    private mutating func onset(needing seconds: Double, between hours: ClosedRange<Double>) -> Double? {
        let first = DayProfile.localHour(configuration.start.seconds(since: Timestamp(milliseconds: 0)))
        var fitting: [Double] = []
        let hour = random.uniform(hours.lowerBound, hours.upperBound)
        var at = (hour - first - 24) * 3600
        while at + seconds < horizon {
            if at >= earliest { fitting.append(at) }
            at += 86_400
        }
        return fitting.isEmpty ? nil : random.pick(fitting)
    }

    private func hop(above site: Int) -> Int? {
        let uplink = Int(topology.uplink[site])
        return uplink >= 0 && fleet.links[uplink].kind == .hop ? uplink : nil
    }

    /// The nearest sites within reach, nearest first.
    private func neighbours(of site: Int, kilometres: Double, most: Int) -> [Int] {
        var found: [(distance: Double, site: Int)] = []
        for other in fleet.sites.indices where other != site {
            let distance = Geography.kilometres(fleet.sites[site], fleet.sites[other])
            if distance < kilometres { found.append((distance, other)) }
        }
        found.sort { ($0.distance, $0.site) < ($1.distance, $1.site) }
        return found.prefix(most).map(\.site)
    }

    // MARK: One by one

    private mutating func draftMisalignment(_ plan: FaultPlan) -> Draft? {
        var plan = plan
        let hops = fleet.links.indices.filter { fleet.links[$0].kind == .hop }
        guard !hops.isEmpty else { return nil }
        plan.link = random.pick(hops)
        let child = fleet.links[plan.link].child
        plan.duration = plan["wind_time"] + min(plan["repair"], 0.4 * horizon)
        plan.onset = onset(needing: plan.duration + 900)
        plan.neighbours = neighbours(of: child, kilometres: 15, most: 2).filter { $0 != fleet.links[plan.link].parent }
        return Draft(
            plan: plan, sites: topology.subtree(child, fleet) + [fleet.links[plan.link].parent], seconds: plan.duration + 900)
    }

    /// S17, S22, S28: what spreads to the sites around.
    private mutating func draftWithNeighbours(_ plan: FaultPlan) -> Draft? {
        var plan = plan
        guard let site = pickSite(plan.scenario) else { return nil }
        plan.site = site
        switch plan.scenario {
        case .s17:
            plan.drawn["holdover"] = min(plan["holdover"], 0.5 * horizon)
            plan.duration = plan["holdover"] + plan["repair"]
            plan.neighbours = neighbours(of: plan.site, kilometres: 15, most: 3)
            guard !plan.neighbours.isEmpty else { return nil }
        case .s22:
            plan.duration = plan["drift"] + min(plan["repair"], 0.3 * horizon)
            plan.neighbours = neighbours(of: plan.site, kilometres: 15, most: 2)
        default:
            plan.neighbours = neighbours(of: plan.site, kilometres: 12, most: 2).filter { !fleet.sites[$0].isHub }
            plan.duration = plan["downstream"] * Double(plan.neighbours.count) + 1.2 * plan["short_circuit"] + plan["water_gone"]
            guard !fleet.sites[plan.site].isOffGrid, !plan.neighbours.contains(where: { fleet.sites[$0].isOffGrid }) else {
                return nil
            }
        }
        plan.onset = onset(needing: plan.duration + 900)
        var sites = Set(topology.subtree(plan.site, fleet))
        for site in plan.neighbours { sites.formUnion(plan.scenario == .s28 ? topology.subtree(site, fleet) : [site]) }
        for link in topology.links(of: plan.site) where plan.scenario == .s22 {
            sites.formUnion([fleet.links[Int(link)].child, fleet.links[Int(link)].parent])
        }
        return Draft(plan: plan, sites: sites.sorted(), seconds: plan.duration + 900)
    }

    /// S08 needs a site that lives from its battery, S20 one whose generator runs in vain.
    private mutating func draftOutage(_ plan: FaultPlan) -> Draft? {
        var plan = plan
        guard let site = pickSite(plan.scenario) else { return nil }
        plan.site = site
        let spec = fleet.sites[site]
        plan.duration = plan["restore_after_dark"]
        var seconds = spec.autonomyHours * 3600 * 1.25 + plan.duration + 2700
        if plan.scenario == .s08 {
            plan.headStart = (100 - plan["attainment"]) / plan["fade"] * 30 * 86_400
            seconds = spec.autonomyHours / spec.stateOfHealth * 3600 * 0.8 + plan.duration + 2700
        } else {
            plan.variant = random.chance(0.6) ? 0 : 1
        }
        plan.onset = onset(needing: seconds)
        return Draft(plan: plan, sites: topology.subtree(plan.site, fleet), seconds: min(seconds, horizon))
    }

    /// S06, S07: a stop early enough in the day that the shelter goes all the way within the hours that DOMAIN gives.
    private mutating func draftHeat(_ plan: FaultPlan) -> Draft? {
        var plan = plan
        guard let site = pickSite(plan.scenario) else { return nil }
        plan.site = site
        plan.duration = plan["repair"]
        guard let onset = onset(needing: plan.duration + 900, between: 6.5...11) else { return nil }
        plan.onset = onset
        var shelter = shelters[plan.site]
        shelter.timeConstant = plan["shelter_time"]
        shelter.rise = plan["shelter_rise"]
        let hour = DayProfile.localHour(configuration.start.seconds(since: Timestamp(milliseconds: 0)) + onset)
        guard let times = shelter.heating(from: hour), (1800...7200).contains(times.tenKelvin),
            (2 * 3600...4 * 3600).contains(times.derate), (3 * 3600...8 * 3600).contains(times.shut),
            times.shut < plan.duration - 600
        else { return nil }
        if plan.scenario == .s07 { plan.headStart = plan["leaking"] } else { plan.variant = random.chance(0.65) ? 0 : 1 }
        return Draft(plan: plan, sites: [plan.site], seconds: plan.duration + 3 * 3600)
    }

    /// Rain over one hop while a site not far away loses its generator: neither touches what the other does.
    mutating func draftPair() -> Draft? {
        guard let site = draftSite(.s02), var first = site.plans.first else { return nil }
        var storm: Draft?
        for _ in 0..<12 where storm == nil {
            guard let rain = draftStorm(), Set(site.sites).isDisjoint(with: rain.sites) else { continue }
            storm = rain
        }
        guard let rain = storm, var second = rain.plans.first else { return nil }
        second.onset = first.onset + random.uniform(0, 7200)
        (first.reportedAs, second.reportedAs) = (.s30, .s30)
        return Draft(plans: [first, second], sites: site.sites + rain.sites, seconds: max(site.seconds, 7200 + rain.seconds))
    }
}

extension Shelter {
    /// Seconds without cooling until the air has gained ten kelvin, the radio derates and shuts down; `nil` when it never does.
    func heating(from hour: Double) -> (tenKelvin: Double, derate: Double, shut: Double)? {
        var celsius = Self.setpoint + 2
        var tenKelvin = 0.0
        var derate = 0.0
        let target = celsius + 10
        for minute in 1...(10 * 60) {
            let clock = (hour + Double(minute) / 60).truncatingRemainder(dividingBy: 24)
            celsius = step(
                celsius, seconds: 60, outdoor: DayProfile.outdoor(clock), sun: DayProfile.sun(clock),
                load: DayProfile.load(clock), cooling: .none)
            let seconds = Double(minute) * 60
            if celsius >= target, tenKelvin == 0 { tenKelvin = seconds }
            if celsius + rackRise >= derateCelsius, derate == 0 { derate = seconds }
            if celsius + rackRise >= shutCelsius { return (tenKelvin, derate, seconds) }
        }
        return nil
    }
}
