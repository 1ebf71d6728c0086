import Synchronization
import TowerModel
import TowerStores

/// A store in dictionaries, with hooks: `beforeRead` lets a test do something between two reads, `failure` makes every
/// call throw.
final class MemoryStore: Store {
    struct Tenant {
        var sites: [SiteID: SiteView] = [:]
        var links: [TopologyLink] = []
        var alarms: [EventID: AlarmView] = [:]
        var incidents: [EventID: IncidentView] = [:]
        var kpis: [KPIView] = []
        var forecasts: [SiteForecast] = []
        var samples: [StoredSample] = []
    }
    struct Token {
        var principal: Principal
        var isSession: Bool
        var expiresAt: Timestamp?
    }
    struct State {
        var tenants: [TenantID: Tenant] = [:]
        var positions: [String: Int64] = [:]
        var accounts: Set<TenantID> = []
        var users: [String: (Principal, String)] = [:]
        var tokens: [String: Token] = [:]
        var tokenQueries = 0
    }
    let state = Mutex(State())
    let failure = Mutex<(any Error)?>(nil)
    let beforeRead = Mutex<(@Sendable (String) -> Void)?>(nil)

    func change(_ tenant: TenantID, _ body: (inout Tenant) -> Void) {
        state.withLock { body(&$0.tenants[tenant, default: Tenant()]) }
    }

    private func read<Answer>(_ what: String, _ body: (inout State) -> Answer) throws -> Answer {
        if let failure = failure.withLock({ $0 }) { throw failure }
        beforeRead.withLock { $0 }?(what)
        return state.withLock { body(&$0) }
    }

    private static func page<Item>(_ items: [Item], limit: Int, cursor: String?) throws -> Page<Item> {
        guard let start = Int(cursor ?? "0"), start >= 0 else { throw StoreError(.badCursor, "cursor") }
        let end = min(start + limit, items.count)
        let next = end < items.count ? String(end) : nil
        return Page(items: start < end ? Array(items[start..<end]) : [], nextCursor: next, total: items.count)
    }

    // MARK: Projections

    func position(of group: String) async throws -> StorePosition {
        try read("position") { StorePosition(sequence: $0.positions[group] ?? 0) }
    }
    func apply(_ batch: ProjectionBatch) async throws -> [TenantChange] { [] }
    func resetReadModels() async throws {}

    /// Commits views and a position as one slice, as a projection would.
    func commit(group: String, position: Int64, _ changes: [TenantChange]) {
        state.withLock { state in
            state.positions[group] = position
            for change in changes {
                switch change.change {
                case .site(let view): state.tenants[change.tenantID, default: Tenant()].sites[view.site.siteID] = view
                case .alarm(let view): state.tenants[change.tenantID, default: Tenant()].alarms[view.alarm.alarmID] = view
                case .incident(let view):
                    state.tenants[change.tenantID, default: Tenant()].incidents[view.snapshot.incidentID] = view
                }
            }
        }
    }

    // MARK: Queries

    func fleet(tenant: TenantID, now: Timestamp) async throws -> FleetView {
        try read("fleet") { state in
            let own = state.tenants[tenant] ?? Tenant()
            return FleetView(
                totalSites: own.sites.count, states: [:], openIncidents: own.incidents.count, needsPerson: 0,
                oldestUnownedAt: nil,
                shortestAutonomy: nil, nextToFall: [],
                regions: Set(own.sites.values.compactMap(\.site.region)).sorted().map {
                    .init(region: $0, sites: 1, down: 0, onBattery: 0, availability: nil)
                }, alarmsPerBin: [], binsStartAt: nil, stormSince: nil, activeAlarms: own.alarms.count, powerAvailability: nil)
        }
    }

    func sites(tenant: TenantID, filter: SiteFilter, limit: Int, cursor: String?) async throws -> Page<SiteView> {
        try Self.page(
            try read("sites") { state in
                (state.tenants[tenant]?.sites.values.map { $0 } ?? [])
                    .filter { filter.state == nil || $0.state == filter.state }
                    .filter { filter.text.map($0.site.name.contains) ?? true }
                    .sorted { $0.site.siteID < $1.site.siteID }
            }, limit: limit, cursor: cursor)
    }

    func site(tenant: TenantID, id: SiteID) async throws -> SiteView? { try read("site") { $0.tenants[tenant]?.sites[id] } }

    func topology(tenant: TenantID) async throws -> TopologyView {
        try read("topology") { state in
            TopologyView(
                sites: (state.tenants[tenant]?.sites.values.map { $0 } ?? []).sorted { $0.site.siteID < $1.site.siteID },
                links: state.tenants[tenant]?.links ?? [])
        }
    }

