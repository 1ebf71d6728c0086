import HTTPTypes
import Hummingbird
import NIOCore
import TowerIngest
import TowerModel
import TowerStores
import TowerStreaming

/// Events in, and their history straight from the log.
struct EventRoutes: Sendable {
    let services: Services

    var routes: [Route] {
        [
            .signedIn("POST", "/api/v1/events", "postEvents", "Take in events; answers after they are durable", .ingest, ingest),
            .signedIn(
                "GET", "/api/v1/events", "listEvents", "Events as accepted, newest first", .read,
                query: ["event_type", "site_id", "from", "to", "limit", "cursor"], list),
            .signedIn(
                "GET", "/api/v1/events/{event_id}", "getEvent", "One event as accepted", .read, query: ["site_id"], get),
        ]
    }

    private var history: EventHistory {
        EventHistory(log: services.dependencies.log, scanMax: services.configuration.historyScanMax)
    }

    private func ingest(_ call: Call, _ principal: Principal) async throws -> Response {
        let body = try await call.bytes(upTo: services.configuration.eventBodyBytesMax)
        var request = IngestRequest(
            body: body, contentType: call.request.headers[.contentType],
            contentEncoding: call.request.headers[.contentEncoding],
            attributes: call.request.headers.filter { $0.name.canonicalName.hasPrefix("ce-") }
                .map { ($0.name.canonicalName, $0.value) },
            tenant: principal.tenantID, source: "http:\(principal.name)")
        request.traceparent = call.request.headers[.traceparent]
        let report = try await services.dependencies.ingest.ingest(request)
        return .report(report)
    }

    private func list(_ call: Call, _ principal: Principal) async throws -> Response {
        let filter = EventHistory.Filter(
            tenant: principal.tenantID, eventType: call.string("event_type"), site: call.string("site_id").map { SiteID($0) },
            from: try call.timestamp("from"), to: try call.timestamp("to"))
        let page = try await history.page(filter, limit: try call.limit(), cursor: call.cursor)
        return .json(buffer: page)
    }

    private func get(_ call: Call, _ principal: Principal) async throws -> Response {
        guard let id = EventID(try call.parameter("event_id")) else {
            throw Problem.badRequest("request.bad_path", "An event id is a UUID.")
        }
        let site = call.string("site_id").map { SiteID($0) }
        let found = try await history.find(
            id, tenant: principal.tenantID, site: site, scanMax: services.configuration.eventLookupScanMax)
        guard let found else {
            throw Problem.notFound(
                "event.not_found",
                "No event of this id among the newest \(services.configuration.eventLookupScanMax) records. "
                    + "Add site_id to search that site's history only.")
        }
        return .json(buffer: found)
    }
}

extension Response {
    /// 202 when anything is durable. A body of which everything was known before counts too: the sender may stop sending it.
    static func report(_ report: IngestReport) -> Response {
        .json(report, status: report.accepted > 0 || report.duplicates > 0 ? .accepted : .badRequest)
    }
}
