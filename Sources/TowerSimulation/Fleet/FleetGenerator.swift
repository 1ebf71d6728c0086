import Glibc
import TowerModel

/// Builds a plausible fleet from a seed: regions of about 45 sites, each with an aggregation hub, fibre-fed hubs, hop trees
/// two to five sites deep, isolated sites and power feeders (DOMAIN 5.1).
struct FleetGenerator {
    private var random: SeededGenerator
    private var names = SiteNames()
    private var fleet = Fleet(sites: [], feeders: [], links: [])
    private let mobileOperators = ["Akwa", "Lagune", "Savana"]
    private let regionSize = 45

    static func generate(sites count: Int, seed: UInt64) -> Fleet {
        var generator = FleetGenerator(random: SeededGenerator(seed: seed, stream: "fleet"))
        return generator.build(count)
    }

    private init(random: SeededGenerator) { self.random = random }

    private mutating func build(_ count: Int) -> Fleet {
        fleet.sites.reserveCapacity(count)
        let regions = max(1, (count + regionSize - 1) / regionSize)
        for region in 0..<regions {
            let first = count * region / regions
            let last = count * (region + 1) / regions
            buildRegion(region, count: last - first)
        }
        return fleet
    }

    private mutating func buildRegion(_ index: Int, count: Int) {
        let first = fleet.sites.count
        let round = index / SiteNames.regions.count
        let name = SiteNames.regions[index % SiteNames.regions.count] + (round > 0 ? " \(round + 1)" : "")
        let centre = (latitude: random.uniform(5.0, 10.2), longitude: random.uniform(-8.0, -3.0))
        addTransport(count: count, region: name, centre: centre)
        addFeeders(range: first..<fleet.sites.count, centre: centre)
        for site in first..<fleet.sites.count { equip(site) }
    }

    // MARK: Transport

    private mutating func addTransport(count: Int, region: String, centre: (latitude: Double, longitude: Double)) {
        let first = fleet.sites.count
        let hubs = count < 3 ? min(count, 1) : max(1, Int((Double(count) * 0.1).rounded()))
        for hub in 0..<hubs {
            let parent = hub == 0 ? nil : first + (hub > 2 && random.chance(0.5) ? hub - 2 : hub - 1)
            let near = parent.map { (fleet.sites[$0].latitude, fleet.sites[$0].longitude) } ?? centre
            let distance = hub == 0 ? 0 : random.uniform(14, 38)
            let site = addSite(region: region, near: near, kilometres: distance, isHub: count > 1)
            if let parent { connect(site, parent, kind: .fibre) }
        }
        if hubs >= 3, random.chance(0.6) { closeRing(first, hubs) }
        var depth = [Int](repeating: 0, count: hubs)
        for _ in hubs..<max(hubs, count) {
            let choice = random.unit()
            if choice < 0.68 {
                // A parent among the sites of this region that are not yet four hops below their hub.
                var parent = first + random.integer(0...depth.count - 1)
                for _ in 0..<8 where depth[parent - first] < 0 || depth[parent - first] >= 4 {
                    parent = first + random.integer(0...depth.count - 1)
                }
                if depth[parent - first] < 0 || depth[parent - first] >= 4 { parent = first + random.integer(0...hubs - 1) }
                depth.append(depth[parent - first] + 1)
                let near = (fleet.sites[parent].latitude, fleet.sites[parent].longitude)
                let site = addSite(region: region, near: near, kilometres: random.uniform(3, 14), isHub: false)
                connect(site, parent, kind: .hop)
            } else {
                let hub = first + random.integer(0...hubs - 1)
                let near = (fleet.sites[hub].latitude, fleet.sites[hub].longitude)
                let site = addSite(region: region, near: near, kilometres: random.uniform(4, 45), isHub: false)
                if choice < 0.82 { connect(site, hub, kind: .fibre) }
                depth.append(-1)
            }
        }
    }

    /// Closes the fibre chain of the hubs over a link of its own and marks its members.
    private mutating func closeRing(_ first: Int, _ hubs: Int) {
        let last = first + hubs - 1
        connect(last, first, kind: .ring)
        fleet.links[fleet.links.count - 1].isInRing = true
        var site = last
        while site != first, let uplink = fleet.links.firstIndex(where: { $0.child == site && $0.kind == .fibre }) {
            fleet.links[uplink].isInRing = true
            site = fleet.links[uplink].parent
        }
    }

    private mutating func addSite(
        region: String, near: (Double, Double), kilometres: Double, isHub: Bool
    ) -> Int {
        let bearing = random.uniform(0, 2 * Double.pi)
        let number = fleet.sites.count + 1
        let digits = String(number)
        fleet.sites.append(
            SiteSpec(
                siteID: "SITE-" + String(repeating: "0", count: max(0, 6 - digits.count)) + digits,
                name: names.next(&random) + (isHub ? " hub" : ""), region: region,
                latitude: near.0 + kilometres * cos(bearing) / Geography.kilometresPerDegree,
                longitude: near.1 + kilometres * sin(bearing) / (Geography.kilometresPerDegree * cos(near.0 * Double.pi / 180)),
                timezone: "Africa/Abidjan", operators: [], gridClass: "A", feeder: nil, isHub: isHub, loadKilowatts: 1,
                strings: 1,
                stringAmpHours: 100, stateOfHealth: 1, batteryInstalled: "", generator: nil, fuelLitres: 0, solarKilowattsPeak: 0,
                nonCriticalShare: 0.3, lvd1Volts: 46.5, lvd2Volts: 43.2, cells: 3, nonCriticalCells: 1))
        return number - 1
    }

