import Hummingbird
import TowerStores

/// The numbers of the overview.
struct FleetRoutes: Sendable {
    let services: Services

    var routes: [Route] {
        [
            .signedIn("GET", "/api/v1/fleet", "getFleet", "The overview's numbers", .read) { _, principal in
                .json(try await services.store.fleet(tenant: principal.tenantID, now: services.now()))
            }
        ]
    }
}
