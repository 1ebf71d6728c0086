import TowerKPI
import TowerModel

/// SplitMix64: the same numbers from the same seed everywhere.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64
    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ z >> 30) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ z >> 27) &* 0x94D0_49BB_1331_11EB
        return z ^ z >> 31
    }

    mutating func uniform() -> Double { Double(next() >> 11) / 9_007_199_254_740_992 }
}

let tenant = TenantID("acme")
let site = SiteID("SITE-1")
/// 2026-03-02T00:00:00Z.
let start = Timestamp(seconds: 1_772_409_600)
func at(minutes: Double) -> Timestamp { start.adding(seconds: minutes * 60) }
func at(hours: Double) -> Timestamp { start.adding(seconds: hours * 3600) }

/// One thing that the engine hears.
enum Heard: Sendable {
    case sample(String, Timestamp, Double, SiteID = site)
    case alarm(Alarm)
    case incident(IncidentSnapshot)
    case acknowledged(EventID, Timestamp)
}

extension KPIEngine {
    mutating func hear(_ item: Heard) {
        switch item {
        case .sample(let metric, let at, let value, let site):
            observe(tenant: tenant, site: site, metric: metric, at: at, value: value)
        case .alarm(let alarm): observe(alarm: alarm)
        case .incident(let incident): observe(incident: incident)
        case .acknowledged(let id, let at): observe(acknowledged: id, tenant: tenant, at: at)
        }
    }
}

/// What is known at the end: the last result of each window.
struct Key: Hashable {
    var site: SiteID?
    var kpi: String
    var from: Timestamp
    var to: Timestamp
}

func latest(_ results: [KPIResult]) -> [Key: KPIResult] {
    var known: [Key: KPIResult] = [:]
    for var result in results {
        result.isRecomputed = false
        known[Key(site: result.siteID, kpi: result.kpi, from: result.windowStart, to: result.windowEnd)] = result
    }
    return known
}

/// Minute readings of one metric over some hours.
func series(_ metric: String, hours: Range<Double>, every minutes: Double = 1, _ value: (Double) -> Double) -> [Heard] {
    stride(from: hours.lowerBound * 60, to: hours.upperBound * 60, by: minutes).map {
        .sample(metric, at(minutes: $0), value($0))
    }
}

func alarm(
    _ type: String, id: UInt64, raised: Double, cleared: Double? = nil, severity: Severity = .critical, site: SiteID = site
) -> Alarm {
    Alarm(
        alarmID: EventID(high: 1, low: id), tenantID: tenant, siteID: site, managedObject: "dc", alarmType: type,
        probableCause: nil, severity: cleared == nil ? severity : .cleared, state: cleared == nil ? .raised : .cleared,
        raisedAt: at(minutes: raised), changedAt: at(minutes: cleared ?? raised), clearedAt: cleared.map { at(minutes: $0) },
        eventIDs: [])
}

func incident(
    _ id: UInt64, revision: Int = 1, status: IncidentSnapshot.Status = .open, onset: Double, opened: Double,
    resolved: Double? = nil,
    needsPerson: Bool = true
) -> IncidentSnapshot {
    IncidentSnapshot(
        incidentID: EventID(high: 2, low: id), tenantID: tenant, revision: revision, status: status, severity: .major,
        openedAt: at(minutes: opened), onsetAt: at(minutes: onset), updatedAt: at(minutes: resolved ?? opened),
        resolvedAt: resolved.map { at(minutes: $0) }, needsPerson: needsPerson, title: "", explanation: "", reason: "",
        siteID: site)
}

/// The value of one KPI over the first hour, after everything was heard; the outer `nil` is "not told".
func firstHour(_ kpi: String, _ items: [Heard], site: SiteID? = site, info: Site? = nil) -> KPIResult? {
    var engine = KPIEngine()
    if let info { engine.observe(site: info) }
    for item in items { engine.hear(item) }
    return engine.advance(to: at(hours: 1)).first {
        $0.kpi == kpi && $0.siteID == site && $0.windowStart == start && $0.windowEnd == at(hours: 1)
    }
}
