public import TowerModel

/// One message that was decided and has to arrive: what the log's events and the routes came to.
///
/// - Identity: `deliveryID` is derived from the causing event, route, kind and step. Deciding again gives the same delivery.
public struct NotificationDelivery: Sendable, Hashable {
    public var deliveryID: EventID
    public var tenantID: TenantID
    public var routeID: EventID
    public var routeName: String
    public var kind: NotificationKind
    /// 0 is the route's own target, 1 the first step of its escalation.
    public var step: Int
    public var target: NotificationTarget
    public var incidentID: EventID?
    public var alarmID: EventID?
    public var siteID: SiteID?
    /// The events that made it; the newest of what was folded.
    public var causeIDs: [EventID]
    /// By the log's clock.
    public var decidedAt: Timestamp
    /// Changes that this message tells of together; 1 when nothing was folded.
    public var folded: Int
    public var message: NotificationMessage
    /// Counts what the router decided: many are decided at one instant, and are told in this order.
    public var number = 0
    /// Where the event that made it stands in a trace (W3C Trace Context); `nil` for nearly all.
    public var traceparent: String?

    public init(
        deliveryID: EventID, tenantID: TenantID, routeID: EventID, routeName: String, kind: NotificationKind, step: Int,
        target: NotificationTarget, incidentID: EventID? = nil, alarmID: EventID? = nil, siteID: SiteID? = nil, causeIDs: [EventID],
        decidedAt: Timestamp, folded: Int, message: NotificationMessage
    ) {
        self.deliveryID = deliveryID
        self.tenantID = tenantID
        self.routeID = routeID
        self.routeName = routeName
        self.kind = kind
        self.step = step
        self.target = target
        self.incidentID = incidentID
        self.alarmID = alarmID
        self.siteID = siteID
        self.causeIDs = causeIDs
        self.decidedAt = decidedAt
        self.folded = folded
        self.message = message
    }
}

/// What somebody reads, and what a program reads.
public struct NotificationMessage: Sendable, Hashable {
    /// One line.
    public var subject: String
    /// Plain text, lines ended by `\n`.
    public var text: String
    /// A JSON object without a time of sending, so that every attempt sends the same bytes.
    public var json: [UInt8]

    public init(subject: String, text: String, json: [UInt8]) {
        self.subject = subject
        self.text = text
        self.json = json
    }
}
