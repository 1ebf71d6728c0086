public import TowerModel

/// What to simulate. The same values give the same bytes.
public struct SimulationConfiguration: Sendable {
    /// 1 to 20,000.
    public var sites: Int
    /// Simulated span after `start`, above 0 and at most 8,784 (a year).
    public var hours: Double
    /// Which faults to inject; harmless background is separate. Empty for a fleet in which nothing goes wrong.
    public var scenarios: [ScenarioID]
    public var seed: UInt64
    public var noise: NoiseModel
    /// Instant of the first inventory event.
    public var start: Timestamp
    /// Seconds between two readings of one sensor, 1 to 86,400. 300 offline, 10 live.
    public var telemetryPeriodSeconds: Double
    public var tenant: TenantID
    /// How often each scenario happens and how its delays vary.
    public var parameters: ScenarioParameters
    /// Multiplies harmless background (grid dips that are carried, door openings, tests); 0 for none.
    public var background: Double
    /// Whether faults may share a site at the same time (scenario S30's question). Off unless asked.
    public var allowsOverlap: Bool

    public init(
        sites: Int = 200, hours: Double = 24, scenarios: [ScenarioID] = ScenarioID.allCases, seed: UInt64 = 1,
        noise: NoiseModel = .none, start: Timestamp = Timestamp(milliseconds: 1_767_225_600_000),
        telemetryPeriodSeconds: Double = 300, tenant: TenantID = TenantID("acme-towers"),
        parameters: ScenarioParameters = .default, background: Double = 1, allowsOverlap: Bool = false
    ) {
        self.sites = sites
        self.hours = hours
        self.scenarios = scenarios
        self.seed = seed
        self.noise = noise
        self.start = start
        self.telemetryPeriodSeconds = telemetryPeriodSeconds
        self.tenant = tenant
        self.parameters = parameters
        self.background = background
        self.allowsOverlap = allowsOverlap
    }

    func validate() throws(SimulationError) {
        func refuse(_ what: String, _ value: String, _ range: String) -> SimulationError {
            SimulationError(.configuration, "\(what) is \(value); give \(range)")
        }
        guard (1...20_000).contains(sites) else { throw refuse("sites", "\(sites)", "1 to 20000") }
        guard hours > 0, hours <= 8784 else { throw refuse("hours", "\(hours)", "more than 0 and at most 8784") }
        guard telemetryPeriodSeconds >= 1, telemetryPeriodSeconds <= 86_400 else {
            throw refuse("telemetry period", "\(telemetryPeriodSeconds) s", "1 to 86400 s")
        }
        guard background >= 0, background <= 100 else { throw refuse("background", "\(background)", "0 to 100") }
        let name = tenant.rawValue.utf8
        let isPlain = name.allSatisfy { byte in
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x3A, 0x5F: true
            default: false
            }
        }
        guard isPlain, (1...128).contains(name.count) else {
            throw refuse("tenant", "\"\(tenant.rawValue)\"", "1 to 128 of A-Z a-z 0-9 . _ : -")
        }
        try noise.validate()
    }
}
