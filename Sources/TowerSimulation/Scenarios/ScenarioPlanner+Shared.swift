import Glibc
import TowerModel

/// Faults of what several sites share: fibres, feeders, weather.
extension ScenarioPlanner {
    mutating func draftCut() -> Draft? {
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

    mutating func draftFeeder() -> Draft? {
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

    mutating func draftStorm() -> Draft? {
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
