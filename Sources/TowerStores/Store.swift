public import TowerModel

/// Answers that survive a restart: read models, samples, accounts. All of it can be rebuilt from the log, except
/// accounts and keys.
///
/// - Once-only effect: a projection's changes and its position are written in one transaction (`apply`).
/// - Tenancy: every read names its tenant; there is no call that answers across tenants.
/// - Concurrency: any task; one writer, many readers. Errors: `StoreError`.
public protocol Store: ProjectionStore, QueryStore, SampleStore, AccountStore {}

/// A store that a process opened and closes again.
public protocol OpenStore: Store {
    /// Waits for what is in flight. Everything fails afterwards.
    func close() async throws
}

/// Where projections write. See `ProjectionBatch`.
public protocol ProjectionStore: Sendable {
    /// The committed position of a consumer group; `start` when it never committed.
    func position(of group: String) async throws -> StorePosition
    /// Writes everything in `batch` and the position, or nothing. Answers the views that changed, for the live feed; none when
    /// the same move was made before.
    ///
    /// - Errors: `StoreError.conflict` when the group does not stand at `batch.move.from`.
    func apply(_ batch: ProjectionBatch) async throws -> [TenantChange]
    /// Empties every read model and every position, for `towerco rebuild`. Accounts and keys stay.
    func resetReadModels() async throws
}

/// A change with the tenant that may see it.
public struct TenantChange: Sendable {
    public var tenantID: TenantID
    public var change: LiveChange
    public init(tenantID: TenantID, change: LiveChange) {
        self.tenantID = tenantID
        self.change = change
    }
}

/// What one slice of the log changes in the read models, in log order.
public struct ProjectionBatch: Sendable {
    /// From the position where the slice begins to the one after it.
    public var move: PositionMove
    public var group: String { move.group }
    /// What the inventory says, since when; in any order.
    public var siteVersions: [SiteVersion] = []
    public var linkVersions: [LinkVersion] = []
    public var heard: [SiteHeard] = []
    /// In log order; of several readings of a point the newest counts, so those that an equal or newer one followed may be
    /// left out. Currents of batteries are never left out: a turn inside the slice counts.
    public var latest: [(tenant: TenantID, site: SiteID, value: LatestValue)] = []
    public var alarms: [Alarm] = []
    public var incidents: [IncidentRecord] = []
    public var forecasts: [(tenant: TenantID, forecast: AutonomyForecast)] = []
    /// Of several of one site and kind the newest counts.
    public var outlooks: [(tenant: TenantID, forecast: SiteForecast)] = []
    public var kpis: [(tenant: TenantID, kpi: KPIView)] = []

    /// The metric that tells whether a battery discharges.
    public static let batteryCurrent = "battery.i"

    /// Newest event time of a site in the slice.
    public struct SiteHeard: Sendable {
        public var tenantID: TenantID
        public var siteID: SiteID
        public var at: Timestamp
        public init(tenantID: TenantID, siteID: SiteID, at: Timestamp) {
            self.tenantID = tenantID
            self.siteID = siteID
            self.at = at
        }
    }

    /// A lifecycle event of an incident: the engine's (with `snapshot`) or a person's.
    public struct IncidentRecord: Sendable {
        public var tenantID: TenantID
        public var incidentID: EventID
        public var eventID: EventID
        public var eventType: String
        public var at: Timestamp
        public var actor: String
        public var text: String
        /// `incident.assigned`: to whom; `incident.merged`: into which; `incident.opened` by a split: out of which.
        public var target: String?
        public var verdict: CauseVerdict?
        public var split: IncidentCut?
        public var snapshot: IncidentSnapshot?
        public init(
            tenantID: TenantID, incidentID: EventID, eventID: EventID, eventType: String, at: Timestamp, actor: String, text: String,
            target: String? = nil, verdict: CauseVerdict? = nil, split: IncidentCut? = nil, snapshot: IncidentSnapshot? = nil
        ) {
            self.tenantID = tenantID
            self.incidentID = incidentID
            self.eventID = eventID
            self.eventType = eventType
            self.at = at
            self.actor = actor
            self.text = text
            self.target = target
            self.verdict = verdict
            self.split = split
            self.snapshot = snapshot
        }
    }

    public init(group: String, from: StorePosition, to: StorePosition) {
        move = PositionMove(group: group, from: from, to: to)
    }

    /// Inventory without times: it holds for ever. A later one of the same site or link replaces an earlier one.
    public var sites: [Site] {
        get { siteVersions.map(\.site) }
        set { siteVersions = newValue.map { SiteVersion($0) } }
    }
    public var links: [TopologyLink] {
        get { linkVersions.map(\.link) }
        set { linkVersions = newValue.map { LinkVersion($0) } }
    }
}