    func topology(tenant: TenantID, at: Timestamp) async throws -> TopologyView {
        var view = try await topology(tenant: tenant)
        view.links.removeAll { $0.validFrom ?? .distantPast > at }
        view.at = at
        return view
    }

    func alarms(tenant: TenantID, filter: AlarmFilter, limit: Int, cursor: String?) async throws -> Page<AlarmView> {
        try Self.page(
            try read("alarms") { state in
                (state.tenants[tenant]?.alarms.values.map { $0 } ?? [])
                    .filter { filter.isActive == nil || ($0.alarm.state != .cleared) == filter.isActive }
                    .filter { filter.site == nil || $0.alarm.siteID == filter.site }
                    .sorted { ($0.alarm.changedAt, $0.alarm.alarmID) > ($1.alarm.changedAt, $1.alarm.alarmID) }
            }, limit: limit, cursor: cursor)
    }

    func alarm(tenant: TenantID, id: EventID) async throws -> AlarmView? { try read("alarm") { $0.tenants[tenant]?.alarms[id] } }

    func incidents(tenant: TenantID, filter: IncidentFilter, limit: Int, cursor: String?) async throws -> Page<IncidentView> {
        try Self.page(
            try read("incidents") { state in
                (state.tenants[tenant]?.incidents.values.map { $0 } ?? [])
                    .filter { filter.statuses.isEmpty || filter.statuses.contains($0.status) }
                    .filter { filter.site == nil || $0.snapshot.siteID == filter.site }
                    .sorted { $0.number < $1.number }
            }, limit: limit, cursor: cursor)
    }

    func incident(tenant: TenantID, id: String) async throws -> IncidentView? {
        try read("incident") { state in
            state.tenants[tenant]?.incidents.values.first { $0.number == id || $0.snapshot.incidentID.description == id }
        }
    }

    func forecasts(tenant: TenantID, kind: ForecastKind?, site: SiteID?, limit: Int, cursor: String?) async throws -> Page<SiteForecast> {
        try Self.page(
            try read("forecasts") { state in
                (state.tenants[tenant]?.forecasts ?? []).filter { (kind == nil || $0.kind == kind) && (site == nil || $0.siteID == site) }
            }, limit: limit, cursor: cursor)
    }

    func kpis(tenant: TenantID, kpi: String?, site: SiteID?, limit: Int, cursor: String?) async throws -> Page<KPIView> {
        try Self.page(try read("kpis") { $0.tenants[tenant]?.kpis ?? [] }, limit: limit, cursor: cursor)
    }

    // MARK: Samples

    func store(_ batch: SampleBatch, _ move: PositionMove) async throws {}
    func dropSamples(before: Timestamp) async throws {}
    func series(tenant: TenantID, site: SiteID, metrics: [String], from: Timestamp, to: Timestamp, maxPoints: Int) async throws
        -> [SeriesView]
    {
        try read("series") { state in
            metrics.map { metric in
                let samples = (state.tenants[tenant]?.samples ?? []).filter { $0.siteID == site && $0.metric == metric }
                return SeriesView(siteID: site, metric: metric, points: samples.map { [Double($0.at.milliseconds), $0.value] })
            }
        }
    }

    // MARK: Accounts

    func createTenant(_ tenant: TenantID, name: String, at: Timestamp) async throws {
        _ = try read("createTenant") { $0.accounts.insert(tenant) }
    }
    func tenants() async throws -> [TenantID] { try read("tenants") { $0.accounts.sorted() } }
    func saveUser(tenant: TenantID, name: String, role: Role, passwordHash: String) async throws {
        try read("saveUser") { $0.users[name] = (Principal(tenantID: tenant, name: name, role: role), passwordHash) }
    }
    func user(name: String) async throws -> (principal: Principal, passwordHash: String)? { try read("user") { $0.users[name] } }
    func saveToken(hash tokenHash: String, principal: Principal, isSession: Bool, expiresAt: Timestamp?) async throws {
        try read("saveToken") { $0.tokens[tokenHash] = Token(principal: principal, isSession: isSession, expiresAt: expiresAt) }
    }
    func principal(tokenHash: String, now: Timestamp) async throws -> Principal? {
        try read("principal") { state in
            state.tokenQueries += 1
            guard let token = state.tokens[tokenHash], token.expiresAt.map({ $0 > now }) ?? true else { return nil }
            return token.principal
        }
    }
    func revokeToken(hash tokenHash: String) async throws { try read("revokeToken") { $0.tokens[tokenHash] = nil } }
}
