import Glibc
import TowerModel

/// The fleet of the live demo: 48 invented sites in three regions, laid out so that one page shows every kind of trouble.
struct DemoFleet {
    var fleet = Fleet(sites: [], feeders: [], links: [])
    private var names = SiteNames()
    private var random: SeededGenerator

    /// Sites and links that the script speaks of.
    private(set) var troubledHub = 0
    private(set) var secondHub = 0
    private(set) var blindSite = 0
    private(set) var cutLink = 0
    private(set) var rainLink = 0
    private(set) var troubledFeeder = 0
    /// What the console will want to draw finely: the troubled hubs and what hangs on them.
    private(set) var closelyWatched: [Int] = []

    init(seed: UInt64) {
        random = SeededGenerator(seed: seed, stream: "demo-fleet")
        for name in ["Toumakro", "Zangbla", "Sanguikaha"] { names.reserve(name) }
        buildLakes()
        buildCoast()
        buildMountains()
    }

    // MARK: Regions

    private mutating func buildLakes() {
        let core = add(name: nil, region: "Lacs", at: (6.82, -5.28), isHub: true)
        troubledHub = add(name: "Toumakro hub", region: "Lacs", at: (6.56, -5.02), isHub: true)
        connect(troubledHub, core, .fibre)
        let shed = hop(from: troubledHub, kilometres: 7.5, bearing: 2.4, isShed: true)
        let behindShed = hop(from: shed, kilometres: 6.2, bearing: 2.6)
        let east = hop(from: troubledHub, kilometres: 9, bearing: 0.3)
        let behindEast = hop(from: east, kilometres: 8, bearing: 0.1)
        let south = hop(from: troubledHub, kilometres: 6, bearing: -1.5)
        let west = hop(from: troubledHub, kilometres: 11, bearing: 3.4)
        closelyWatched += [troubledHub, shed, behindShed, east, behindEast, south, west]
        var others: [Int] = []
        for index in 0..<10 {
            others.append(hop(from: core, kilometres: 5 + Double(index % 4) * 2.5, bearing: Double(index) * 0.62))
        }
        blindSite = add(name: nil, region: "Lacs", at: (6.4, -5.6), isHub: false)
        connect(blindSite, core, .fibre)
        troubledFeeder = fleet.feeders.count
        // The hub, what hangs on it and half of the core's own hops share a feeder; only two of them have no generator.
        feed([troubledHub, shed, behindShed, east, behindEast, south, west] + others.prefix(6), class: "C")
        feed([core, blindSite] + others.suffix(4), class: "B")
        equipTroubledHub()
        for site in [east, behindShed, south] { giveGenerator(site, true) }
        for site in [shed, behindEast, west] { giveGenerator(site, true) }
        for (offset, site) in others.prefix(6).enumerated() { giveGenerator(site, offset > 1) }
        for (offset, site) in others.prefix(2).enumerated() { setAutonomy(site, hours: offset == 0 ? 8.2 : 9.6) }
    }

    private mutating func buildCoast() {
        let core = add(name: nil, region: "Bas-Fleuve", at: (5.02, -6.22), isHub: true)
        let coastal = add(name: "Sanguikaha hub", region: "Bas-Fleuve", at: (4.86, -6.62), isHub: true)
        cutLink = connect(coastal, core, .fibre)
        let first = hop(from: coastal, kilometres: 8, bearing: 3.0)
        _ = hop(from: first, kilometres: 7, bearing: 3.2)
        _ = hop(from: coastal, kilometres: 6, bearing: 2.2)
        _ = hop(from: coastal, kilometres: 9, bearing: -2.6)
        var others: [Int] = []
        for index in 0..<10 {
            others.append(hop(from: core, kilometres: 4 + Double(index % 3) * 3, bearing: Double(index) * 0.6))
        }
        _ = add(name: nil, region: "Bas-Fleuve", at: (5.3, -5.9), isHub: false)
        feed(Array(coastal..<coastal + 5), class: "B")
        feed([core] + others, class: "A")
    }

    private mutating func buildMountains() {
        let core = add(name: nil, region: "Montagnes", at: (7.41, -7.55), isHub: true)
        secondHub = add(name: "Zangbla hub", region: "Montagnes", at: (7.62, -7.18), isHub: true)
        connect(secondHub, core, .fibre)
        let behind = [
            hop(from: secondHub, kilometres: 6.5, bearing: 0.8), hop(from: secondHub, kilometres: 8.5, bearing: -0.4),
        ]
        closelyWatched += [secondHub] + behind
        let wet = hop(from: core, kilometres: 9.5, bearing: 2.9)
        rainLink = fleet.links.count - 1
        let behindWet = hop(from: wet, kilometres: 6, bearing: 3.1)
        let alsoWet = hop(from: core, kilometres: 8.5, bearing: 3.5)
        var others: [Int] = []
        for index in 0..<4 {
            others.append(hop(from: core, kilometres: 5 + Double(index) * 2, bearing: -1.2 + Double(index) * 0.7))
        }
        let solar = add(name: nil, region: "Montagnes", at: (7.1, -7.9), isHub: false)
        fleet.sites[solar].gridClass = "off"
        fleet.sites[solar].solarKilowattsPeak = 8.4
        giveGenerator(solar, true)
        fleet.sites[solar].strings *= 2
        feed([secondHub] + behind, class: "C")
        feed([core, wet, behindWet, alsoWet] + others, class: "B")
        giveGenerator(secondHub, true)
        setAutonomy(secondHub, hours: 3.4)
    }

