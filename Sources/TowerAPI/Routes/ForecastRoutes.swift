import Hummingbird
import TowerModel
import TowerStores

/// What is expected of tanks, generators, cooling and batteries.
struct ForecastRoutes: Sendable {
    let services: Services

    var routes: [Route] {
        [
            .signedIn(
                "GET", "/api/v1/forecasts", "listForecasts", "Newest forecast of each site and kind", .read,
                query: ["kind", "site_id", "limit", "cursor"]
            ) { call, principal in
                .json(
                    try await services.store.forecasts(
                        tenant: principal.tenantID, kind: try call.choice("kind", ForecastKind.self, ForecastKind.allCases.map(\.rawValue)),
                        site: call.string("site_id").map { SiteID($0) }, limit: try call.limit(), cursor: call.cursor))
            }
        ]
    }
}
