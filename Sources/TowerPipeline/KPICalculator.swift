import TowerIncidents
import TowerKPI
public import TowerModel

/// The KPI engines behind the calculator group, one per tenant.
///
/// Each tenant's watermark is its largest event time plus what has passed since on the log's clock, so that replaying last
/// month closes last month's windows. An event time more than a day ahead of all others moves nothing.
public struct KPICalculator: KPICore {
    private struct Tenant: Sendable {
        var engine = KPIEngine()
        var newest = Timestamp.distantPast
        var newestArrivedAt = Timestamp.distantPast
        /// How often each window was told, for the revision number.
        var revisions: [Window: Int] = [:]

        /// Drops windows that can no longer be told again.
        mutating func forget(before instant: Timestamp) {
            guard revisions.count > 10_000 else { return }
            revisions = revisions.filter { $0.key.end > instant }
        }

        mutating func moveClock(_ at: Timestamp, arrivedAt: Timestamp) {
            guard at > newest, newest == .distantPast || at < newest.adding(seconds: 86_400) else { return }
            newest = at
            newestArrivedAt = arrivedAt
        }
    }
    private struct Window: Hashable, Sendable {
        let kpi: String
        let site: String
        let start: Timestamp
        let end: Timestamp
    }

    private let symbols: SymbolTable
    private var tenants: [TenantID: Tenant] = [:]
    private var telemetry: TelemetryReader
    private let inventory: InventoryReader
    private let site: Symbol

    public init(symbols: SymbolTable) {
        self.symbols = symbols
        telemetry = TelemetryReader(symbols: symbols)
        inventory = InventoryReader(symbols: symbols)
        site = symbols.intern("inventory.site")
    }

    public mutating func observe(_ run: EventRun) {
        let batch = run.batch
        for index in run.events.indices {
            let event = Int(run.events[index])
            let id = TenantID(symbols.name(batch.tenants[event]))
            var tenant = tenants.removeValue(forKey: id) ?? Tenant()
            tenant.moveClock(batch.timestamps[event], arrivedAt: run.arrivedAt[index])
            if batch.types[event] == site {
                tenant.engine.observe(site: inventory.site(batch, event))
            } else {
                let name = SiteID(symbols.name(batch.sites[event]))
                telemetry.read(batch, event) { metric, value in
                    tenant.engine.observe(tenant: id, site: name, metric: metric, at: batch.timestamps[event], value: value)
                }
            }
            tenants[id] = tenant
        }
    }

    public mutating func observe(_ alarm: Alarm) {
        tenants[alarm.tenantID, default: Tenant()].engine.observe(alarm: alarm)
    }

    public mutating func observe(incident: EventID, tenant: TenantID, eventType: String, at: Timestamp, snapshot: IncidentSnapshot?) {
        if let snapshot {
            tenants[tenant, default: Tenant()].engine.observe(incident: snapshot)
        } else if eventType == IncidentLifecycleEvent.Kind.acknowledged.rawValue {
            tenants[tenant, default: Tenant()].engine.observe(acknowledged: incident, tenant: tenant, at: at)
        }
    }

    public mutating func advance(to now: Timestamp) -> [KPIEmission] {
        var emissions: [KPIEmission] = []
        for id in tenants.keys.sorted() {
            guard var tenant = tenants.removeValue(forKey: id) else { continue }
            if tenant.newest > .distantPast {
                let passed = max(0, now.seconds(since: tenant.newestArrivedAt))
                for result in tenant.engine.advance(to: tenant.newest.adding(seconds: passed)) {
                    let window = Window(kpi: result.kpi, site: result.siteID?.rawValue ?? "", start: result.windowStart, end: result.windowEnd)
                    let revision = (tenant.revisions[window] ?? 0) + 1
                    tenant.revisions[window] = revision
                    emissions.append(
                        KPIEmission(
                            tenantID: id, kpi: result.kpi, siteID: result.siteID, value: result.value, unit: result.unit,
                            windowStart: result.windowStart, windowEnd: result.windowEnd, revision: revision))
                }
                tenant.forget(before: tenant.newest.adding(seconds: passed - 2 * tenant.engine.configuration.allowedLateness))
            }
            tenants[id] = tenant
        }
        return emissions
    }
}
