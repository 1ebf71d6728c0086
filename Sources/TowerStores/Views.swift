public import TowerModel

// What the API answers and the live feed carries: read models, rebuilt from the log at any time. Names on the wire are
// snake case; api/openapi.yaml and web/src/api/types.ts say the same and a test compares them.

/// A page of a list. `nextCursor` is opaque; absent on the last page.
public struct Page<Item: Sendable & Codable>: Sendable, Codable {
    public var items: [Item]
    public var nextCursor: String?
    /// Size of the whole list under the filter, where counting is cheap.
    public var total: Int?
    public init(items: [Item], nextCursor: String? = nil, total: Int? = nil) {
        self.items = items
        self.nextCursor = nextCursor
        self.total = total
    }
    enum CodingKeys: String, CodingKey {
        case items
        case nextCursor = "next_cursor"
        case total
    }
}

/// Newest value of one telemetry point of a site, for instance `power.dc.telemetry.bus_v`.
public struct LatestValue: Sendable, Codable, Hashable {
    /// Event type without `.telemetry`, a dot, the payload field: `power.dc.bus_v`, `battery.i`, `dg.start_batt`.
    public var metric: String
    public var value: Double
    public var at: Timestamp
    public init(metric: String, value: Double, at: Timestamp) {
        self.metric = metric
        self.value = value
        self.at = at
    }
}

/// A site as lists and maps need it; `latest` only on the site's own page.
public struct SiteView: Sendable, Codable, Hashable {
    public var site: Site
    public var state: SiteState
    /// Why it has that state, in words: "grid lost 02:14, on battery".
    public var stateReason: String
    public var stateSince: Timestamp?
    public var severity: Severity
    public var activeAlarms: Int
    /// Open incident that holds the site, and the number people call it by.
    public var incidentID: EventID?
    public var incidentNumber: String?
    public var autonomy: AutonomyForecast?
    public var lastEventAt: Timestamp?
    /// Sites that reach the core only through this one.
    public var dependents: Int
    public var latest: [LatestValue]?
    public init(
        site: Site, state: SiteState, stateReason: String = "", stateSince: Timestamp? = nil, severity: Severity = .cleared,
        activeAlarms: Int = 0, incidentID: EventID? = nil, incidentNumber: String? = nil, autonomy: AutonomyForecast? = nil,
        lastEventAt: Timestamp? = nil, dependents: Int = 0, latest: [LatestValue]? = nil
    ) {
        self.site = site
        self.state = state
        self.stateReason = stateReason
        self.stateSince = stateSince
        self.severity = severity
        self.activeAlarms = activeAlarms
        self.incidentID = incidentID
        self.incidentNumber = incidentNumber
        self.autonomy = autonomy
        self.lastEventAt = lastEventAt
        self.dependents = dependents
        self.latest = latest
    }
    enum CodingKeys: String, CodingKey {
        case site, state
        case stateReason = "state_reason"
        case stateSince = "state_since"
        case severity
        case activeAlarms = "active_alarms"
        case incidentID = "incident_id"
        case incidentNumber = "incident_number"
        case autonomy
        case lastEventAt = "last_event_at"
        case dependents, latest
    }
}

/// An alarm with what a list shows beside it.
public struct AlarmView: Sendable, Codable, Hashable {
    public var alarm: Alarm
    public var siteName: String
    public var incidentNumber: String?
    public init(alarm: Alarm, siteName: String, incidentNumber: String? = nil) {
        self.alarm = alarm
        self.siteName = siteName
        self.incidentNumber = incidentNumber
    }
    enum CodingKeys: String, CodingKey {
        case alarm
        case siteName = "site_name"
        case incidentNumber = "incident_number"
    }
}

/// An incident: what the engine thinks (`snapshot`) and what people did. A fold over its lifecycle events.
public struct IncidentView: Sendable, Codable, Hashable {
    /// `INC-1`, counted per tenant in log order.
    public var number: String
    public var snapshot: IncidentSnapshot
    /// What people see: the engine's status, unless a person resolved or reopened it.
    public var status: Status
    public var acknowledgedBy: String?
    public var acknowledgedAt: Timestamp?
    public var assignee: String?
    public var siteName: String
    /// Where it continues, when it was merged; and who said so, if a person did.
    public var mergedInto: EventID?
    public var mergedBy: String?
    /// The last word of a person on its root cause.
    public var verdict: CauseVerdict?
    /// What people split off it. Only on the incident's own page.
    public var cuts: [IncidentCut]?
    /// The incident off which a person split it.
    public var splitFrom: EventID?
    /// Everything that happened to it, oldest first. Only on the incident's own page.
    public var history: [HistoryEntry]?

