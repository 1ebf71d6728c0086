public import TowerModel

/// What the engine decided, in the order in which it decided it.
public struct EngineOutput: Sendable {
    /// New states of alarms.
    public var alarms: [Alarm] = []
    public var incidents: [IncidentChange] = []
    public var forecasts: [TenantForecast] = []
    /// Values that are unlike what they should be, as alerts; as alarms they are in `alarms`, too.
    public var anomalies: [Anomaly] = []
    /// New versions of what alarms without templates have taught.
    public var graphs: [LearnedGraph] = []
    /// What is expected of generators, tanks, cooling and batteries in the longer run.
    public var outlooks: [TenantOutlook] = []
    /// What ledgers of fuel and batteries found missing.
    public var losses: [LedgerEntry] = []
    /// New versions of the links that outages speak for.
    public var proposals: [ProposedLinks] = []

    public init() {}

    public var isEmpty: Bool {
        alarms.isEmpty && incidents.isEmpty && forecasts.isEmpty && anomalies.isEmpty && graphs.isEmpty && losses.isEmpty && outlooks.isEmpty
            && proposals.isEmpty
    }

    public mutating func append(_ other: EngineOutput) {
        for var outlook in other.outlooks {
            outlook.precededBy += forecasts.count
            outlooks.append(outlook)
        }
        alarms.append(contentsOf: other.alarms)
        incidents.append(contentsOf: other.incidents)
        forecasts.append(contentsOf: other.forecasts)
        anomalies.append(contentsOf: other.anomalies)
        graphs.append(contentsOf: other.graphs)
        losses.append(contentsOf: other.losses)
        proposals.append(contentsOf: other.proposals)
    }
}

/// A new revision of an incident and the lifecycle event that tells of it.
public struct IncidentChange: Sendable, Hashable {
    public enum Kind: String, Sendable, Hashable {
        case opened = "incident.opened"
        case updated = "incident.updated"
        case merged = "incident.merged"
        case resolved = "incident.resolved"
        case reopened = "incident.reopened"
    }
    public var kind: Kind
    public var snapshot: IncidentSnapshot
    public init(kind: Kind, snapshot: IncidentSnapshot) {
        self.kind = kind
        self.snapshot = snapshot
    }
}

public struct TenantForecast: Sendable, Hashable {
    public var tenantID: TenantID
    public var forecast: AutonomyForecast
    public init(tenantID: TenantID, forecast: AutonomyForecast) {
        self.tenantID = tenantID
        self.forecast = forecast
    }
}

public struct TenantOutlook: Sendable, Hashable {
    public var tenantID: TenantID
    public var forecast: SiteForecast
    /// Autonomy forecasts of the same output that were decided before it: the order of both together.
    public var precededBy: Int
    public init(tenantID: TenantID, forecast: SiteForecast, precededBy: Int) {
        self.tenantID = tenantID
        self.forecast = forecast
        self.precededBy = precededBy
    }
}

/// A person's decision that the engine must respect from then on.
public struct OperatorAction: Sendable, Hashable {
    public enum Kind: Sendable, Hashable {
        /// Over: new evidence opens it again only if it is service affecting.
        case resolve
        case reopen
        case merge(into: EventID)
        /// These are another matter: they go on as the incident `into`, whose first revision has been told.
        case split(IncidentCut)
    }
    public var tenantID: TenantID
    public var incidentID: EventID
    public var kind: Kind
    public var at: Timestamp
    public init(tenantID: TenantID, incidentID: EventID, kind: Kind, at: Timestamp) {
        self.tenantID = tenantID
        self.incidentID = incidentID
        self.kind = kind
        self.at = at
    }
}
