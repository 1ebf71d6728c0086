/// Everything the engine thinks of one incident at one revision: the payload of `incident.opened`, `.updated`,
/// `.merged`, `.resolved` and `.reopened` on the lifecycle topic, and one line of `towerco analyze`.
///
/// It is whole, not a delta: a reader needs the newest revision only, and a replay that meets it again upserts.
public struct IncidentSnapshot: Sendable, Codable, Hashable {
    public enum Status: String, Sendable, Codable {
        case open
        /// Over, and somebody had to look at it.
        case resolved
        /// Over by itself as expected: a record, never an incident that people saw.
        case autoClosed = "auto_closed"
        /// Continues inside `mergedInto`.
        case merged
    }

    public var incidentID: EventID
    public var tenantID: TenantID
    /// Counts from 1; a larger one replaces a smaller one.
    public var revision: Int
    public var status: Status
    public var mergedInto: EventID?
    public var severity: Severity
    /// When the engine opened it (event time), and the onset of what caused it.
    public var openedAt: Timestamp
    public var onsetAt: Timestamp
    public var updatedAt: Timestamp
    public var resolvedAt: Timestamp?
    /// Whether a person is needed; `false` is "watching": expected to end by itself.
    public var needsPerson: Bool
    /// For "watching": when it becomes a person's after all.
    public var pagesAt: Timestamp?
    /// One line for lists: who or what, did what.
    public var title: String
    /// One or two sentences: what happens, when, because of what.
    public var explanation: String
    /// Why this revision exists: `opened`, `new evidence`, `merged INC…: shared feeder F-12`, …
    public var reason: String
    public var siteID: SiteID
    public var affectedSites: [AffectedSite]
    public var affectedOperators: [String]
    /// Sorted by falling probability; sums to 1 with `unknown` as one of them.
    public var rootCauseCandidates: [RootCauseCandidate]
    public var timeline: [TimelineNode]
    public var edges: [CausalEdge]
    public var autonomy: [AutonomyForecast]
    public var actions: [ProposedAction]
    /// Every event it rests on, sorted by (event time, id).
    public var eventIDs: [EventID]
    public var alarmIDs: [EventID]
    public var alarmCount: Int

    public struct AffectedSite: Sendable, Codable, Hashable {
        public enum Impact: String, Sendable, Codable { case root, down, degraded, onBattery = "on_battery", atRisk = "at_risk", blind }
        public var siteID: SiteID
        public var impact: Impact
        public var since: Timestamp?
        /// For `atRisk`: when it is expected to go, median.
        public var expectedAt: Timestamp?
        public var operators: [String]
        public init(siteID: SiteID, impact: Impact, since: Timestamp? = nil, expectedAt: Timestamp? = nil, operators: [String] = []) {
            self.siteID = siteID
            self.impact = impact
            self.since = since
            self.expectedAt = expectedAt
            self.operators = operators
        }
        enum CodingKeys: String, CodingKey {
            case siteID = "site_id"
            case impact, since, operators
            case expectedAt = "expected_at"
        }
    }

    public struct RootCauseCandidate: Sendable, Codable, Hashable {
        /// Empty for "unknown" and for causes above a single site.
        public var siteID: String
        /// `grid`, `dg:1`, `feeder:F-12`, `link:A/B`; for "unknown" empty.
        public var managedObject: String
        /// Node of the causal graph, for instance `dg.start_failed`; `unknown` is legal.
        public var condition: String
        /// Catalogue type that would report it.
        public var eventType: String
        public var label: String
        public var probability: Double
        public var evidenceFor: [Evidence]
        public var evidenceAgainst: [Evidence]
        public var missing: [Evidence]
        public init(
            siteID: String, managedObject: String, condition: String, eventType: String, label: String, probability: Double,
            evidenceFor: [Evidence] = [], evidenceAgainst: [Evidence] = [], missing: [Evidence] = []
        ) {
            self.siteID = siteID
            self.managedObject = managedObject
            self.condition = condition
            self.eventType = eventType
            self.label = label
            self.probability = probability
            self.evidenceFor = evidenceFor
            self.evidenceAgainst = evidenceAgainst
            self.missing = missing
        }
        enum CodingKeys: String, CodingKey {
            case siteID = "site_id"
            case managedObject = "managed_object"
            case condition
            case eventType = "event_type"
            case label, probability
            case evidenceFor = "evidence_for"
            case evidenceAgainst = "evidence_against"
            case missing
        }
    }

