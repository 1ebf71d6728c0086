import Hummingbird
import TowerModel
import TowerStores

/// KPIs over their windows.
struct KPIRoutes: Sendable {
    let services: Services

    var routes: [Route] {
        [
            .signedIn(
                "GET", "/api/v1/kpis", "listKPIs", "KPIs, newest window first", .read,
                query: ["kpi", "site_id", "limit", "cursor"]
            ) { call, principal in
                .json(
                    try await services.store.kpis(
                        tenant: principal.tenantID, kpi: call.string("kpi"), site: call.string("site_id").map { SiteID($0) },
                        limit: try call.limit(), cursor: call.cursor))
            }
        ]
    }
}
