public import TowerModel

/// The live demo: six hours of history and then real time, scripted around one instant so that the console has something to
/// show at once (the troubled hub, a fibre cut, a passing rain cell, a blind site) and something happens within seconds.
///
/// The same seed gives the same script relative to `now`. After the script, faults drawn from the seed keep the fleet alive
/// for a week; everything that fell recovers.
public struct DemoScript: Sendable {
    /// When the audience starts to look.
    public let now: Timestamp
    public let historyStart: Timestamp
    public private(set) var simulation: Simulation
    public var tenant: TenantID { simulation.configuration.tenant }
    public static let historySeconds = 6 * 3600.0
    /// Seconds between readings of the troubled hubs and their neighbours before `now`.
    static let closePeriodSeconds = 60.0
    private static let spanHours = 6 + 168.0

    /// - Parameter livePeriodSeconds: seconds between readings of a site after `now`, 1 to 3600.
    /// - Throws: `simulation.configuration` when the tenant's name is not plain or the period is out of range.
    public init(
        now: Timestamp, seed: UInt64 = 1, tenant: TenantID = TenantID("demo"), livePeriodSeconds: Double = 10
    ) throws(SimulationError) {
        guard livePeriodSeconds >= 1, livePeriodSeconds <= 3600 else {
            throw SimulationError(.configuration, "live period is \(livePeriodSeconds) s; give 1 to 3600 s")
        }
        self.now = Timestamp(milliseconds: now.milliseconds)
        historyStart = self.now.adding(seconds: -Self.historySeconds)
        var parameters = ScenarioParameters.default
        for scenario in ScenarioID.allCases { parameters.instances[scenario] = (parameters.instances[scenario] ?? 0) * 10 }
        let configuration = SimulationConfiguration(
            sites: 48, hours: Self.spanHours, scenarios: [.s02, .s03, .s05, .s13, .s14, .s23, .s25], seed: seed,
            start: historyStart,
            telemetryPeriodSeconds: 300, tenant: tenant, parameters: parameters)
        try configuration.validate()
        var demo = DemoFleet(seed: seed)
        let lost = Self.historySeconds - 5 * 3600
        demo.fleet.sites[demo.troubledHub].stateOfHealth = Self.agedHealth(
            of: demo.fleet.sites[demo.troubledHub], configuration: configuration, lost: lost - 1, until: Self.historySeconds + 60)
        let script = Self.script(demo, lost: lost)
        let planned = ScenarioPlanner.plan(
            configuration, fleet: demo.fleet, after: script, from: Self.historySeconds + 1.2 * 3600)
        var simulation = Simulation(configuration: configuration, fleet: demo.fleet, planned: planned)
        simulation.world.goLive(
            at: Self.historySeconds, period: livePeriodSeconds, closelyWatched: demo.closelyWatched,
            closePeriod: Self.closePeriodSeconds)
        self.simulation = simulation
    }

    /// Everything from six hours ago up to `now`, in order; below 150,000 events. Call first.
    public mutating func history() -> [SimulatedEvent] { simulation.next(until: now) }

    /// What has happened since the last call and before `instant`.
    public mutating func next(until instant: Timestamp) -> [SimulatedEvent] { simulation.next(until: instant) }

    public var truth: [FaultTruth] { simulation.truth }

    // MARK: Script

    private static func script(_ demo: DemoFleet, lost: Double) -> [FaultPlan] {
        let zero = historySeconds
        let hour = 3600.0
        // Quick cranks, so that the second hub has failed within 100 s of the audience's arrival.
        let quick = FaultPlan.Cranking(startDelay: 14, crank: 12.5, rest: 7.5)
        let rain = FaultPlan.Storm(
            rate: 92, widthKilometres: 7, velocityEast: 1.2 / 1000, velocityNorth: 10 / 1000, arrival: 780, links: [])
        var plans = [
            FaultPlan(scenario: .s02, site: demo.troubledHub, onset: lost - 1, duration: 1.8 * hour, reportsWeakStarter: true),
            FaultPlan(scenario: .s25, feeder: demo.troubledFeeder, onset: lost, duration: 7.4 * hour),
            FaultPlan(scenario: .s23, site: demo.blindSite, onset: zero - 2.1 * hour, duration: 5 * hour),
            FaultPlan(scenario: .s13, link: demo.cutLink, onset: zero - 1.2 * hour, duration: 3.6 * hour),
            FaultPlan(scenario: .s14, link: demo.rainLink, onset: zero - 870, duration: 1560, storm: rain),
            FaultPlan(scenario: .s02, site: demo.secondHub, onset: zero + 20, duration: 0.9 * hour, cranking: quick),
        ]
        for index in plans.indices where plans[index].scenario == .s14 {
            let hops = demo.fleet.links.indices.filter { demo.fleet.links[$0].kind == .hop }
            let near = hops.filter { Geography.kilometres(demo.fleet, $0, demo.rainLink) < 40 }
            plans[index].storm?.links = near.map { Int32($0) }
        }
        return plans
    }

    /// The state of health with which the hub's full bank reaches LVD1 at `end`, by bisection: each try lives through the
    /// discharge in a world of that hub alone.
    private static func agedHealth(
        of spec: SiteSpec, configuration: SimulationConfiguration, lost: Double, until end: Double
    ) -> Double {
        var low = 0.3
        var high = 1.2
        for _ in 0..<18 {
            let middle = (low + high) / 2
            var alone = spec
            alone.stateOfHealth = middle
            alone.feeder = 0
            let fleet = Fleet(sites: [alone], feeders: [Fleet.Feeder(feederID: "F-01", sites: [0])], links: [])
            let plan = FaultPlan(scenario: .s02, site: 0, onset: lost, duration: 7200)
            var world = World(configuration: configuration, fleet: fleet, plans: [plan], reserved: [[0...end + 3600]])
            world.periods[0] = closePeriodSeconds
            world.run(until: end)
            if world.sites[0].isLVD1Open { low = middle } else { high = middle }
        }
        return high
    }
}
