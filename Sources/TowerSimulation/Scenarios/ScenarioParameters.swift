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

    /// Draws everything that varies in an instance, by name.
    func draw(_ scenario: ScenarioID, _ random: inout SeededGenerator) -> [String: Double] {
        var drawn: [String: Double] = [:]
        let names = spreads.keys.filter { $0.scenario == scenario }.map(\.name).sorted()
        for name in names { drawn[name] = self[scenario, name].draw(&random) }
        return drawn
    }

    private static let minute = 60.0
    private static let hour = 3600.0
    private static let day = 86_400.0

    /// The delays of DOMAIN 5.2.
    public static let `default` = ScenarioParameters(
        instances: [
            .s01: 4, .s02: 1, .s03: 0.5, .s04: 0.4, .s05: 0.7, .s06: 0.4, .s07: 0.2, .s08: 0.3, .s09: 0.2, .s10: 0.2,
            .s11: 0.3, .s12: 0.2, .s13: 0.5, .s14: 0.5, .s15: 0.3, .s16: 0.3, .s17: 0.2, .s18: 0.2, .s19: 0.3, .s20: 0.3,
            .s21: 0.3, .s22: 0.1, .s23: 1, .s24: 0.4, .s25: 0.4, .s26: 0.6, .s27: 0.4, .s28: 0.1, .s29: 0.2, .s30: 0.2,
        ],
        spreads: [
            Key(.s01, "outage"): .lognormal(median: 1 * hour, p90: 6 * hour),
            Key(.s02, "restore_after_dark"): .uniform(0.5 * hour, 3 * hour),
            Key(.s03, "lead"): .uniform(24 * hour, 48 * hour),
            Key(.s03, "restore_after_dark"): .uniform(0.5 * hour, 3 * hour),
            Key(.s04, "repair"): .uniform(4 * hour, 48 * hour),
            Key(.s05, "repair"): .uniform(3 * hour, 9 * hour),
            Key(.s06, "shelter_time"): .uniform(0.9 * hour, 1.6 * hour),
            Key(.s06, "shelter_rise"): .uniform(20, 25),
            Key(.s06, "repair"): .uniform(6 * hour, 12 * hour),
            Key(.s07, "leak"): .uniform(1, 3),
            Key(.s07, "leaking"): .uniform(14 * day, 42 * day),
            Key(.s07, "shelter_time"): .uniform(0.9 * hour, 1.6 * hour),
            Key(.s07, "shelter_rise"): .uniform(20, 25),
            Key(.s07, "repair"): .uniform(6 * hour, 12 * hour),
            Key(.s08, "fade"): .uniform(1, 4),
            Key(.s08, "attainment"): .uniform(30, 60),
            Key(.s08, "restore_after_dark"): .uniform(0.5 * hour, 3 * hour),
            Key(.s09, "strings_gone"): .uniform(2 * minute, 20 * minute),
            Key(.s09, "next_dip"): .uniform(1 * hour, 10 * hour),
            Key(.s09, "dip"): .uniform(3 * minute, 20 * minute),
            Key(.s09, "repair"): .uniform(3 * hour, 12 * hour),
            Key(.s10, "next_dip"): .uniform(2 * hour, 20 * hour),
            Key(.s10, "dip"): .uniform(3 * minute, 20 * minute),
            Key(.s10, "repair"): .uniform(3 * hour, 12 * hour),
            Key(.s11, "volume"): .uniform(20, 200),
            Key(.s11, "time"): .uniform(5 * minute, 30 * minute),
            Key(.s12, "siphon"): .uniform(1, 3),
            Key(.s12, "shortfall"): .uniform(5, 15),
            Key(.s12, "lasts"): .uniform(5 * day, 20 * day),
            Key(.s13, "repair"): .lognormal(median: 4 * hour, p90: 10 * hour),
            Key(.s14, "rain_rate"): .uniform(50, 120),
            Key(.s14, "cell_width"): .uniform(3, 8),
            Key(.s14, "speed"): .uniform(20, 60),
            Key(.s15, "wind"): .uniform(24, 34),
            Key(.s15, "wind_time"): .uniform(0.5 * hour, 3 * hour),
            Key(.s15, "step"): .uniform(5, 20),
            Key(.s15, "repair"): .uniform(6 * hour, 48 * hour),
            Key(.s16, "creep"): .uniform(2 * day, 6 * day),
            Key(.s16, "repair"): .uniform(12 * hour, 72 * hour),
            Key(.s17, "holdover"): .uniform(4 * hour, 24 * hour),
            Key(.s17, "repair"): .uniform(1 * hour, 6 * hour),
            Key(.s18, "work"): .uniform(2 * minute, 15 * minute),
            Key(.s18, "repair"): .uniform(6 * hour, 30 * hour),
            Key(.s19, "recovery"): .uniform(2 * minute, 15 * minute),
            Key(.s19, "repair"): .uniform(4 * hour, 24 * hour),
            Key(.s20, "restore_after_dark"): .uniform(0.5 * hour, 3 * hour),
            Key(.s21, "repair"): .uniform(1 * day, 5 * day),
            Key(.s22, "wind"): .uniform(26, 38),
            Key(.s22, "wind_time"): .uniform(0.5 * hour, 3 * hour),
            Key(.s22, "tilt"): .uniform(0.1, 2),
            Key(.s22, "drift"): .uniform(1 * hour, 12 * hour),
            Key(.s22, "repair"): .uniform(12 * hour, 72 * hour),
            Key(.s23, "repair"): .uniform(1 * hour, 6 * hour),
            Key(.s24, "lasts"): .uniform(6 * hour, 72 * hour),
            Key(.s25, "outage"): .uniform(4 * hour, 9 * hour),
            Key(.s25, "stagger"): .uniform(0, 60),
            Key(.s26, "work"): .uniform(1 * hour, 4 * hour),
            Key(.s26, "dip"): .uniform(1 * minute, 8 * minute),
            Key(.s27, "sleep"): .uniform(8 * hour, 36 * hour),
            Key(.s28, "short_circuit"): .uniform(0.5 * hour, 3 * hour),
            Key(.s28, "downstream"): .uniform(1 * hour, 4 * hour),
            Key(.s28, "water_gone"): .uniform(6 * hour, 24 * hour),
            Key(.s29, "soiling"): .uniform(0.2, 0.4),
            Key(.s29, "repair"): .uniform(1 * day, 5 * day),
        ])
}
