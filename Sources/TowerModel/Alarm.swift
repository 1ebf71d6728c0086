/// A condition of a resource that asks for action: exactly one per identity is active at any instant (X.733, RFC 8632).
public struct Alarm: Sendable, Codable, Hashable {
    public enum State: String, Sendable, Codable { case raised, changed, cleared }

    /// Derived from the identity and the raising event, so that a replay finds the same alarm.
    public var alarmID: EventID
    public var tenantID: TenantID
    public var siteID: SiteID
    /// The resource: `grid`, `dg:1`, `battery:S1`, `cell:3`, `link:SITE-1/SITE-2`, or the device of a foreign stream.
    public var managedObject: String
    /// Catalogue type of the alarm, for instance `dg.start_failed`; for a generic `alarm.raised` its `alarm_type`.
    public var alarmType: String
    /// IANA/ITU probable cause code, where the catalogue knows one.
    public var probableCause: Int?
    public var severity: Severity
    public var state: State
    public var raisedAt: Timestamp
    public var changedAt: Timestamp
    public var clearedAt: Timestamp?
    /// Raises folded into this alarm, the first one included. More than one inside the hold time is flapping.
    public var occurrences: Int
    public var isFlapping: Bool
    /// Reported by equipment, or found by a detector of ours in telemetry.
    public var source: Source
    public var text: String
    /// The incident that holds it, if any.
    public var incidentID: EventID?
    /// Events it rests on, oldest first, at most 64; the first raise and the latest are always kept.
    public var eventIDs: [EventID]

    public enum Source: String, Sendable, Codable { case reported, detected }

    public init(
        alarmID: EventID, tenantID: TenantID, siteID: SiteID, managedObject: String, alarmType: String, probableCause: Int?,
        severity: Severity, state: State, raisedAt: Timestamp, changedAt: Timestamp, clearedAt: Timestamp? = nil,
        occurrences: Int = 1, isFlapping: Bool = false, source: Source = .reported, text: String = "",
        incidentID: EventID? = nil, eventIDs: [EventID]
    ) {
        self.alarmID = alarmID
        self.tenantID = tenantID
        self.siteID = siteID
        self.managedObject = managedObject
        self.alarmType = alarmType
        self.probableCause = probableCause
        self.severity = severity
        self.state = state
        self.raisedAt = raisedAt
        self.changedAt = changedAt
        self.clearedAt = clearedAt
        self.occurrences = occurrences
        self.isFlapping = isFlapping
        self.source = source
        self.text = text
        self.incidentID = incidentID
        self.eventIDs = eventIDs
    }

    enum CodingKeys: String, CodingKey {
        case alarmID = "alarm_id"
        case tenantID = "tenant_id"
        case siteID = "site_id"
        case managedObject = "managed_object"
        case alarmType = "alarm_type"
        case probableCause = "probable_cause"
        case severity = "perceived_severity"
        case state
        case raisedAt = "raised_at"
        case changedAt = "changed_at"
        case clearedAt = "cleared_at"
        case occurrences
        case isFlapping = "is_flapping"
        case source, text
        case incidentID = "incident_id"
        case eventIDs = "event_ids"
    }
}