    public enum Status: String, Sendable, Codable {
        case open, acknowledged, resolved
        case autoClosed = "auto_closed"
        case merged
    }

    public struct HistoryEntry: Sendable, Codable, Hashable {
        public var eventID: EventID
        /// `incident.opened`, `incident.commented`, …
        public var eventType: String
        public var at: Timestamp
        /// User name, or `engine`.
        public var actor: String
        public var text: String
        public init(eventID: EventID, eventType: String, at: Timestamp, actor: String, text: String) {
            self.eventID = eventID
            self.eventType = eventType
            self.at = at
            self.actor = actor
            self.text = text
        }
        enum CodingKeys: String, CodingKey {
            case eventID = "event_id"
            case eventType = "event_type"
            case at, actor, text
        }
    }
    public init(
        number: String, snapshot: IncidentSnapshot, status: Status, acknowledgedBy: String? = nil, acknowledgedAt: Timestamp? = nil,
        assignee: String? = nil, siteName: String = "", mergedInto: EventID? = nil, mergedBy: String? = nil,
        verdict: CauseVerdict? = nil, cuts: [IncidentCut]? = nil, splitFrom: EventID? = nil, history: [HistoryEntry]? = nil
    ) {
        self.number = number
        self.snapshot = snapshot
        self.status = status
        self.acknowledgedBy = acknowledgedBy
        self.acknowledgedAt = acknowledgedAt
        self.assignee = assignee
        self.siteName = siteName
        self.mergedInto = mergedInto
        self.mergedBy = mergedBy
        self.verdict = verdict
        self.cuts = cuts
        self.splitFrom = splitFrom
        self.history = history
    }
    enum CodingKeys: String, CodingKey {
        case number, snapshot, status
        case acknowledgedBy = "acknowledged_by"
        case acknowledgedAt = "acknowledged_at"
        case assignee
        case siteName = "site_name"
        case mergedInto = "merged_into"
        case mergedBy = "merged_by"
        case verdict, cuts
        case splitFrom = "split_from"
        case history
    }
}

/// `GET /topology`: the sites in short, and the links between them.
public struct TopologyView: Sendable, Codable, Hashable {
    public var sites: [SiteView]
    public var links: [TopologyLink]
    /// The instant that was asked for; `nil`: now.
    public var at: Timestamp?
    public init(sites: [SiteView], links: [TopologyLink], at: Timestamp? = nil) {
        self.sites = sites
        self.links = links
        self.at = at
    }
}

