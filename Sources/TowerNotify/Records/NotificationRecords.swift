import Foundation
public import TowerModel
import TowerWire

/// What became of a delivery: an event of the tenant's alerts topic.
public struct NotificationOutcome: Sendable, Codable, Hashable {
    public var deliveryID: EventID
    public var routeID: EventID
    public var route: String
    public var channel: NotificationTarget.Channel
    /// Whom it went to: mail addresses, or the webhook's host; its path may hold a key and is not told.
    public var to: [String]
    public var kind: NotificationKind
    public var step: Int
    public var incidentID: EventID?
    public var alarmID: EventID?
    public var subject: String
    public var isSent: Bool
    /// Tries made by the process that wrote this.
    public var attempts: Int
    /// Stable code of why not, `webhook.refused_address`; `nil` when sent.
    public var reason: String?
    /// For people; never holds what the other side answered beyond its status.
    public var detail: String
    public var folded: Int
    public var decidedAt: Timestamp
    public var at: Timestamp
    public var eventIDs: [EventID]

    public init(
        _ delivery: NotificationDelivery, isSent: Bool, attempts: Int, reason: String?, detail: String, at: Timestamp
    ) {
        deliveryID = delivery.deliveryID
        routeID = delivery.routeID
        route = delivery.routeName
        channel = delivery.target.channel
        to = delivery.target.to ?? delivery.target.url.flatMap(WebhookAddress.init).map { [$0.host] } ?? []
        kind = delivery.kind
        step = delivery.step
        incidentID = delivery.incidentID
        alarmID = delivery.alarmID
        subject = delivery.message.subject
        self.isSent = isSent
        self.attempts = attempts
        self.reason = reason
        self.detail = detail
        folded = delivery.folded
        decidedAt = delivery.decidedAt
        self.at = at
        eventIDs = delivery.causeIDs
    }

    enum CodingKeys: String, CodingKey {
        case deliveryID = "delivery_id"
        case routeID = "route_id"
        case route, channel, to, kind, step
        case incidentID = "incident_id"
        case alarmID = "alarm_id"
        case subject
        case isSent = "sent"
        case attempts, reason, detail, folded
        case decidedAt = "decided_at"
        case at
        case eventIDs = "event_ids"
    }
}

/// The notification service's events as JSON, and back (docs/formats/notification-events.md).
public enum NotificationRecords {
    public static let sent = "notification.sent"
    public static let failed = "notification.failed"
    public static let saved = "notification.route.saved"
    public static let deleted = "notification.route.deleted"
    public static let test = "notification.route.tested"
    /// Header of an outcome's record: the delivery it tells of, so that a reader need not open the value.
    public static let deliveryHeader = "delivery_id"
    /// Longest event of the routes' topic that is looked at, bytes.
    public static let routeBytesMax = 256 << 10

    /// The outcome's own id: one outcome per delivery, however often it is written.
    public static func outcomeID(of delivery: EventID) -> EventID { .derived(from: delivery, "outcome") }

    public static func event(_ outcome: NotificationOutcome, tenant: TenantID, site: SiteID?) throws -> [UInt8] {
        EventWriter.event(
            id: outcomeID(of: outcome.deliveryID), type: outcome.isSent ? sent : failed, tenant: tenant, site: site ?? SiteID("-"),
            timestamp: outcome.at, payload: try encoded(outcome))
    }

    /// The delivery that an event tells the outcome of; `nil` when it is no outcome.
    public static func outcome(_ value: some Collection<UInt8>) -> NotificationOutcome? {
        guard let envelope = try? JSONDecoder().decode(Envelope.self, from: Data(value)),
            envelope.event_type == sent || envelope.event_type == failed
        else { return nil }
        return envelope.payload
    }

    // MARK: Routes

    private struct Envelope: Decodable {
        var event_type: String
        var payload: NotificationOutcome
    }
    private struct Head: Decodable {
        var event_id: EventID
        var event_type: String
        var tenant_id: TenantID
    }
    private struct Body<Payload: Decodable>: Decodable { var payload: Payload }
    private struct Saved: Codable {
        var route: NotificationRoute
        var actor: String
    }
    private struct Named: Codable {
        var routeID: EventID
        var actor: String
        enum CodingKeys: String, CodingKey {
            case routeID = "route_id"
            case actor
        }
    }

    /// An event of the routes' topic.
    ///
    /// - Parameter actor: who did it.
    public static func event(_ change: RouteChange, id: EventID, actor: String, at: Timestamp) throws -> [UInt8] {
        let (tenant, type, payload): (TenantID, String, Data) =
            switch change {
            case .saved(let tenant, let route): (tenant, saved, try encoded(Saved(route: route, actor: actor)))
            case .deleted(let tenant, let route): (tenant, deleted, try encoded(Named(routeID: route, actor: actor)))
            case .test(let tenant, let route, _): (tenant, test, try encoded(Named(routeID: route, actor: actor)))
            }
        return EventWriter.event(id: id, type: type, tenant: tenant, site: SiteID("-"), timestamp: at, payload: payload)
    }

    /// - Parameter tenant: whose topic it stands on; an event of another tenant says nothing.
    /// - Returns: `nil` for what this version cannot read.
    public static func routeChange(_ value: some Collection<UInt8>, tenant: TenantID) -> RouteChange? {
        let data = Data(value)
        let decoder = JSONDecoder()
        guard data.count <= routeBytesMax, let head = try? decoder.decode(Head.self, from: data), head.tenant_id == tenant else {
            return nil
        }
        switch head.event_type {
        case saved: return (try? decoder.decode(Body<Saved>.self, from: data)).map { .saved(tenant, $0.payload.route) }
        case deleted: return (try? decoder.decode(Body<Named>.self, from: data)).map { .deleted(tenant, $0.payload.routeID) }
        case test:
            return (try? decoder.decode(Body<Named>.self, from: data)).map {
                .test(tenant, $0.payload.routeID, request: head.event_id)
            }
        default: return nil
        }
    }

    private static func encoded(_ value: some Encodable) throws -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return try encoder.encode(value)
    }
}
