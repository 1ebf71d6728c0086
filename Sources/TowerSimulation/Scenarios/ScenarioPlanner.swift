import TowerModel

/// Places the asked faults on sites and in time so that no two share a site, unless overlap is asked for.
struct ScenarioPlanner {
    let configuration: SimulationConfiguration
    let fleet: Fleet
    let topology: Topology
    let horizon: Double
    var random: SeededGenerator
    /// The shelters that the world will have.
    let shelters: [Shelter]
    private var plans: [FaultPlan] = []
    private var reserved: [[ClosedRange<Double>]]
    private var unplaced: [UnplacedScenario] = []
    private let triesAnInstance = 120
    var earliest = 0.0

    /// Idle margin around a fault, so that its echoes never mix with the next one.
    private let margin = 1800.0

    struct Result {
        var plans: [FaultPlan]
        var reserved: [[ClosedRange<Double>]]
        var unplaced: [UnplacedScenario]
    }

    /// - Parameters:
    ///   - script: plans that stand already; nothing else is put where they are.
    ///   - earliest: no onset before.
    static func plan(
        _ configuration: SimulationConfiguration, fleet: Fleet, after script: [FaultPlan] = [], from earliest: Double? = nil
    ) -> Result {
        var planner = ScenarioPlanner(configuration, fleet)
        planner.earliest = earliest ?? min(1800, 0.05 * planner.horizon)
        planner.keep(script)
        // What needs most room goes first.
        let order: [ScenarioID] = [
            .s25, .s13, .s30, .s28, .s14, .s03, .s17, .s22, .s08, .s07, .s06, .s12, .s10, .s09, .s16, .s29, .s15, .s02, .s20,
            .s05, .s19, .s18, .s26, .s11, .s27, .s24, .s21, .s04, .s23, .s01,
        ]
        for scenario in order where configuration.scenarios.contains(scenario) {
            planner.place(scenario)
        }
        planner.plans.sort { ($0.onset, $0.scenario) < ($1.onset, $1.scenario) }
        return Result(plans: planner.plans, reserved: planner.reserved, unplaced: planner.unplaced)
    }

    private init(_ configuration: SimulationConfiguration, _ fleet: Fleet) {
        self.configuration = configuration
        self.fleet = fleet
        topology = Topology(fleet)
        horizon = configuration.hours * 3600
        random = SeededGenerator(seed: configuration.seed, stream: "scenarios")
        var generator = SeededGenerator(seed: configuration.seed, stream: "shelters")
        shelters = fleet.sites.map { _ in .typical(&generator) }
        reserved = Array(repeating: [], count: fleet.sites.count)
    }

    /// Takes scripted faults over as they are and keeps their sites free while they last.
    private mutating func keep(_ script: [FaultPlan]) {
        plans = script
        for plan in script {
            var ends: [Int] = plan.site >= 0 ? [plan.site] : plan.feeder >= 0 ? fleet.feeders[plan.feeder].sites : []
            if plan.link >= 0 { ends += [fleet.links[plan.link].child, fleet.links[plan.link].parent] }
            for link in plan.storm?.links ?? [] { ends += [fleet.links[Int(link)].child, fleet.links[Int(link)].parent] }
            let sites = Set(ends.flatMap { topology.subtree($0, fleet) })
            let seconds = plan.scenario == .s02 ? plan.duration + 7 * 3600 : plan.duration
            for site in sites.sorted() { reserved[site].append(plan.onset - margin...plan.onset + seconds + margin) }
        }
    }

    private mutating func place(_ scenario: ScenarioID) {
        let rate = configuration.parameters.instances[scenario] ?? 0
        let wanted = max(1, Int((rate * Double(configuration.sites) / 100 * configuration.hours / 24).rounded()))
        var placed = 0
        for _ in 0..<wanted {
            for _ in 0..<triesAnInstance {
                guard let draft = draft(scenario), reserve(draft) else { continue }
                plans += draft.plans
                placed += 1
                break
            }
        }
        if placed < wanted { unplaced.append(UnplacedScenario(scenario: scenario, wanted: wanted, placed: placed)) }
    }