    private mutating func connect(_ child: Int, _ parent: Int, kind: TopologyLink.Kind) {
        let distance = max(0.4, Geography.kilometres(fleet.sites[child], fleet.sites[parent]))
        let frequency: Double
        switch distance {
        case _ where kind != .hop: frequency = 0
        case ..<4.5: frequency = random.chance(0.4) ? 38 : 23
        case ..<8: frequency = random.chance(0.5) ? 23 : 18
        default: frequency = random.chance(0.4) ? 18 : 15
        }
        let shed = kind == .hop && fleet.sites[parent].isHub && random.chance(0.25)
        fleet.links.append(
            LinkSpec(
                child: child, parent: parent, kind: kind, frequencyGHz: frequency,
                lengthKilometres: (distance * (kind == .hop ? 1 : 1.25) * 10).rounded() / 10, isParentEndShed: shed,
                fadeMarginDecibels: random.uniform(24, 34), nominalLevel: -random.uniform(36, 46), isInRing: false))
    }

    // MARK: Power

    private mutating func addFeeders(range: Range<Int>, centre: (latitude: Double, longitude: Double)) {
        var members: [Int] = []
        for site in range {
            if !fleet.sites[site].isHub, range.count > 3, random.chance(0.15) {
                fleet.sites[site].gridClass = "off"
            } else {
                members.append(site)
            }
        }
        func angle(_ site: Int) -> Double {
            atan2(fleet.sites[site].latitude - centre.latitude, fleet.sites[site].longitude - centre.longitude)
        }
        members.sort { (angle($0), $0) < (angle($1), $1) }
        var start = 0
        while start < members.count {
            let left = members.count - start
            // Small fleets get small feeders, so that more than one exists to compare with.
            var size = range.count >= 30 ? random.integer(10...28) : random.integer(4...10)
            if left - size < 4 { size = left }
            addFeeder(Array(members[start..<start + min(size, left)]))
            start += size
        }
    }

    private mutating func addFeeder(_ members: [Int]) {
        let number = String(fleet.feeders.count + 1)
        let draw = random.unit()
        let gridClass = draw < 0.4 ? "A" : draw < 0.7 ? "B" : draw < 0.9 ? "C" : "D"
        for site in members {
            fleet.sites[site].feeder = fleet.feeders.count
            fleet.sites[site].gridClass = gridClass
        }
        fleet.feeders.append(Fleet.Feeder(feederID: "F-" + (number.count < 2 ? "0" : "") + number, sites: members.sorted()))
    }

    private mutating func equip(_ index: Int) {
        var site = fleet.sites[index]
        var operators = mobileOperators
        random.shuffle(&operators)
        let leases = site.isHub ? random.integer(2...3) : random.integer(1...3)
        site.operators = Array(operators.prefix(leases)).sorted()
        site.cells = 3 * leases
        site.nonCriticalCells = site.cells / 3 * random.integer(1...2)
        site.loadKilowatts =
            ((0.7 + 0.55 * Double(leases) + (site.isHub ? 1.2 : 0) + random.uniform(0, 0.6)) * 100).rounded() / 100
        let amperes = site.loadKilowatts * 1000 / 48
        site.stateOfHealth = random.uniform(0.74, 1)
        let wanted = amperes * random.uniform(4.4, 7.6) / site.stateOfHealth
        site.stringAmpHours = wanted < 260 ? 100 : wanted < 520 ? 150 : wanted < 900 ? 200 : 300
        site.strings = max(1, Int((wanted / site.stringAmpHours).rounded(.up)))
        site.batteryInstalled = "\(random.integer(2019...2024))-0\(random.integer(1...9))-1\(random.integer(0...9))"
        site.nonCriticalShare = random.uniform(0.25, 0.45)
        site.lvd1Volts = (random.uniform(46.0, 46.9) * 10).rounded() / 10
        let shares = ["A": 0.65, "B": 0.85, "C": 0.95]
        let hasGenerator = random.chance(site.isHub ? 0.9 : shares[site.gridClass] ?? 1)
        // Even a fleet of one can show what a generator does.
        if hasGenerator || index == 0 {
            let kva = site.loadKilowatts > 3 ? 20.0 : 15.0
            site.generator = Site.Generator(kva: kva, tankLitres: site.isOffGrid ? 1000 : random.pick([300, 500, 500, 750]))
            site.fuelLitres = (site.generator?.tankLitres ?? 0) * random.uniform(0.55, 0.95)
        }
        if site.isOffGrid {
            site.solarKilowattsPeak = (site.loadKilowatts * random.uniform(3, 4.5) * 10).rounded() / 10
            site.strings *= 2
        }
        fleet.sites[index] = site
    }
}