    // MARK: Parts

    private mutating func add(name: String?, region: String, at place: (Double, Double), isHub: Bool) -> Int {
        let number = fleet.sites.count + 1
        let digits = String(number)
        let leases = isHub ? 3 : random.integer(1...3)
        var operators = ["Akwa", "Lagune", "Savana"]
        random.shuffle(&operators)
        let load = ((0.8 + 0.5 * Double(leases) + (isHub ? 0.8 : 0) + random.uniform(0, 0.4)) * 100).rounded() / 100
        fleet.sites.append(
            SiteSpec(
                siteID: "SITE-" + String(repeating: "0", count: 6 - digits.count) + digits,
                name: name ?? names.next(&random) + (isHub ? " hub" : ""), region: region, latitude: place.0, longitude: place.1,
                timezone: "Africa/Abidjan", operators: Array(operators.prefix(leases)).sorted(), gridClass: "B", feeder: nil,
                isHub: isHub, loadKilowatts: load, strings: 2, stringAmpHours: 150, stateOfHealth: random.uniform(0.8, 0.97),
                batteryInstalled: "202\(random.integer(0...4))-0\(random.integer(1...9))-1\(random.integer(0...9))",
                generator: nil,
                fuelLitres: 0, solarKilowattsPeak: 0, nonCriticalShare: random.uniform(0.28, 0.4),
                lvd1Volts: (random.uniform(46.1, 46.8) * 10).rounded() / 10, lvd2Volts: 43.2, cells: 3 * leases,
                nonCriticalCells: leases))
        setAutonomy(number - 1, hours: random.uniform(5, 7.5))
        giveGenerator(number - 1, random.chance(0.85))
        return number - 1
    }

    private mutating func hop(from parent: Int, kilometres: Double, bearing: Double, isShed: Bool = false) -> Int {
        let origin = fleet.sites[parent]
        let latitude = origin.latitude + kilometres * sin(bearing) / Geography.kilometresPerDegree
        let longitude =
            origin.longitude + kilometres * cos(bearing)
            / (Geography.kilometresPerDegree * cos(origin.latitude * Double.pi / 180))
        let site = add(name: nil, region: origin.region, at: (latitude, longitude), isHub: false)
        connect(site, parent, .hop)
        fleet.links[fleet.links.count - 1].isParentEndShed = isShed
        return site
    }

    @discardableResult
    private mutating func connect(_ child: Int, _ parent: Int, _ kind: TopologyLink.Kind) -> Int {
        let distance = Geography.kilometres(fleet.sites[child], fleet.sites[parent])
        let frequency = kind != .hop ? 0 : distance < 6.8 ? 23.0 : distance < 9.8 ? 18 : 15
        fleet.links.append(
            LinkSpec(
                child: child, parent: parent, kind: kind, frequencyGHz: frequency,
                lengthKilometres: (distance * (kind == .hop ? 1 : 1.25) * 10).rounded() / 10, isParentEndShed: false,
                fadeMarginDecibels: 28, nominalLevel: -random.uniform(37, 44), isInRing: false))
        return fleet.links.count - 1
    }

    private mutating func feed(_ sites: [Int], class gridClass: String) {
        let number = String(fleet.feeders.count + 1)
        for site in sites {
            fleet.sites[site].feeder = fleet.feeders.count
            fleet.sites[site].gridClass = gridClass
        }
        fleet.feeders.append(Fleet.Feeder(feederID: "F-0" + number, sites: sites.sorted()))
    }

    private mutating func giveGenerator(_ site: Int, _ has: Bool) {
        fleet.sites[site].generator =
            has ? Site.Generator(kva: fleet.sites[site].loadKilowatts > 3 ? 20 : 15, tankLitres: 500) : nil
        fleet.sites[site].fuelLitres = has ? random.uniform(240, 440) : 0
    }

    private mutating func setAutonomy(_ site: Int, hours: Double) {
        let wanted = fleet.sites[site].loadKilowatts * 1000 / 48 * hours / fleet.sites[site].stateOfHealth
        fleet.sites[site].strings = wanted > 450 ? 3 : 2
        fleet.sites[site].stringAmpHours = (wanted / Double(fleet.sites[site].strings) / 10).rounded() * 10
    }

    /// Two 300 Ah strings that have aged; how far is solved by the script so that LVD1 opens on cue.
    private mutating func equipTroubledHub() {
        giveGenerator(troubledHub, true)
        fleet.sites[troubledHub].operators = ["Akwa", "Lagune", "Savana"]
        fleet.sites[troubledHub].cells = 15
        fleet.sites[troubledHub].nonCriticalCells = 9
        fleet.sites[troubledHub].loadKilowatts = 3.6
        fleet.sites[troubledHub].strings = 2
        fleet.sites[troubledHub].stringAmpHours = 300
        fleet.sites[troubledHub].batteryInstalled = "2022-03-14"
        fleet.sites[troubledHub].nonCriticalShare = 0.26
        fleet.sites[troubledHub].lvd1Volts = 46.0
        fleet.sites[troubledHub].fuelLitres = 318
    }
}