    struct Draft {
        /// One, or two that overlap.
        var plans: [FaultPlan]
        /// Sites that the fault may touch.
        var sites: [Int]
        /// From the first onset.
        var seconds: Double

        init(plan: FaultPlan, sites: [Int], seconds: Double) { self.init(plans: [plan], sites: sites, seconds: seconds) }

        init(plans: [FaultPlan], sites: [Int], seconds: Double) {
            (self.plans, self.sites, self.seconds) = (plans, sites, seconds)
        }

        var onset: Double { plans.reduce(.infinity) { min($0, $1.onset) } }
    }

    private mutating func reserve(_ draft: Draft) -> Bool {
        let span = draft.onset - margin...draft.onset + draft.seconds + margin
        if !configuration.allowsOverlap {
            for site in draft.sites where reserved[site].contains(where: { $0.overlaps(span) }) { return false }
        }
        for site in draft.sites { reserved[site].append(span) }
        for plan in draft.plans where plan.scenario == .s03 || plan.scenario == .s08 {
            // A low tank, a worn bank: no other outage may find it before.
            reserved[plan.site].append(-margin...plan.onset)
        }
        return true
    }

    private mutating func draft(_ scenario: ScenarioID) -> Draft? {
        switch scenario {
        case .s01, .s02, .s03, .s05, .s23: draftSite(scenario)
        case .s13: draftCut()
        case .s14: draftStorm()
        case .s25: draftFeeder()
        case .s30: draftPair()
        default: draftScene(scenario)
        }
    }

    /// An onset that leaves `seconds` before the end, or an early one when they do not fit.
    mutating func onset(needing seconds: Double) -> Double {
        let last = horizon - seconds
        return last > earliest ? random.uniform(earliest, last) : random.uniform(earliest, earliest + 0.05 * horizon)
    }

    func draw(_ scenario: ScenarioID, _ name: String, _ random: inout SeededGenerator) -> Double {
        configuration.parameters[scenario, name].draw(&random)
    }

    mutating func draftSite(_ scenario: ScenarioID) -> Draft? {
        // Hubs and relays are picked more often than their number asks for: what hangs on them is the point.
        var site = random.integer(0...fleet.sites.count - 1)
        if scenario == .s02 || scenario == .s03 || scenario == .s05, random.chance(0.4) {
            for _ in 0..<12 where topology.subtree(site, fleet).count < 2 { site = random.integer(0...fleet.sites.count - 1) }
        }
        let spec = fleet.sites[site]
        guard !spec.isOffGrid || scenario == .s23 else { return nil }
        if scenario == .s02 || scenario == .s03, spec.generator == nil { return nil }
        var plan = FaultPlan(scenario: scenario, site: site, onset: 0, duration: 0)
        // From full to LVD2 at a load that shrinks at LVD1, with room for the hour of the day.
        let dark = spec.autonomyHours * 3600 * 1.25
        var seconds: Double
        switch scenario {
        case .s02, .s03:
            plan.duration = draw(scenario, "restore_after_dark", &random)
            if scenario == .s03 {
                plan.lead = min(draw(.s03, "lead", &random), 0.3 * horizon)
                guard let tank = spec.generator?.tankLitres, tank > 2 * plan.lead / 3600 else { return nil }
            } else {
                plan.reportsWeakStarter = random.chance(0.4)
            }
            seconds = plan.lead + dark + plan.duration + 2700
        case .s05:
            plan.duration = draw(.s05, "repair", &random)
            seconds = plan.duration + 2700
        case .s23:
            plan.duration = draw(.s23, "repair", &random)
            seconds = plan.duration + 600
        default:
            plan.duration = max(300, draw(.s01, "outage", &random))
            if spec.generator == nil { plan.duration = min(plan.duration, spec.autonomyHours * 3600 * 0.3) }
            plan.duration = min(plan.duration, 0.6 * horizon)
            seconds = plan.duration + 900
        }
        plan.onset = onset(needing: seconds)
        seconds = min(seconds, horizon)
        return Draft(
            plan: plan, sites: scenario == .s23 || scenario == .s01 ? [site] : topology.subtree(site, fleet), seconds: seconds)
    }
}
