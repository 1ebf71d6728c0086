public import TowerModel

/// What is known of one site at one position of the log: the input of `SiteStateRules`.
public struct SiteFacts: Sendable, Hashable {
    /// All active alarms of one type at the site.
    public struct AlarmGroup: Sendable, Hashable {
        public var alarmType: String
        public var severity: Severity
        /// Of the earliest.
        public var raisedAt: Timestamp
        public var count: Int
        public init(alarmType: String, severity: Severity, raisedAt: Timestamp, count: Int = 1) {
            self.alarmType = alarmType
            self.severity = severity
            self.raisedAt = raisedAt
            self.count = count
        }
    }
    /// What an open or acknowledged incident says of the site.
    public struct Impact: Sendable, Hashable {
        public var incidentID: EventID
        /// `INC-12`.
        public var number: String
        public var impact: IncidentSnapshot.AffectedSite.Impact
        public var severity: Severity
        public var since: Timestamp?
        public var expectedAt: Timestamp?
        public init(
            incidentID: EventID, number: String, impact: IncidentSnapshot.AffectedSite.Impact, severity: Severity,
            since: Timestamp? = nil, expectedAt: Timestamp? = nil
        ) {
            self.incidentID = incidentID
            self.number = number
            self.impact = impact
            self.severity = severity
            self.since = since
            self.expectedAt = expectedAt
        }
    }
    public var alarms: [AlarmGroup]
    public var impacts: [Impact]
    /// Since when the battery current says that it discharges; `nil` while it does not, or nobody measures it.
    public var dischargingSince: Timestamp?
    /// When the battery current was measured last.
    public var batteryAt: Timestamp?
    /// Newest event time heard from the site.
    public var lastEventAt: Timestamp?
    public init(
        alarms: [AlarmGroup] = [], impacts: [Impact] = [], dischargingSince: Timestamp? = nil, batteryAt: Timestamp? = nil,
        lastEventAt: Timestamp? = nil
    ) {
        self.alarms = alarms
        self.impacts = impacts
        self.dischargingSince = dischargingSince
        self.batteryAt = batteryAt
        self.lastEventAt = lastEventAt
    }
}

/// A site's state with the words and the incident that go with it.
public struct SiteCondition: Sendable, Hashable {
    public var state: SiteState
    public var reason: String
    /// Since when, by the evidence; `nil` when nothing says.
    public var since: Timestamp?
    public var severity: Severity
    public var activeAlarms: Int
    public var incidentID: EventID?
    public var incidentNumber: String?
    public init(
        state: SiteState, reason: String = "", since: Timestamp? = nil, severity: Severity = .cleared, activeAlarms: Int = 0,
        incidentID: EventID? = nil, incidentNumber: String? = nil
    ) {
        self.state = state
        self.reason = reason
        self.since = since
        self.severity = severity
        self.activeAlarms = activeAlarms
        self.incidentID = incidentID
        self.incidentNumber = incidentNumber
    }
}
