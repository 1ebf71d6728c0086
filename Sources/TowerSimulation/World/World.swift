import TowerModel

/// The simulated world: fleet, moving state, the schedule of what happens next, and the channel that events leave by.
///
/// One value without references, so that a copy is a fork of the world. Split over `World+….swift` by subject.
struct World: Sendable {
    let configuration: SimulationConfiguration
    let fleet: Fleet
    let startMilliseconds: Int64
    /// Seconds since the start.
    var now = 0.0
    var schedule = Schedule()
    var sites: [SiteState]
    var extras: [SiteExtras]
    var links: [LinkState]
    var faults: [FaultRecord] = []
    /// Spans in which a site belongs to a planned fault: no background there.
    var reserved: [[ClosedRange<Double>]]
    var lastDip: [Double]
    let topology: Topology

    var random: SeededGenerator
    var readings: SeededGenerator
    var ids: SeededGenerator
    var channel: NoiseChannel
    var writer = JSONWriter()
    let prefixes: [[UInt8]]
    var clockText = ClockText()
    var sequence: [Int]
    /// Per-site telemetry period, where it differs from the configuration's.
    var periods: [Double]
    /// From this instant on every site is read each `livePeriod` seconds.
    var liveFrom = Double.infinity
    var livePeriod = 10.0
    var dipCount = 0
    let horizonSeconds: Double

    init(configuration: SimulationConfiguration, fleet: Fleet, plans: [FaultPlan], reserved: [[ClosedRange<Double>]]) {
        self.configuration = configuration
        self.fleet = fleet
        self.reserved = reserved
        startMilliseconds = configuration.start.milliseconds
        sites = fleet.sites.map { spec in
            var state = SiteState()
            state.fuelLitres = spec.fuelLitres
            state.downSince = Array(repeating: -1, count: spec.operators.count)
            state.cellRaised = Array(repeating: nil, count: spec.cells)
            state.cellFault = Array(repeating: -1, count: spec.cells)
            return state
        }
        var shelters = SeededGenerator(seed: configuration.seed, stream: "shelters")
        extras = fleet.sites.map { SiteExtras($0, shelter: .typical(&shelters)) }
        links = Array(repeating: LinkState(), count: fleet.links.count)
        lastDip = Array(repeating: -1e9, count: fleet.feeders.count + 1)
        topology = Topology(fleet)
        random = SeededGenerator(seed: configuration.seed, stream: "physics")
        readings = SeededGenerator(seed: configuration.seed, stream: "readings")
        ids = SeededGenerator(seed: configuration.seed, stream: "ids")
        channel = NoiseChannel(noise: configuration.noise, seed: configuration.seed, sites: fleet.sites.count)
        prefixes = fleet.sites.map { spec in
            Array("\",\"tenant_id\":\"\(configuration.tenant.rawValue)\",\"site_id\":\"\(spec.siteID)\",\"timestamp\":\"".utf8)
        }
        sequence = Array(repeating: 0, count: fleet.sites.count)
        periods = Array(repeating: configuration.telemetryPeriodSeconds, count: fleet.sites.count)
        horizonSeconds = configuration.hours * 3600
        for plan in plans { addFault(plan) }
        measureTanks()
        begin()
    }

    /// What the tanks hold once every planned fault has set its own.
    private mutating func measureTanks() {
        for site in sites.indices { extras[site].litresAtStart = sites[site].fuelLitres }
    }

    /// Inventory at once, then every periodic thing with a phase of its own so that the stream does not come in bursts.
    private mutating func begin() {
        emitInventory()
        for site in sites.indices {
            let index = Int32(site)
            settle(site)
            schedule.add(at: random.uniform(0, periods[site]) + 1, .telemetry(site: index, isLive: false))
            schedule.add(at: random.uniform(0, radioPeriod) + 1, .radioCounters(site: index))
            scheduleDip(site)
            scheduleVisit(site)
        }
    }

    /// Rhythm of the radio's counters: a quarter of an hour or the readings' own when that is longer; quicker when live.
    var radioPeriod: Double { now < liveFrom ? max(900, configuration.telemetryPeriodSeconds) : max(300, livePeriod) }

    /// The head end, which also polls between readings, reports a silent controller this long after its last sign.
    var offlineAfterSeconds: Double { now < liveFrom ? min(900, max(180, 3 * configuration.telemetryPeriodSeconds)) : 180 }

    /// Switches to the live rhythm at an instant; some sites are read more finely before it too.
    mutating func goLive(at instant: Double, period: Double, closelyWatched: [Int], closePeriod: Double) {
        liveFrom = instant
        livePeriod = period
        for site in closelyWatched { periods[site] = closePeriod }
        for site in sites.indices {
            schedule.add(at: instant + random.uniform(0, period), .telemetry(site: Int32(site), isLive: true))
        }
    }

    /// Runs until `end` seconds after the start (not included) or the configured end, whichever is earlier.
    mutating func run(until end: Double) {
        let end = min(end, horizonSeconds)
        while let time = schedule.nextTime, time < end {
            guard let entry = schedule.popFirst() else { break }
            now = entry.time
            perform(entry.action)
        }
        if end > now { now = end }
    }

    private mutating func perform(_ action: Action) {
        switch action {
        case .telemetry(let site, let isLive): readSensors(Int(site), isLive: isLive)
        case .radioCounters(let site): readRadio(Int(site))
        case .tick(let site, let generation):
            if sites[Int(site)].tickGeneration == generation { settle(Int(site)) }
        case .startFault(let fault): startFault(Int(fault))
        case .endFault(let fault): endFault(Int(fault))
        case .step(let fault, let number): step(fault, Int(number))
        case .gridOff(let site, let fault): loseGrid(Int(site), fault)
        case .gridOn(let site, let fault): restoreGrid(Int(site), fault)
        case .generatorStart, .generatorCrank, .generatorCrankEnd, .generatorOnLoad, .generatorCooled, .generatorReset,
            .weakStarter,
            .testRunEnd:
            performGenerator(action)
        case .report(let site, let mask): report(Int(site), mask)
        case .cells(let site): checkCells(Int(site))
        case .linkReport(let link): reportLink(Int(link))
        case .dyingGasp(let site, let generation): gasp(Int(site), generation)
        case .controllerMissing(let site, let generation): missController(Int(site), generation)
        case .controllerBoot(let site, let generation): bootController(Int(site), generation)
        case .storm(let fault): moveStorm(fault)
        case .backgroundDip(let site): dip(Int(site))
        case .backgroundVisit(let site): visit(Int(site))
        case .visitStep(let site, let step, let permit): visitStep(Int(site), Int(step), permit: Int(permit))
        case .refuel(let site): refuel(Int(site))
        }
    }

    var nowMilliseconds: Int64 { startMilliseconds + Int64((now * 1000).rounded()) }
    var localHour: Double { DayProfile.localHour(Double(startMilliseconds) / 1000 + now) }
    func timestamp(_ seconds: Double) -> Timestamp {
        Timestamp(milliseconds: startMilliseconds + Int64((seconds * 1000).rounded()))
    }
}
