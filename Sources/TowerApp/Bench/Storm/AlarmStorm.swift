import TowerModel

/// An alarm storm with its truth: many faults inside a minute, each told by about as many alarms, over a network in which what
/// fails often says nothing itself.
///
/// - Shape: region hubs with ways to the core of their own; under each of them blocks of one gateway and a tree of radio hops.
///   Every fault has a block. Lines are NDJSON events as a door takes them, in the order in which they arrive: up to two
///   seconds after they happened.
/// - Pure: the same configuration gives the same bytes.
struct AlarmStorm: Sendable {
    struct Configuration: Sendable {
        /// 1 to 5,000,000.
        var alarms = 50_000
        /// 1 to 50,000, and no more than a tenth of the alarms.
        var roots = 500
        /// Event time that the storm takes.
        var seconds = 60.0
        /// At least; blocks that nothing happens to make up the rest.
        var sites = 10_000
        var seed: UInt64 = 1
        var tenant = "bench"
        /// First alarm's earliest event time.
        var start: Timestamp
        /// Share of reports that never arrive, taken from followers and roots alike.
        var missing = 0.0
    }

    enum Kind: Int, CaseIterable, Sendable {
        /// One feeder loses the grid; its sites say so and run on batteries.
        case feeder
        /// A gateway's battery ends hours after its grid, and everything behind it goes.
        case gatewayPower
        /// A gateway dies without a word.
        case silentGateway
        /// The fibre to a gateway is cut; both ends see it.
        case fibreCut
        /// The hop to a gateway fails; only the end nearer the core can say so.
        case hopFailed

        var name: String {
            switch self {
            case .feeder: "feeder"
            case .gatewayPower: "gateway_power"
            case .silentGateway: "silent_gateway"
            case .fibreCut: "fibre_cut"
            case .hopFailed: "hop_failed"
            }
        }
    }

    struct Root: Sendable {
        var kind: Kind
        /// `site|managed object` of the candidates that count as this root. A dead gateway and its way up look the same to
        /// everybody behind them.
        var accepted: Set<String>
        var at: Timestamp
        /// Alarms that tell of it and arrive.
        var alarms = 0
    }

    struct Line: Sendable {
        var text: String
        var arrivedAt: Timestamp
        /// -1 for what belongs to no fault.
        var root: Int32
        var id: EventID

        /// The same said again by its source: another event of another instant.
        func `repeated`(_ number: UInt64, at instant: Timestamp) -> Line {
            var line = self
            line.id = EventID(high: id.high, low: id.low ^ (SeededWords.mixed(number &+ 1) & 0x0FFF_FFFF_FFFF_FFFF))
            line.arrivedAt = instant
            line.text = text.replacing(id.description, with: line.id.description)
            if let from = line.text.firstRange(of: #""timestamp":""#), let to = line.text[from.upperBound...].firstIndex(of: "\"") {
                line.text.replaceSubrange(from.upperBound..<to, with: instant.description)
            }
            return line
        }
    }

    private(set) var roots: [Root] = []
    /// Sites and links.
    private(set) var inventory: [Line] = []
    /// Hours before: grids that failed at sites whose batteries end in the storm.
    private(set) var before: [Line] = []
    private(set) var storm: [Line] = []
    private(set) var siteCount = 0
    let configuration: Configuration

    private var words: SeededWords
    private var serial: UInt64 = 0

    static let blocksOfRegion = 8
    /// Seconds between a cause and the alarms that follow from it, at most.
    private static let spread = 6.0

    init(_ configuration: Configuration) {
        self.configuration = configuration
        words = SeededWords(state: SeededWords.mixed(configuration.seed))
        var network = StormNetwork()
        // Blocks to which nothing happens lie between the others, so that no region falls whole.
        let quiet = max(0.0, Double(configuration.sites) / Double(configuration.roots) - 11) / 15
        var owed = 0.0
        for number in 0..<configuration.roots {
            owed += quiet
            while owed >= 1 {
                network.addBlock(members: 14, isFibre: uniform() < 0.3, &words)
                owed -= 1
            }
            addRoot(number, in: &network)
        }
        while network.sites.count < configuration.sites { network.addBlock(members: 14, isFibre: uniform() < 0.3, &words) }
        siteCount = network.sites.count
        for site in network.sites { describe(site) }
        for link in network.links { describe(link) }
        storm.sort { ($0.arrivedAt, $0.id) < ($1.arrivedAt, $1.id) }
        before.sort { ($0.arrivedAt, $0.id) < ($1.arrivedAt, $1.id) }
    }

    // MARK: Faults

