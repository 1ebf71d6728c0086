import Hummingbird
import TowerModel
import TowerStores

/// Sites of the tenant.
struct SiteRoutes: Sendable {
    let services: Services

    var routes: [Route] {
        [
            .signedIn(
                "GET", "/api/v1/sites", "listSites", "Sites with their state", .read,
                query: ["state", "region", "q", "limit", "cursor"], list),
            .signedIn("GET", "/api/v1/sites/{site_id}", "getSite", "One site with its latest values", .read, get),
        ]
    }

    private func list(_ call: Call, _ principal: Principal) async throws -> Response {
        let filter = SiteFilter(
            state: try call.choice("state", SiteState.self, SiteState.allCases.map(\.rawValue)), region: call.string("region"),
            text: call.string("q"))
        return .json(
            try await services.store.sites(
                tenant: principal.tenantID, filter: filter, limit: try call.limit(), cursor: call.cursor))
    }

    private func get(_ call: Call, _ principal: Principal) async throws -> Response {
        let id = SiteID(try call.parameter("site_id"))
        guard let view = try await services.store.site(tenant: principal.tenantID, id: id) else {
            throw Problem.notFound("site.not_found", "There is no site \(id).")
        }
        return .json(view)
    }
}