    /// One fact for or against a hypothesis, or one that should have come and did not.
    public struct Evidence: Sendable, Codable, Hashable {
        public var text: String
        /// Event time; for missing evidence the deadline.
        public var at: Timestamp?
        /// How many times likelier the hypothesis makes this fact than its rivals do; below 1 speaks against.
        public var likelihoodRatio: Double
        public var eventIDs: [EventID]
        public init(text: String, at: Timestamp? = nil, likelihoodRatio: Double, eventIDs: [EventID]) {
            self.text = text
            self.at = at
            self.likelihoodRatio = likelihoodRatio
            self.eventIDs = eventIDs
        }
        enum CodingKeys: String, CodingKey {
            case text, at
            case likelihoodRatio = "likelihood_ratio"
            case eventIDs = "event_ids"
        }
    }

    public struct TimelineNode: Sendable, Codable, Hashable {
        public enum Knowledge: String, Sendable, Codable { case reported, inferred, predicted }
        public enum Lane: String, Sendable, Codable { case grid, generator, battery, radio, backhaul, environment, site }
        /// Unique inside the snapshot, stable over revisions.
        public var nodeID: String
        public var lane: Lane
        public var condition: String
        public var label: String
        public var siteID: String
        public var managedObject: String
        public var knowledge: Knowledge
        public var at: Timestamp
        /// For predicted nodes: the 10 % and 90 % instants.
        public var earliest: Timestamp?
        public var latest: Timestamp?
        public var isRoot: Bool
        public var isTrigger: Bool
        /// More than one when equal nodes of several sites are folded ("Four sites cut off").
        public var count: Int
        public var eventIDs: [EventID]
        public init(
            nodeID: String, lane: Lane, condition: String, label: String, siteID: String, managedObject: String,
            knowledge: Knowledge, at: Timestamp, earliest: Timestamp? = nil, latest: Timestamp? = nil, isRoot: Bool = false,
            isTrigger: Bool = false, count: Int = 1, eventIDs: [EventID] = []
        ) {
            self.nodeID = nodeID
            self.lane = lane
            self.condition = condition
            self.label = label
            self.siteID = siteID
            self.managedObject = managedObject
            self.knowledge = knowledge
            self.at = at
            self.earliest = earliest
            self.latest = latest
            self.isRoot = isRoot
            self.isTrigger = isTrigger
            self.count = count
            self.eventIDs = eventIDs
        }
        enum CodingKeys: String, CodingKey {
            case nodeID = "node_id"
            case lane, condition, label
            case siteID = "site_id"
            case managedObject = "managed_object"
            case knowledge, at, earliest, latest
            case isRoot = "is_root"
            case isTrigger = "is_trigger"
            case count
            case eventIDs = "event_ids"
        }
    }

    public struct CausalEdge: Sendable, Codable, Hashable {
        public var from: String
        public var to: String
        public var lagSeconds: Double
        public init(from: String, to: String, lagSeconds: Double) {
            self.from = from
            self.to = to
            self.lagSeconds = lagSeconds
        }
        enum CodingKeys: String, CodingKey {
            case from, to
            case lagSeconds = "lag_seconds"
        }
    }

    public struct ProposedAction: Sendable, Codable, Hashable {
        public enum Kind: String, Sendable, Codable { case remote, visit, notify, check }
        public var text: String
        public var detail: String
        public var kind: Kind
        public init(text: String, detail: String, kind: Kind) {
            self.text = text
            self.detail = detail
            self.kind = kind
        }
    }

