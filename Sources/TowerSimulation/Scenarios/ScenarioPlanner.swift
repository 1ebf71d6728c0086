import Glibc
import TowerModel

/// Places the asked faults on sites and in time so that no two share a site, unless overlap is asked for.
struct ScenarioPlanner {
    private let configuration: SimulationConfiguration
    private let fleet: Fleet
    private let topology: Topology
    private let horizon: Double
    private var random: SeededGenerator
    private var plans: [FaultPlan] = []
    private var reserved: [[ClosedRange<Double>]]
    private var unplaced: [UnplacedScenario] = []
    private let triesAnInstance = 60
    private var earliest = 0.0

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
        for scenario in [ScenarioID.s25, .s13, .s14, .s03, .s02, .s05, .s23, .s01]
        where configuration.scenarios.contains(scenario) {
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
                plans.append(draft.plan)
                placed += 1
                break
            }
        }
        if placed < wanted { unplaced.append(UnplacedScenario(scenario: scenario, wanted: wanted, placed: placed)) }
    }

    private struct Draft {
        var plan: FaultPlan
        var sites: [Int]
        var seconds: Double
    }

    private mutating func reserve(_ draft: Draft) -> Bool {
        let span = draft.plan.onset - margin...draft.plan.onset + draft.seconds + margin
        if !configuration.allowsOverlap {
            for site in draft.sites where reserved[site].contains(where: { $0.overlaps(span) }) { return false }
        }
        for site in draft.sites { reserved[site].append(span) }
        if draft.plan.scenario == .s03 {
            // A low tank: no other outage may drain it before.
            reserved[draft.plan.site].append(-margin...draft.plan.onset)
        }
        return true
    }

    private mutating func draft(_ scenario: ScenarioID) -> Draft? {
        switch scenario {
        case .s01, .s02, .s03, .s05, .s23: draftSite(scenario)
        case .s13: draftCut()
        case .s14: draftStorm()
        case .s25: draftFeeder()
        }
    }

    /// An onset that leaves `seconds` before the end, or an early one when they do not fit.
    private mutating func onset(needing seconds: Double) -> Double {
        let last = horizon - seconds
        return last > earliest ? random.uniform(earliest, last) : random.uniform(earliest, earliest + 0.05 * horizon)
    }

    private func draw(_ scenario: ScenarioID, _ name: String, _ random: inout SeededGenerator) -> Double {
        configuration.parameters[scenario, name].draw(&random)
    }

    private mutating func draftSite(_ scenario: ScenarioID) -> Draft? {
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

    private mutating func draftCut() -> Draft? {
        let candidates = fleet.links.indices.filter { fleet.links[$0].isFibre }
        guard !candidates.isEmpty else { return nil }
        var link = random.pick(candidates)
        // Aggregation fibres, not leaves, as a rule.
        for _ in 0..<6 where topology.subtree(fleet.links[link].child, fleet).count < 3 { link = random.pick(candidates) }
        var plan = FaultPlan(scenario: .s13, link: link, onset: 0, duration: draw(.s13, "repair", &random))
        plan.duration = max(1800, min(plan.duration, 0.7 * horizon))
        plan.onset = onset(needing: plan.duration + 900)
        var sites = topology.subtree(fleet.links[link].child, fleet)
        sites.append(fleet.links[link].parent)
        return Draft(plan: plan, sites: sites, seconds: plan.duration + 900)
    }

    private mutating func draftFeeder() -> Draft? {
        guard !fleet.feeders.isEmpty else { return nil }
        let feeder = random.integer(0...fleet.feeders.count - 1)
        let members = fleet.feeders[feeder].sites
        // A feeder of one site can only be told from a local outage by nobody: take it in fleets of one alone.
        guard members.count >= 3 || fleet.sites.count < 4 else { return nil }
        var plan = FaultPlan(scenario: .s25, feeder: feeder, onset: 0, duration: draw(.s25, "outage", &random))
        plan.duration = min(plan.duration, 0.7 * horizon)
        plan.onset = onset(needing: plan.duration + 2700)
        var sites = Set<Int>()
        for site in members { sites.formUnion(topology.subtree(site, fleet)) }
        return Draft(plan: plan, sites: sites.sorted(), seconds: plan.duration + 2700)
    }

    private mutating func draftStorm() -> Draft? {
        let hops = fleet.links.indices.filter { fleet.links[$0].kind == .hop }
        guard !hops.isEmpty else { return nil }
        let core = random.pick(hops)
        guard let storm = storm(over: core, hops: hops) else { return nil }
        let reach = 2 * storm.arrival
        var plan = FaultPlan(scenario: .s14, link: core, onset: 0, duration: reach, storm: storm)
        plan.onset = onset(needing: reach + 600)
        var sites = Set<Int>()
        for link in storm.links {
            sites.formUnion(topology.subtree(fleet.links[Int(link)].child, fleet))
            sites.insert(fleet.links[Int(link)].parent)
        }
        return Draft(plan: plan, sites: sites.sorted(), seconds: reach + 600)
    }

    /// A rain cell whose core passes over the hop and on over a neighbour, heavy enough to shift the hop's modulation.
    private mutating func storm(over core: Int, hops: [Int]) -> FaultPlan.Storm? {
        let width = draw(.s14, "cell_width", &random)
        let speed = draw(.s14, "speed", &random) / 3600
        let reachKilometres = 1.8 * width + 8
        let middle = fleet.middle(ofLink: core)
        let east = Geography.kilometresPerDegree * cos(middle.latitude * Double.pi / 180)
        func offset(_ link: Int) -> (east: Double, north: Double) {
            let other = fleet.middle(ofLink: link)
            return (
                (other.longitude - middle.longitude) * east, (other.latitude - middle.latitude) * Geography.kilometresPerDegree
            )
        }
        var bearing = random.uniform(0, 2 * Double.pi)
        let neighbours = hops.filter {
            let at = offset($0)
            let distance = (at.east * at.east + at.north * at.north).squareRoot()
            return $0 != core && distance < reachKilometres
        }
        if !neighbours.isEmpty {
            let at = offset(random.pick(neighbours))
            bearing = atan2(at.north, at.east)
        }
        var storm = FaultPlan.Storm(
            rate: draw(.s14, "rain_rate", &random), widthKilometres: width, velocityEast: speed * cos(bearing),
            velocityNorth: speed * sin(bearing), arrival: reachKilometres / speed, links: [])
        var deepest = 0.0
        for link in [core] + neighbours {
            var worst = 0.0
            for step in 0..<80 {
                let elapsed = 2 * storm.arrival * Double(step) / 79
                worst = max(worst, storm.attenuation(of: link, core: core, elapsed: elapsed, fleet: fleet))
            }
            if worst > 1 { storm.links.append(Int32(link)) }
            if link == core { deepest = worst }
        }
        storm.links.sort()
        return deepest > 18 ? storm : nil
    }
}