    private mutating func addRoot(_ number: Int, in network: inout StormNetwork) {
        let kind = Kind.allCases[number % Kind.allCases.count]
        let share = configuration.alarms / configuration.roots
        let quota = share + (number < configuration.alarms % configuration.roots ? 1 : 0)
        // Three sectors in four to six bands; feeders tell of grids and battery strings.
        let cells = 12 + 3 * Int(uniform() * 3)
        let members = kind == .feeder ? max(3, quota / 5 - 1) : max(1, quota / cells)
        let block = network.addBlock(members: members, isFibre: kind == .fibreCut || kind == .silentGateway, &words)
        let at = configuration.start.adding(seconds: uniform() * max(1, configuration.seconds - Self.spread - 2))
        let gateway = network.sites[block.gateway].name
        let hub = network.sites[block.hub].name
        let link = ManagedObject.link(gateway, hub)
        var root = Root(kind: kind, accepted: [], at: at)
        var left = quota
        let own = Int32(number)
        let before = storm.count
        switch kind {
        case .feeder:
            let feeder = "F-\(number)"
            root.accepted = ["|feeder:\(feeder)"]
            let sites = [block.gateway] + block.members
            for site in sites { network.sites[site].feeder = feeder }
            for site in sites where left > 0 {
                left -= 1
                alarm("power.grid.outage", network.sites[site].name, at.adding(seconds: uniform() * 3), own, #""phases_lost":3,"feeder_id":"\#(feeder)""#)
            }
            var string = 1
            while left > 0 {
                for site in sites where left > 0 {
                    left -= 1
                    alarm(
                        "battery.discharging", network.sites[site].name, at.adding(seconds: 3 + uniform() * 3), own,
                        #""string_id":"S\#(string)","i":-40"#)
                }
                string += 1
            }
        case .gatewayPower:
            network.sites[block.gateway].hasGenerator = false
            root.accepted = ["\(gateway)|grid"]
            // 400 Ah at 2.5 kW hold almost six hours, and over an hour more once load is shed: one that ends sooner is an aged bank.
            let lost = at.adding(seconds: -7 * 3_600 - uniform() * 3_600)
            earlier("power.grid.outage", gateway, lost, #""phases_lost":3"#)
            earlier("battery.discharging", gateway, lost.adding(seconds: 2), #""string_id":"S1","i":-40"#)
            earlier("power.dc.lvd_open", gateway, at.adding(seconds: -1_800), #""contactor":"LVD1","priority":1,"v":46"#)
            left -= 2
            alarm("power.dc.lvd_open", gateway, at, own, #""contactor":"LVD2","priority":2,"v":43.2"#)
            alarm("rms.dying_gasp", gateway, at.adding(seconds: 0.4), own, #""v":43.1"#)
        case .silentGateway: root.accepted = ["\(gateway)|*", "|\(link)"]
        case .fibreCut:
            root.accepted = ["|\(link)"]
            left -= 2
            alarm("fibre.los", hub, at, own, #""peer":"\#(gateway)""#)
            alarm("fibre.los", gateway, at.adding(seconds: 0.2), own, #""peer":"\#(hub)""#)
        case .hopFailed:
            root.accepted = ["|\(link)"]
            left -= 1
            alarm("mw.link_down", hub, at, own, #""peer":"\#(gateway)","rsl":-99"#)
        }
        if kind != .feeder {
            // The gateway has no cells of its own: it only carries.
            var cell = 1
            while left > 0 {
                for site in block.members where left > 0 {
                    left -= 1
                    alarm(
                        "ran.cell_down", network.sites[site].name, at.adding(seconds: 0.5 + uniform() * (Self.spread - 0.5)), own,
                        #""cell":"\#(cell)","cause":"transport""#)
                }
                cell += 1
            }
        }
        root.alarms = storm.count - before
        roots.append(root)
    }

    // MARK: Lines

    private mutating func alarm(_ type: String, _ site: String, _ at: Timestamp, _ root: Int32, _ payload: String) {
        let isLost = uniform() < configuration.missing
        let line = line(type, site, at, arrived: at.adding(seconds: uniform() * 2), root, #"{"state":"raised",\#(payload)}"#)
        if !isLost { storm.append(line) }
    }

    private mutating func earlier(_ type: String, _ site: String, _ at: Timestamp, _ payload: String) {
        before.append(line(type, site, at, arrived: at, -1, #"{"state":"raised",\#(payload)}"#))
    }

    private mutating func describe(_ site: StormNetwork.Site) {
        let payload = """
            {"name":"\(site.name)","lat":\(site.latitude),"lon":\(site.longitude),"region":"R\(site.region)","operators":["A","B"],\
            "grid_class":"B"\(site.feeder.isEmpty ? "" : #","feeder_id":"\#(site.feeder)""#),"is_hub":\(site.isHub),"load_kw":2.5,\
            "battery":{"strings":2,"ah":200,"chemistry":"vrla"}\(site.hasGenerator ? #","dg":{"kva":20,"tank_l":500}"# : "")}
            """
        let at = configuration.start.adding(seconds: -86_000)
        inventory.append(line("inventory.site", site.name, at, arrived: at, -1, payload))
    }

    private mutating func describe(_ link: StormNetwork.Link) {
        let kind = link.isFibre ? #""kind":"fibre""# : #""kind":"hop","frequency_ghz":18"#
        let at = configuration.start.adding(seconds: -86_000)
        inventory.append(
            line("topology.link", link.child, at, arrived: at, -1, #"{"a":"\#(link.child)","b":"\#(link.parent)",\#(kind),"parent":"\#(link.parent)"}"#))
    }

    private mutating func line(
        _ type: String, _ site: String, _ at: Timestamp, arrived: Timestamp, _ root: Int32, _ payload: String
    ) -> Line {
        serial += 1
        let high = SeededWords.mixed(configuration.seed &+ serial &* 0x9E37_79B9_7F4A_7C15)
        let id = EventID(
            high: high & 0xFFFF_FFFF_FFFF_0FFF | 0x4000, low: SeededWords.mixed(high ^ serial) & 0x3FFF_FFFF_FFFF_FFFF | 0x8000_0000_0000_0000)
        return Line(
            text: #"{"event_id":"\#(id)","event_type":"\#(type)","tenant_id":"\#(configuration.tenant)","site_id":"\#(site)","#
                + #""timestamp":"\#(at)","version":"1.0","payload":\#(payload),"metadata":{"producer":"storm"}}"#,
            arrivedAt: arrived, root: root, id: id)
    }

    private mutating func uniform() -> Double { Double(words.next() >> 11) / 9_007_199_254_740_992 }
}