/// What the API asks. Lists are paged by an opaque cursor; `limit` is bounded by the caller.
public protocol QueryStore: Sendable {
    func fleet(tenant: TenantID, now: Timestamp) async throws -> FleetView
    func sites(tenant: TenantID, filter: SiteFilter, limit: Int, cursor: String?) async throws -> Page<SiteView>
    func site(tenant: TenantID, id: SiteID) async throws -> SiteView?
    func topology(tenant: TenantID) async throws -> TopologyView
    /// As it was at an instant; the sites' states by the alarms that were active then.
    func topology(tenant: TenantID, at: Timestamp) async throws -> TopologyView
    func alarms(tenant: TenantID, filter: AlarmFilter, limit: Int, cursor: String?) async throws -> Page<AlarmView>
    func alarm(tenant: TenantID, id: EventID) async throws -> AlarmView?
    func incidents(tenant: TenantID, filter: IncidentFilter, limit: Int, cursor: String?) async throws -> Page<IncidentView>
    /// With its history. `id` is the UUID or the number (`INC-12`).
    func incident(tenant: TenantID, id: String) async throws -> IncidentView?
    /// The newest forecast of each site and kind, by kind and site.
    func forecasts(tenant: TenantID, kind: ForecastKind?, site: SiteID?, limit: Int, cursor: String?) async throws -> Page<SiteForecast>
    func kpis(tenant: TenantID, kpi: String?, site: SiteID?, limit: Int, cursor: String?) async throws -> Page<KPIView>
}

public struct SiteFilter: Sendable {
    public var state: SiteState?
    public var region: String?
    /// Part of the name or id, any case.
    public var text: String?
    public init(state: SiteState? = nil, region: String? = nil, text: String? = nil) {
        self.state = state
        self.region = region
        self.text = text
    }
}

public struct AlarmFilter: Sendable {
    /// `nil`: both; otherwise only active ones, or only cleared ones.
    public var isActive: Bool?
    public var site: SiteID?
    public var incident: EventID?
    public var minimumSeverity: Severity?
    public init(isActive: Bool? = nil, site: SiteID? = nil, incident: EventID? = nil, minimumSeverity: Severity? = nil) {
        self.isActive = isActive
        self.site = site
        self.incident = incident
        self.minimumSeverity = minimumSeverity
    }
}

public struct IncidentFilter: Sendable {
    /// Empty: every status but merged and auto-closed.
    public var statuses: [IncidentView.Status]
    public var site: SiteID?
    public var assignee: String?
    public var updatedSince: Timestamp?
    public init(statuses: [IncidentView.Status] = [], site: SiteID? = nil, assignee: String? = nil, updatedSince: Timestamp? = nil) {
        self.statuses = statuses
        self.site = site
        self.assignee = assignee
        self.updatedSince = updatedSince
    }
}

/// Time series for charts.
public protocol SampleStore: Sendable {
    /// Stores samples and the group's position in one transaction, or nothing when the same move was made before.
    ///
    /// - Errors: `StoreError.conflict` when the group does not stand at `move.from`.
    func store(samples: [StoredSample], _ move: PositionMove) async throws
    /// The same with series as numbers.
    func store(_ batch: SampleBatch, _ move: PositionMove) async throws
    /// At most `maxPoints` points each: beyond that, minimum and maximum of equal steps, so that spikes stay visible.
    func series(tenant: TenantID, site: SiteID, metrics: [String], from: Timestamp, to: Timestamp, maxPoints: Int) async throws
        -> [SeriesView]
    /// Drops samples older than that.
    func dropSamples(before: Timestamp) async throws
}

public struct StoredSample: Sendable {
    public var tenantID: TenantID
    public var siteID: SiteID
    public var metric: String
    public var at: Timestamp
    public var value: Double
    public init(tenantID: TenantID, siteID: SiteID, metric: String, at: Timestamp, value: Double) {
        self.tenantID = tenantID
        self.siteID = siteID
        self.metric = metric
        self.at = at
        self.value = value
    }
}

/// What a caller may do.
public enum Role: String, Sendable, Codable, CaseIterable {
    /// Everything inside the tenant.
    case admin
    /// Reads, incident commands, events in.
    case `operator`
    /// Reads.
    case viewer
    /// Events in, nothing else.
    case ingest
}

/// A verified caller.
public struct Principal: Sendable, Hashable, Codable {
    public var tenantID: TenantID
    /// User name or key name.
    public var name: String
    public var role: Role
    public init(tenantID: TenantID, name: String, role: Role) {
        self.tenantID = tenantID
        self.name = name
        self.role = role
    }
    enum CodingKeys: String, CodingKey {
        case tenantID = "tenant_id"
        case name, role
    }
}

/// Tenants, users and keys. Secrets are stored hashed: keys and session tokens as SHA-256 (they are random), passwords with scrypt.
public protocol AccountStore: Sendable {
    func createTenant(_ tenant: TenantID, name: String, at: Timestamp) async throws
    func tenants() async throws -> [TenantID]
    /// Replaces a user of that tenant and name.
    func saveUser(tenant: TenantID, name: String, role: Role, passwordHash: String) async throws
    func user(name: String) async throws -> (principal: Principal, passwordHash: String)?
    /// `tokenHash`: SHA-256 of key or session token, hex. `expiresAt` is `nil` for API keys.
    func saveToken(hash tokenHash: String, principal: Principal, isSession: Bool, expiresAt: Timestamp?) async throws
    func principal(tokenHash: String, now: Timestamp) async throws -> Principal?
    func revokeToken(hash tokenHash: String) async throws
}

/// What went wrong in a store.
public struct StoreError: Error, Sendable, CustomStringConvertible {
    public struct Code: Hashable, Sendable {
        public let name: String
        public static let unavailable = Code(name: "store.unavailable")
        public static let badCursor = Code(name: "store.bad_cursor")
        public static let corrupt = Code(name: "store.corrupt")
        public static let conflict = Code(name: "store.conflict")
    }
    public var code: Code
    public var message: String
    public init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }
    /// Whether the same call may succeed later: the store is busy, full, restarting or away.
    public var isRetriable: Bool { code == .unavailable }
    public var description: String { "\(message) (\(code.name))" }
}
