public import TowerModel

/// One alarm event of the scored input: what the baseline groups, and what counts as delivered. Readings and notices are
/// left out by the caller.
public struct ScoredEvent: Sendable, Hashable {
    public var eventID: EventID
    public var siteID: String
    public var managedObject: String
    public var eventType: String
    public var timestamp: Timestamp
    /// `false` for changed and cleared.
    public var isRaise: Bool
    /// 0 unknown or cleared, 1 indeterminate, 2 warning, 3 minor, 4 major, 5 critical.
    public var severity: Int
    public init(
        eventID: EventID, siteID: String, managedObject: String, eventType: String, timestamp: Timestamp, isRaise: Bool,
        severity: Int = 0
    ) {
        self.eventID = eventID
        self.siteID = siteID
        self.managedObject = managedObject
        self.eventType = eventType
        self.timestamp = timestamp
        self.isRaise = isRaise
        self.severity = severity
    }
}
