import TowerModel
import TowerStores

/// A store that is timed call by call; otherwise the one it wraps.
struct MeteredStore: Store {
    let base: any Store
    let meters: StoreMeters

    // MARK: Projections

    func position(of group: String) async throws -> StorePosition {
        try await meters.timed(.position) { try await base.position(of: group) }
    }
    func apply(_ batch: ProjectionBatch) async throws -> [TenantChange] {
        try await meters.timed(.projection) { try await base.apply(batch) }
    }
    func resetReadModels() async throws { try await meters.timed(.reset) { try await base.resetReadModels() } }

    // MARK: Questions

    func fleet(tenant: TenantID, now: Timestamp) async throws -> FleetView {
        try await meters.timed(.fleet) { try await base.fleet(tenant: tenant, now: now) }
    }
    func sites(tenant: TenantID, filter: SiteFilter, limit: Int, cursor: String?) async throws -> Page<SiteView> {
        try await meters.timed(.sites) { try await base.sites(tenant: tenant, filter: filter, limit: limit, cursor: cursor) }
    }
    func site(tenant: TenantID, id: SiteID) async throws -> SiteView? {
        try await meters.timed(.site) { try await base.site(tenant: tenant, id: id) }
    }
    func topology(tenant: TenantID) async throws -> TopologyView {
        try await meters.timed(.topology) { try await base.topology(tenant: tenant) }
    }
    func topology(tenant: TenantID, at: Timestamp) async throws -> TopologyView {
        try await meters.timed(.topology) { try await base.topology(tenant: tenant, at: at) }
    }
    func alarms(tenant: TenantID, filter: AlarmFilter, limit: Int, cursor: String?) async throws -> Page<AlarmView> {
        try await meters.timed(.alarms) { try await base.alarms(tenant: tenant, filter: filter, limit: limit, cursor: cursor) }
    }
    func alarm(tenant: TenantID, id: EventID) async throws -> AlarmView? {
        try await meters.timed(.alarms) { try await base.alarm(tenant: tenant, id: id) }
    }
    func incidents(tenant: TenantID, filter: IncidentFilter, limit: Int, cursor: String?) async throws -> Page<IncidentView> {
        try await meters.timed(.incidents) { try await base.incidents(tenant: tenant, filter: filter, limit: limit, cursor: cursor) }
    }
    func incident(tenant: TenantID, id: String) async throws -> IncidentView? {
        try await meters.timed(.incidents) { try await base.incident(tenant: tenant, id: id) }
    }
    func forecasts(tenant: TenantID, kind: ForecastKind?, site: SiteID?, limit: Int, cursor: String?) async throws -> Page<SiteForecast> {
        try await meters.timed(.kpis) { try await base.forecasts(tenant: tenant, kind: kind, site: site, limit: limit, cursor: cursor) }
    }
    func kpis(tenant: TenantID, kpi: String?, site: SiteID?, limit: Int, cursor: String?) async throws -> Page<KPIView> {
        try await meters.timed(.kpis) { try await base.kpis(tenant: tenant, kpi: kpi, site: site, limit: limit, cursor: cursor) }
    }

    // MARK: Samples

    func store(samples: [StoredSample], _ move: PositionMove) async throws {
        try await meters.timed(.samples) { try await base.store(samples: samples, move) }
    }
    func store(_ batch: SampleBatch, _ move: PositionMove) async throws {
        try await meters.timed(.samples) { try await base.store(batch, move) }
    }
    func series(
        tenant: TenantID, site: SiteID, metrics: [String], from: Timestamp, to: Timestamp, maxPoints: Int
    ) async throws -> [SeriesView] {
        try await meters.timed(.series) {
            try await base.series(tenant: tenant, site: site, metrics: metrics, from: from, to: to, maxPoints: maxPoints)
        }
    }
    func dropSamples(before: Timestamp) async throws { try await meters.timed(.retention) { try await base.dropSamples(before: before) } }

    // MARK: Accounts

    func createTenant(_ tenant: TenantID, name: String, at: Timestamp) async throws {
        try await meters.timed(StoreMeters.Transaction.account) { try await base.createTenant(tenant, name: name, at: at) }
    }
    func tenants() async throws -> [TenantID] { try await meters.timed(StoreMeters.Query.account) { try await base.tenants() } }
    func saveUser(tenant: TenantID, name: String, role: TowerStores.Role, passwordHash: String) async throws {
        try await meters.timed(StoreMeters.Transaction.account) {
            try await base.saveUser(tenant: tenant, name: name, role: role, passwordHash: passwordHash)
        }
    }
    func user(name: String) async throws -> (principal: Principal, passwordHash: String)? {
        try await meters.timed(StoreMeters.Query.account) { try await base.user(name: name) }
    }
    func saveToken(hash tokenHash: String, principal: Principal, isSession: Bool, expiresAt: Timestamp?) async throws {
        try await meters.timed(StoreMeters.Transaction.account) {
            try await base.saveToken(hash: tokenHash, principal: principal, isSession: isSession, expiresAt: expiresAt)
        }
    }
    func principal(tokenHash: String, now: Timestamp) async throws -> Principal? {
        try await meters.timed(StoreMeters.Query.account) { try await base.principal(tokenHash: tokenHash, now: now) }
    }
    func revokeToken(hash tokenHash: String) async throws {
        try await meters.timed(StoreMeters.Transaction.account) { try await base.revokeToken(hash: tokenHash) }
    }
}