/// `GET /fleet`: the numbers of the overview.
public struct FleetView: Sendable, Codable, Hashable {
    public var totalSites: Int
    /// Sites per state, every state present.
    public var states: [String: Int]
    public var openIncidents: Int
    public var needsPerson: Int
    public var oldestUnownedAt: Timestamp?
    /// The site whose battery ends first.
    public var shortestAutonomy: AutonomyForecast?
    public var nextToFall: [NextToFall]
    public var regions: [Region]
    /// Raised alarms per five minutes over the last six hours, oldest first, and the start of the first bin.
    public var alarmsPerBin: [Int]
    public var binsStartAt: Timestamp?
    /// Present while alarms come faster than people can read.
    public var stormSince: Timestamp?
    public var activeAlarms: Int
    /// Ratio 0...1 over the last 24 h; `nil` when nothing was heard.
    public var powerAvailability: Double?
    public struct NextToFall: Sendable, Codable, Hashable {
        public var siteName: String
        public var autonomy: AutonomyForecast
        public var takes: Int
        public init(siteName: String, autonomy: AutonomyForecast, takes: Int) {
            self.siteName = siteName
            self.autonomy = autonomy
            self.takes = takes
        }
        enum CodingKeys: String, CodingKey {
            case siteName = "site_name"
            case autonomy, takes
        }
    }
    public struct Region: Sendable, Codable, Hashable {
        public var region: String
        public var sites: Int
        public var down: Int
        public var onBattery: Int
        /// Ratio 0...1 over 24 h.
        public var availability: Double?
        public init(region: String, sites: Int, down: Int, onBattery: Int, availability: Double?) {
            self.region = region
            self.sites = sites
            self.down = down
            self.onBattery = onBattery
            self.availability = availability
        }
        enum CodingKeys: String, CodingKey {
            case region, sites, down
            case onBattery = "on_battery"
            case availability
        }
    }
    public init(
        totalSites: Int, states: [String: Int], openIncidents: Int, needsPerson: Int, oldestUnownedAt: Timestamp?,
        shortestAutonomy: AutonomyForecast?, nextToFall: [NextToFall], regions: [Region], alarmsPerBin: [Int],
        binsStartAt: Timestamp?, stormSince: Timestamp?, activeAlarms: Int, powerAvailability: Double?
    ) {
        self.totalSites = totalSites
        self.states = states
        self.openIncidents = openIncidents
        self.needsPerson = needsPerson
        self.oldestUnownedAt = oldestUnownedAt
        self.shortestAutonomy = shortestAutonomy
        self.nextToFall = nextToFall
        self.regions = regions
        self.alarmsPerBin = alarmsPerBin
        self.binsStartAt = binsStartAt
        self.stormSince = stormSince
        self.activeAlarms = activeAlarms
        self.powerAvailability = powerAvailability
    }
    enum CodingKeys: String, CodingKey {
        case totalSites = "total_sites"
        case states
        case openIncidents = "open_incidents"
        case needsPerson = "needs_person"
        case oldestUnownedAt = "oldest_unowned_at"
        case shortestAutonomy = "shortest_autonomy"
        case nextToFall = "next_to_fall"
        case regions
        case alarmsPerBin = "alarms_per_bin"
        case binsStartAt = "bins_start_at"
        case stormSince = "storm_since"
        case activeAlarms = "active_alarms"
        case powerAvailability = "power_availability"
    }
}

/// One KPI over one window.
public struct KPIView: Sendable, Codable, Hashable {
    /// Catalogue name: `site_availability`, `power_availability`, `mttr`, `alarms_per_incident`, …
    public var kpi: String
    public var siteID: String?
    /// `nil` when nothing was heard: never 0.
    public var value: Double?
    /// `ratio`, `minutes`, `count`, …
    public var unit: String
    public var windowStart: Timestamp
    public var windowEnd: Timestamp
    public init(kpi: String, siteID: String?, value: Double?, unit: String, windowStart: Timestamp, windowEnd: Timestamp) {
        self.kpi = kpi
        self.siteID = siteID
        self.value = value
        self.unit = unit
        self.windowStart = windowStart
        self.windowEnd = windowEnd
    }
    enum CodingKeys: String, CodingKey {
        case kpi
        case siteID = "site_id"
        case value, unit
        case windowStart = "window_start"
        case windowEnd = "window_end"
    }
}

/// `GET /metrics/query`: one line of a chart. A gap is simply a longer step between points.
public struct SeriesView: Sendable, Codable, Hashable {
    public var siteID: SiteID
    public var metric: String
    /// `[milliseconds since the epoch, value]`, rising in time.
    public var points: [[Double]]
    public init(siteID: SiteID, metric: String, points: [[Double]]) {
        self.siteID = siteID
        self.metric = metric
        self.points = points
    }
    enum CodingKeys: String, CodingKey {
        case siteID = "site_id"
        case metric, points
    }
}

/// `GET /topics`.
public struct TopicView: Sendable, Codable, Hashable {
    public var topic: String
    public var partitions: Int
    public var retention: String
    public var startOffset: Int64
    public var endOffset: Int64
    public var bytes: Int64
    public var oldestAt: Timestamp?
    public var newestAt: Timestamp?
    public init(
        topic: String, partitions: Int, retention: String, startOffset: Int64, endOffset: Int64, bytes: Int64, oldestAt: Timestamp?,
        newestAt: Timestamp?
    ) {
        self.topic = topic
        self.partitions = partitions
        self.retention = retention
        self.startOffset = startOffset
        self.endOffset = endOffset
        self.bytes = bytes
        self.oldestAt = oldestAt
        self.newestAt = newestAt
    }
    enum CodingKeys: String, CodingKey {
        case topic, partitions, retention
        case startOffset = "start_offset"
        case endOffset = "end_offset"
        case bytes
        case oldestAt = "oldest_at"
        case newestAt = "newest_at"
    }
}

