import Hummingbird
import TowerModel
import TowerNotify
import TowerStores
import TowerStreaming

/// Who was told what: the outcomes on the tenant's alerts topic.
struct NotificationRoutes: Sendable {
    let services: Services

    var routes: [Route] {
        [
            .signedIn(
                "GET", "/api/v1/notifications", "listNotifications", "Who was told what, newest first", .read,
                query: ["incident_id", "route_id", "sent", "limit", "cursor"], list)
        ]
    }

    private func list(_ call: Call, _ principal: Principal) async throws -> Response {
        var incident: EventID?
        var sinceMs: Int64?
        if let name = call.string("incident_id") {
            guard let view = try await services.store.incident(tenant: principal.tenantID, id: name) else {
                throw Problem.notFound("incident.not_found", "There is no incident \(name.prefix(64)).")
            }
            incident = view.snapshot.incidentID
            // Nobody is told of it before it opens; an hour covers clocks that disagree.
            sinceMs = min(view.snapshot.openedAt, services.dependencies.clock()).adding(seconds: -3600).milliseconds
        }
        let route = try call.eventID("route_id")
        let isSent = try call.boolean("sent")
        let scan = TopicScan(
            log: services.dependencies.log, topic: Topic.alerts(tenant: principal.tenantID.rawValue),
            scanMax: services.configuration.historyScanMax)
        let page = try await scan.page(limit: try call.limit(), cursor: call.cursor, sinceMs: sinceMs) { stored -> NotificationOutcome? in
            guard stored.record.header(NotificationRecords.deliveryHeader) != nil,
                let outcome = NotificationRecords.outcome(stored.record.value)
            else { return nil }
            let isAsked =
                (incident == nil || outcome.incidentID == incident) && (route == nil || outcome.routeID == route)
                && (isSent == nil || outcome.isSent == isSent)
            return isAsked ? outcome : nil
        }
        return .json(page)
    }
}
