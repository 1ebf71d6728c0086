import TowerIncidents
import TowerKPI
public import TowerModel

/// The KPI engines behind the calculator group, one per tenant.
///
/// Each tenant's watermark is its largest event time plus what has passed since on the log's clock, so that replaying last
/// month closes last month's windows. An event time more than a day ahead of all others moves nothing.
public struct KPICalculator: KPICore {
    struct Tenant: Sendable {
        var engine = KPIEngine()
        var newest = Timestamp.distantPast
        var newestArrivedAt = Timestamp.distantPast
        /// How often each window was told, where that was more than once: most are told once, and then the engine knows it.
        var revisions: [Window: Int] = [:]

        /// Drops windows that can no longer be told again.
        mutating func forget(before instant: Timestamp) {
            guard revisions.count > 10_000 else { return }
            revisions = revisions.filter { $0.key.end > instant }
        }

        mutating func advance(to now: Timestamp, _ id: TenantID, into emissions: inout [KPIEmission]) {
            guard newest > .distantPast else { return }
            let passed = max(0, now.seconds(since: newestArrivedAt))
            for result in engine.advance(to: newest.adding(seconds: passed)) {
                let window = Window(kpi: result.kpi, site: result.siteID?.rawValue ?? "", start: result.windowStart, end: result.windowEnd)
                let revision = (revisions[window] ?? (result.isRecomputed ? 1 : 0)) + 1
                if revision > 1 { revisions[window] = revision }
                emissions.append(
                    KPIEmission(
                        tenantID: id, kpi: result.kpi, siteID: result.siteID, value: result.value, unit: result.unit,
                        windowStart: result.windowStart, windowEnd: result.windowEnd, revision: revision))
            }
            forget(before: newest.adding(seconds: passed - 2 * engine.configuration.allowedLateness))
        }

        mutating func moveClock(_ at: Timestamp, arrivedAt: Timestamp) {
            guard at > newest, newest == .distantPast || at < newest.adding(seconds: 86_400) else { return }
            newest = at
            newestArrivedAt = arrivedAt
        }
    }
    struct Window: Hashable, Sendable {
        let kpi: String
        let site: String
        let start: Timestamp
        let end: Timestamp
    }

    let symbols: SymbolTable
    var tenants: [Tenant] = []
    var numberOfTenant: [TenantID: Int] = [:]
    private var numberOfSymbol = PairIndex()
    private var telemetry: TelemetryReader
    private var places: PlaceIndex
    /// By place, the site's number in its tenant's engine.
    private var siteOfPlace: [Int32] = []
    /// By metric; `nil` when no KPI uses it.
    private var metrics: [KPIEngine.Metric?] = []
    private let inventory: InventoryReader
    private let site: Symbol

    public init(symbols: SymbolTable) {
        self.symbols = symbols
        telemetry = TelemetryReader(symbols: symbols)
        places = PlaceIndex(symbols: symbols)
        inventory = InventoryReader(symbols: symbols)
        site = symbols.intern("inventory.site")
    }

    public mutating func observe(_ run: EventRun) {
        let batch = run.batch
        if telemetry.isFull {
            telemetry = TelemetryReader(symbols: symbols)
            metrics = []
        }
        var readings: [TelemetryReader.Reading] = []
        for index in run.events.indices {
            let event = Int(run.events[index])
            let tenant = number(ofTenant: batch.tenants[event])
            tenants[tenant].moveClock(batch.timestamps[event], arrivedAt: run.arrivedAt[index])
            if batch.types[event] == site {
                let version = inventory.site(batch, event)
                if !version.isRemoved { tenants[tenant].engine.observe(site: version.site) }
            } else {
                read(batch, event, tenant, &readings)
            }
        }
    }

    private mutating func read(_ batch: EventBatch, _ event: Int, _ tenant: Int, _ readings: inout [TelemetryReader.Reading]) {
        telemetry.read(batch, event, into: &readings)
        guard !readings.isEmpty else { return }
        if metrics.count < telemetry.metrics.count { learnMetrics() }
        let place = places.number(batch, event)
        while siteOfPlace.count <= place { siteOfPlace.append(-1) }
        let at = batch.timestamps[event]
        for reading in readings {
            guard let metric = metrics[Int(reading.metric)] else { continue }
            tenants[tenant].engine.observe(metric, at: at, value: reading.value, site: &siteOfPlace[Int(place)]) {
                (places[place].tenant, places[place].site)
            }
        }
    }

    private mutating func learnMetrics() {
        for name in telemetry.metrics.dropFirst(metrics.count) { metrics.append(KPIEngine.metric(name)) }
    }

    private mutating func number(ofTenant symbol: Symbol) -> Int {
        let known = numberOfSymbol.find(symbol.rawValue, 0)
        if known >= 0 { return Int(known) }
        let number = number(of: TenantID(symbols.name(symbol)))
        numberOfSymbol.insert(symbol.rawValue, 0, Int32(truncatingIfNeeded: number))
        return number
    }

    private mutating func number(of id: TenantID) -> Int {
        if let known = numberOfTenant[id] { return known }
        numberOfTenant[id] = tenants.count
        tenants.append(Tenant())
        return tenants.count - 1
    }

    public mutating func observe(_ alarm: Alarm) { tenants[number(of: alarm.tenantID)].engine.observe(alarm: alarm) }

    public mutating func observe(incident: EventID, tenant: TenantID, eventType: String, at: Timestamp, snapshot: IncidentSnapshot?) {
        if let snapshot {
            tenants[number(of: tenant)].engine.observe(incident: snapshot)
        } else if eventType == IncidentLifecycleEvent.Kind.acknowledged.rawValue {
            tenants[number(of: tenant)].engine.observe(acknowledged: incident, tenant: tenant, at: at)
        }
    }

    public mutating func advance(to now: Timestamp) -> [KPIEmission] {
        var emissions: [KPIEmission] = []
        for (id, number) in numberOfTenant.sorted(by: { $0.key < $1.key }) {
            tenants[number].advance(to: now, id, into: &emissions)
        }
        return emissions
    }
}