/// `GET /consumer-groups`.
public struct GroupView: Sendable, Codable, Hashable {
    public var group: String
    public var members: Int
    public var offsetLag: Int64
    public var timeLagMs: Int64
    /// `steady`, `catching up`, `stopped`, `paused`.
    public var state: String
    public init(group: String, members: Int, offsetLag: Int64, timeLagMs: Int64, state: String) {
        self.group = group
        self.members = members
        self.offsetLag = offsetLag
        self.timeLagMs = timeLagMs
        self.state = state
    }
    enum CodingKeys: String, CodingKey {
        case group, members
        case offsetLag = "offset_lag"
        case timeLagMs = "time_lag_ms"
        case state
    }
}

/// `GET /platform`: how the platform itself is doing.
public struct PlatformView: Sendable, Codable, Hashable {
    public struct Quantiles: Sendable, Codable, Hashable {
        public var p50: Double
        public var p99: Double
        public var count: Int
        public init(p50: Double, p99: Double, count: Int) {
            self.p50 = p50
            self.p99 = p99
            self.count = count
        }
    }
    public var acceptedPerSecond: Double
    public var acceptedTotal: Int64
    public var duplicatesTotal: Int64
    public var rejectedTotal: Int64
    /// Append and sync, and event accepted → decision written, milliseconds, over the last 15 min.
    public var appendSyncMs: Quantiles
    public var eventToDecisionMs: Quantiles
    /// Events per bucket of `eventToDecisionMs`: upper bound in milliseconds and count.
    public var decisionHistogram: [[Double]]
    /// `nil` while the log does not answer and has not yet.
    public var deadLetters24h: Int?
    public var sitesSilent: Int
    public var liveClients: Int
    public var startedAt: Timestamp
    public var version: String
    public init(
        acceptedPerSecond: Double, acceptedTotal: Int64, duplicatesTotal: Int64, rejectedTotal: Int64, appendSyncMs: Quantiles,
        eventToDecisionMs: Quantiles, decisionHistogram: [[Double]], deadLetters24h: Int?, sitesSilent: Int, liveClients: Int,
        startedAt: Timestamp, version: String
    ) {
        self.acceptedPerSecond = acceptedPerSecond
        self.acceptedTotal = acceptedTotal
        self.duplicatesTotal = duplicatesTotal
        self.rejectedTotal = rejectedTotal
        self.appendSyncMs = appendSyncMs
        self.eventToDecisionMs = eventToDecisionMs
        self.decisionHistogram = decisionHistogram
        self.deadLetters24h = deadLetters24h
        self.sitesSilent = sitesSilent
        self.liveClients = liveClients
        self.startedAt = startedAt
        self.version = version
    }
    enum CodingKeys: String, CodingKey {
        case acceptedPerSecond = "accepted_per_second"
        case acceptedTotal = "accepted_total"
        case duplicatesTotal = "duplicates_total"
        case rejectedTotal = "rejected_total"
        case appendSyncMs = "append_sync_ms"
        case eventToDecisionMs = "event_to_decision_ms"
        case decisionHistogram = "decision_histogram"
        case deadLetters24h = "dead_letters_24h"
        case sitesSilent = "sites_silent"
        case liveClients = "live_clients"
        case startedAt = "started_at"
        case version
    }
}

/// One change of a read model, as the live feed carries it. `sequence` is the log position of the record behind it.
public enum LiveChange: Sendable, Hashable {
    case site(SiteView)
    case alarm(AlarmView)
    case incident(IncidentView)

    /// The channel a client subscribes to.
    public var channel: String {
        switch self {
        case .site: "sites"
        case .alarm: "alarms"
        case .incident: "incidents"
        }
    }
}
