import Hummingbird
import TowerModel
import TowerStores

/// Alarms of the tenant.
struct AlarmRoutes: Sendable {
    let services: Services

    var routes: [Route] {
        [
            .signedIn(
                "GET", "/api/v1/alarms", "listAlarms", "Alarms, newest change first", .read,
                query: ["active", "site_id", "incident_id", "min_severity", "limit", "cursor"], list),
            .signedIn("GET", "/api/v1/alarms/{alarm_id}", "getAlarm", "One alarm", .read, get),
        ]
    }

    private func list(_ call: Call, _ principal: Principal) async throws -> Response {
        let filter = AlarmFilter(
            isActive: try call.boolean("active"), site: call.string("site_id").map { SiteID($0) },
            incident: try call.eventID("incident_id"),
            minimumSeverity: try call.choice("min_severity", Severity.self, Severity.allCases.map(\.rawValue)))
        return .json(
            try await services.store.alarms(
                tenant: principal.tenantID, filter: filter, limit: try call.limit(), cursor: call.cursor))
    }

    private func get(_ call: Call, _ principal: Principal) async throws -> Response {
        let text = try call.parameter("alarm_id")
        guard let id = EventID(text) else { throw Problem.badRequest("request.bad_path", "An alarm id is a UUID.") }
        guard let view = try await services.store.alarm(tenant: principal.tenantID, id: id) else {
            throw Problem.notFound("alarm.not_found", "There is no alarm \(id).")
        }
        return .json(view)
    }
}
