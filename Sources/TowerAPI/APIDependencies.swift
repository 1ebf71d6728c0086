public import TowerModel
public import TowerNotify
public import TowerRegistry
public import TowerStores
public import TowerStreaming

/// Everything the API needs from the rest of the house, passed in: no ambient lookup, so a test replaces any of it.
public struct APIDependencies: Sendable {
    public var store: any Store
    public var log: any EventLog
    public var ingest: any EventIngesting
    public var commands: any IncidentCommanding
    public var registry: SchemaRegistry
    public var schemaUsage: SchemaUsage
    public var hub: LiveHub
    /// Consumer group whose store position is the live feed's sequence: the one that calls `LiveHub.publish`.
    public var liveGroup: String
    /// Throughput and latency are the process's; dead letters and silent sites are the tenant's own.
    public var platform: @Sendable (TenantID) async -> PlatformView
    /// Prometheus text of the other rooms; the API appends its own.
    public var metrics: @Sendable () async -> String
    public var readiness: @Sendable () async -> Readiness
    public var console: StaticFiles
    public var clock: @Sendable () -> Timestamp
    /// Bytes from the system's secure generator; tests pass a seeded one.
    public var randomBytes: @Sendable (Int) -> [UInt8]
    /// Seals the secrets of notification routes; without it routes with a secret are refused.
    public var secrets: SecretBox?
    /// What is known of dead letters, where others ask it too; `nil` for one of the server's own.
    public var deadLetters: DeadLetterIndex?
    /// Root causes that the stories know, in their order.
    public var causes: [CauseChoice]

    public init(
        store: any Store, log: any EventLog, ingest: any EventIngesting, commands: any IncidentCommanding,
        registry: SchemaRegistry, schemaUsage: SchemaUsage, hub: LiveHub,
        liveGroup: String, platform: @escaping @Sendable (TenantID) async -> PlatformView,
        metrics: @escaping @Sendable () async -> String,
        readiness: @escaping @Sendable () async -> Readiness, console: StaticFiles, clock: @escaping @Sendable () -> Timestamp,
        randomBytes: @escaping @Sendable (Int) -> [UInt8], secrets: SecretBox? = nil,
        deadLetters: DeadLetterIndex? = nil, causes: [CauseChoice] = []
    ) {
        self.causes = causes
        self.deadLetters = deadLetters
        self.store = store
        self.log = log
        self.ingest = ingest
        self.commands = commands
        self.registry = registry
        self.schemaUsage = schemaUsage
        self.hub = hub
        self.liveGroup = liveGroup
        self.platform = platform
        self.metrics = metrics
        self.readiness = readiness
        self.console = console
        self.clock = clock
        self.randomBytes = randomBytes
        self.secrets = secrets
    }
}

/// Whether traffic should come here, and if not, why.
public struct Readiness: Sendable, Codable, Hashable {
    public var isReady: Bool
    /// What is checked and how it stands: `log` "writable", `projections` "41 s behind".
    public var checks: [String: String]
    public init(isReady: Bool, checks: [String: String]) {
        self.isReady = isReady
        self.checks = checks
    }
    enum CodingKeys: String, CodingKey {
        case isReady = "ready"
        case checks
    }
}