    public init(
        incidentID: EventID, tenantID: TenantID, revision: Int, status: Status, mergedInto: EventID? = nil, severity: Severity,
        openedAt: Timestamp, onsetAt: Timestamp, updatedAt: Timestamp, resolvedAt: Timestamp? = nil, needsPerson: Bool,
        pagesAt: Timestamp? = nil, title: String, explanation: String, reason: String, siteID: SiteID,
        affectedSites: [AffectedSite] = [], affectedOperators: [String] = [], rootCauseCandidates: [RootCauseCandidate] = [],
        timeline: [TimelineNode] = [], edges: [CausalEdge] = [], autonomy: [AutonomyForecast] = [],
        actions: [ProposedAction] = [], eventIDs: [EventID] = [], alarmIDs: [EventID] = [], alarmCount: Int = 0
    ) {
        self.incidentID = incidentID
        self.tenantID = tenantID
        self.revision = revision
        self.status = status
        self.mergedInto = mergedInto
        self.severity = severity
        self.openedAt = openedAt
        self.onsetAt = onsetAt
        self.updatedAt = updatedAt
        self.resolvedAt = resolvedAt
        self.needsPerson = needsPerson
        self.pagesAt = pagesAt
        self.title = title
        self.explanation = explanation
        self.reason = reason
        self.siteID = siteID
        self.affectedSites = affectedSites
        self.affectedOperators = affectedOperators
        self.rootCauseCandidates = rootCauseCandidates
        self.timeline = timeline
        self.edges = edges
        self.autonomy = autonomy
        self.actions = actions
        self.eventIDs = eventIDs
        self.alarmIDs = alarmIDs
        self.alarmCount = alarmCount
    }

    enum CodingKeys: String, CodingKey {
        case incidentID = "incident_id"
        case tenantID = "tenant_id"
        case revision, status
        case mergedInto = "merged_into"
        case severity
        case openedAt = "opened_at"
        case onsetAt = "onset_at"
        case updatedAt = "updated_at"
        case resolvedAt = "resolved_at"
        case needsPerson = "needs_person"
        case pagesAt = "pages_at"
        case title, explanation, reason
        case siteID = "site_id"
        case affectedSites = "affected_sites"
        case affectedOperators = "affected_operators"
        case rootCauseCandidates = "root_cause_candidates"
        case timeline, edges, autonomy, actions
        case eventIDs = "event_ids"
        case alarmIDs = "alarm_ids"
        case alarmCount = "alarm_count"
    }
}

/// Minutes until a site's battery disconnects its load, as quantiles.
public struct AutonomyForecast: Sendable, Codable, Hashable {
    public var siteID: SiteID
    /// The instant the forecast was made for (event time).
    public var at: Timestamp
    public var minutesP10: Double
    public var minutesP50: Double
    public var minutesP90: Double
    /// What ends it: `lvd1` or `lvd2`.
    public var endsWith: String
    public var busVolts: Double?
    public var batteryAmps: Double?
    /// Ratio 0...1.
    public var stateOfCharge: Double?
    public var eventIDs: [EventID]
    /// While `endsWith` is `lvd1`: minutes until the second contactor takes the branches that the first one leaves on.
    public var secondP10: Double?
    public var secondP50: Double?
    public var secondP90: Double?
    public init(
        siteID: SiteID, at: Timestamp, minutesP10: Double, minutesP50: Double, minutesP90: Double, endsWith: String,
        busVolts: Double? = nil, batteryAmps: Double? = nil, stateOfCharge: Double? = nil, eventIDs: [EventID] = [],
        second: (p10: Double, p50: Double, p90: Double)? = nil
    ) {
        (secondP10, secondP50, secondP90) = (second?.p10, second?.p50, second?.p90)
        self.siteID = siteID
        self.at = at
        self.minutesP10 = minutesP10
        self.minutesP50 = minutesP50
        self.minutesP90 = minutesP90
        self.endsWith = endsWith
        self.busVolts = busVolts
        self.batteryAmps = batteryAmps
        self.stateOfCharge = stateOfCharge
        self.eventIDs = eventIDs
    }
    enum CodingKeys: String, CodingKey {
        case siteID = "site_id"
        case at
        case minutesP10 = "minutes_p10"
        case minutesP50 = "minutes_p50"
        case minutesP90 = "minutes_p90"
        case endsWith = "ends_with"
        case busVolts = "bus_volts"
        case batteryAmps = "battery_amps"
        case stateOfCharge = "state_of_charge"
        case eventIDs = "event_ids"
        case secondP10 = "lvd2_minutes_p10"
        case secondP50 = "lvd2_minutes_p50"
        case secondP90 = "lvd2_minutes_p90"
    }
}
