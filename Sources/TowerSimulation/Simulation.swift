public import TowerModel

/// A fleet of towers, hour by hour: the events that the platform's door would see, and what really happened.
///
/// - Shape: events in order of arrival; the same configuration gives the same bytes. Memory grows with the fleet and with
///   the number of faults, not with the hours.
/// - Concurrency: a value; a copy is a fork of the world.
public struct Simulation: Sendable {
    public let configuration: SimulationConfiguration
    public let fleet: Fleet
    /// Scenarios that could not be placed as often as asked.
    public let unplaced: [UnplacedScenario]
    var world: World

    /// Builds fleet and plan. Takes milliseconds for a thousand sites.
    /// - Throws: `simulation.configuration` or `simulation.noise` naming the value out of range.
    public init(configuration: SimulationConfiguration) throws(SimulationError) {
        try configuration.validate()
        let fleet = FleetGenerator.generate(sites: configuration.sites, seed: configuration.seed)
        let planned = ScenarioPlanner.plan(configuration, fleet: fleet)
        self.init(configuration: configuration, fleet: fleet, planned: planned)
    }

    init(configuration: SimulationConfiguration, fleet: Fleet, planned: ScenarioPlanner.Result) {
        self.configuration = configuration
        self.fleet = fleet
        unplaced = planned.unplaced
        world = World(configuration: configuration, fleet: fleet, plans: planned.plans, reserved: planned.reserved)
    }

    /// Instant at which nothing more happens; late events may still arrive after it.
    public var end: Timestamp { configuration.start.adding(seconds: configuration.hours * 3600) }

    /// Events that arrive before `instant` (exclusive) and have not been given out yet, in order of arrival.
    ///
    /// Ask in steps (an hour for a large fleet) to keep memory small. After `end`, ask once with `.distantFuture` to get
    /// what the noise model still holds back.
    public mutating func next(until instant: Timestamp) -> [SimulatedEvent] {
        world.run(until: instant.seconds(since: configuration.start))
        return world.channel.take(before: instant.milliseconds)
    }

    /// What really happened up to the last `next`, in order of onset: faults that have begun, harmless ones included.
    public var truth: [FaultTruth] { world.truth }
}
