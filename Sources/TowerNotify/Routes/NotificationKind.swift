/// Why somebody is told something. The raw value is what routes, events and answers call it.
public enum NotificationKind: String, Sendable, Codable, Hashable, CaseIterable {
    /// An incident that needs somebody, met by a route for the first time or again after it was over.
    case opened = "incident.opened"
    /// The same incident with new evidence.
    case updated = "incident.updated"
    /// It became more severe, or a person's after all.
    case escalated = "incident.escalated"
    case resolved = "incident.resolved"
    /// An alarm that is critical, told before anything was concluded from it.
    case alarmCritical = "alarm.critical"
    /// Nobody acknowledged in time: the next step of a route's escalation.
    case unacknowledged = "incident.unacknowledged"
    /// Somebody tries a route.
    case test

    /// Those that a route may ask for; the others follow from what it is.
    public static let selectable: [NotificationKind] = [.opened, .updated, .escalated, .resolved, .alarmCritical]
}
