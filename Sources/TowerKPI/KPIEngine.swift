public import TowerModel

/// Computes every KPI of `KPICatalog` over tumbling hours and UTC days of event time.
///
/// - Shape: results of one `advance` are sorted by (window start, window end, tenant, site, KPI); the tenant as a whole
///   comes before its sites.
/// - Determinism: what is told of a window depends on what was heard of it, not on the order of arrival nor on how the
///   input was cut into batches, as long as everything arrived inside the allowed lateness.
/// - Missing data: `nil`, never 0. Time in which nothing was heard is left out of both terms of a ratio.
/// - Late data: inside `KPIConfiguration.allowedLateness` the window is told again with `isRecomputed`; later it is
///   counted and dropped.
/// - Bound: call `advance` at least once per hour of event time; memory is that of the open windows, at most 12 bytes a
///   second and metric.
public struct KPIEngine: Sendable {
    /// Hours of all sites that are held in memory, for the platform's own metrics.
    public var openHours: Int { sites.reduce(0) { $0 + $1.hours.count } }

    /// What was heard, for the platform's own metrics.
    public struct Counters: Sendable, Hashable {
        /// Readings of metrics that a KPI uses.
        public var samples = 0
        public var tooLate = 0
        public var notFinite = 0
        public var refusedSites = 0
    }

    public let configuration: KPIConfiguration
    public internal(set) var counters = Counters()

    var windows: EventTimeWindows
    var sites: [SiteWindows] = []
    /// Indices of `sites` in order of (tenant, site).
    var siteOrder: [Int] = []
    var tenants: [TenantID: TenantWindows] = [:]
    var siteIndex: [SiteKey: Int] = [:]

    struct SiteKey: Hashable {
        var tenant: TenantID
        var site: SiteID
    }

    public init(configuration: KPIConfiguration = .standard) {
        self.configuration = configuration
        windows = EventTimeWindows(allowedLatenessSeconds: configuration.allowedLateness)
    }

    /// Takes one reading; metrics that no KPI uses are passed over.
    public mutating func observe(tenant: TenantID, site: SiteID, metric: String, at: Timestamp, value: Double) {
        guard let known = Self.metric(metric) else { return }
        var number: Int32 = -1
        observe(known, at: at, value: value, site: &number) { (tenant, site) }
    }

    /// A metric that a KPI uses, looked up once; `nil` for all others.
    public struct Metric: Sendable {
        let role: MetricRole
    }

    public static func metric(_ name: String) -> Metric? { MetricRole.byMetric[name].map(Metric.init) }

    /// The same for callers that meet a site often.
    ///
    /// - Parameter site: the number that this engine gave the site; -1 at first, and left so while it has none.
    @inline(__always)
    public mutating func observe(
        _ metric: Metric, at: Timestamp, value: Double, site: inout Int32, name: () -> (TenantID, SiteID)
    ) {
        guard value.isFinite else {
            counters.notFinite += 1
            return
        }
        guard EventTimeWindows.hour(of: at) >= windows.openFrom else {
            counters.tooLate += 1
            return
        }
        if site < 0 {
            let (tenantID, siteID) = name()
            guard let index = index(tenant: tenantID, site: siteID) else { return }
            site = Int32(truncatingIfNeeded: index)
        }
        counters.samples += 1
        sites[Int(site)].insert(metric.role, at: at, value: value)
    }

    /// Takes a state of an alarm.
    public mutating func observe(alarm: Alarm) {
        tenants[alarm.tenantID, default: TenantWindows()].process.observe(alarm, openFrom: windows.openFrom)
        let kind: SiteWindows.AlarmInterval.Kind
        if configuration.gridAlarmTypes.contains(alarm.alarmType) {
            kind = .gridLost
        } else if configuration.downAlarmTypes.contains(alarm.alarmType) {
            kind = .down
        } else {
            return
        }
        guard let index = index(tenant: alarm.tenantID, site: alarm.siteID) else { return }
        sites[index].update(alarm, kind: kind, openFrom: windows.openFrom)
    }

    /// Takes a revision of an incident; the newest decides.
    public mutating func observe(incident: IncidentSnapshot) {
        tenants[incident.tenantID, default: TenantWindows()].process.observe(incident, openFrom: windows.openFrom)
    }

    /// Takes a person's first acknowledgement, before or after the incident's own revisions.
    public mutating func observe(acknowledged incident: EventID, tenant: TenantID, at: Timestamp) {
        tenants[tenant, default: TenantWindows()].process.acknowledge(incident, at: at, openFrom: windows.openFrom)
    }

    /// Takes what the inventory says of a site: battery and load for the autonomy. Later windows use it.
    public mutating func observe(site: Site) {
        guard let index = index(tenant: site.tenantID, site: site.siteID) else { return }
        sites[index].info = site
    }

    /// Tells every window that is complete at the event-time watermark, and again those that late data changed.
    public mutating func advance(to watermark: Timestamp) -> [KPIResult] {
        windows.advance(to: watermark)
        var results: [KPIResult] = []
        for index in siteOrder { advanceSite(index, into: &results) }
        for tenant in tenants.keys.sorted() {
            rollUp(tenant, into: &results)
            advanceProcess(tenant, into: &results)
        }
        for index in siteOrder { sites[index].evict(openFrom: windows.openFrom) }
        results.sort { left, right in
            if left.windowStart != right.windowStart { return left.windowStart < right.windowStart }
            if left.windowEnd != right.windowEnd { return left.windowEnd < right.windowEnd }
            if left.tenantID != right.tenantID { return left.tenantID < right.tenantID }
            if left.siteID != right.siteID { return (left.siteID?.rawValue ?? "") < (right.siteID?.rawValue ?? "") }
            return left.kpi < right.kpi
        }
        return results
    }

    private mutating func index(tenant: TenantID, site: SiteID) -> Int? {
        let key = SiteKey(tenant: tenant, site: site)
        if let known = siteIndex[key] { return known }
        guard sites.count < configuration.maximumSites else {
            counters.refusedSites += 1
            return nil
        }
        let index = sites.count
        sites.append(SiteWindows(tenantID: tenant, siteID: site))
        siteIndex[key] = index
        var low = 0
        var high = siteOrder.count
        while low < high {
            let middle = (low + high) / 2
            let other = sites[siteOrder[middle]]
            if (other.tenantID, other.siteID) < (tenant, site) { low = middle + 1 } else { high = middle }
        }
        siteOrder.insert(index, at: low)
        tenants[tenant, default: TenantWindows()].siteCount += 1
        return index
    }
}
