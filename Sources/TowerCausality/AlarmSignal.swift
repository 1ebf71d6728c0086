public import TowerModel

/// One word about one alarm, as an event or a detector gives it.
public struct AlarmSignal: Sendable {
    public var siteID: SiteID
    public var managedObject: String
    public var alarmType: String
    /// What tells apart alarms of one type on one object: the cause as sent, or the disconnect's priority.
    public var qualifier: String
    public var probableCause: Int?
    public var severity: Severity
    public var state: Alarm.State
    /// Event time.
    public var at: Timestamp
    public var eventID: EventID
    /// For a clear that names the raise it ends.
    public var raisedEventID: EventID?
    public var source: Alarm.Source
    public var text: String

    public init(
        siteID: SiteID, managedObject: String, alarmType: String, qualifier: String = "", probableCause: Int? = nil,
        severity: Severity, state: Alarm.State, at: Timestamp, eventID: EventID, raisedEventID: EventID? = nil,
        source: Alarm.Source = .reported, text: String = ""
    ) {
        self.siteID = siteID
        self.managedObject = managedObject
        self.alarmType = alarmType
        self.qualifier = qualifier
        self.probableCause = probableCause
        self.severity = severity
        self.state = state
        self.at = at
        self.eventID = eventID
        self.raisedEventID = raisedEventID
        self.source = source
        self.text = text
    }
}
