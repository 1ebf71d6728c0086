/// Priors of the scenarios, every one of them tunable through a scenario file. Times are seconds.
public struct ScenarioParameters: Sendable, Hashable {
    /// Instances per 100 sites and day; at least one instance of each asked scenario is placed where the fleet has room.
    public var instances: [ScenarioID: Double]
    public var spreads: [Key: Spread]

    /// What varies between instances of one scenario.
    public struct Key: Sendable, Hashable {
        public var scenario: ScenarioID
        public var name: String
        public init(_ scenario: ScenarioID, _ name: String) {
            self.scenario = scenario
            self.name = name
        }
    }

    subscript(_ scenario: ScenarioID, _ name: String) -> Spread {
        // Every name that the code asks for is in `default`, and a file can only overwrite those: a test walks them.
        spreads[Key(scenario, name)] ?? .uniform(0, 0)
    }

    private static let hour = 3600.0

    /// The delays of DOMAIN 5.2.
    public static let `default` = ScenarioParameters(
        instances: [.s01: 4, .s02: 1, .s03: 0.5, .s05: 0.7, .s13: 0.5, .s14: 0.5, .s23: 1, .s25: 0.4],
        spreads: [
            Key(.s01, "outage"): .lognormal(median: hour, p90: 6 * hour),
            Key(.s02, "restore_after_dark"): .uniform(0.5 * hour, 3 * hour),
            Key(.s03, "lead"): .uniform(24 * hour, 48 * hour),
            Key(.s03, "restore_after_dark"): .uniform(0.5 * hour, 3 * hour),
            Key(.s05, "repair"): .uniform(3 * hour, 9 * hour),
            Key(.s13, "repair"): .lognormal(median: 4 * hour, p90: 10 * hour),
            Key(.s14, "rain_rate"): .uniform(50, 120),
            Key(.s14, "cell_width"): .uniform(3, 8),
            Key(.s14, "speed"): .uniform(20, 60),
            Key(.s23, "repair"): .uniform(1 * hour, 6 * hour),
            Key(.s25, "outage"): .uniform(4 * hour, 9 * hour),
            Key(.s25, "stagger"): .uniform(0, 60),
        ])
}
