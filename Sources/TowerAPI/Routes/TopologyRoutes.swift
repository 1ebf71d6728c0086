import Hummingbird
import TowerStores

/// Sites and the links between them.
struct TopologyRoutes: Sendable {
    let services: Services

    var routes: [Route] {
        [
            .signedIn("GET", "/api/v1/topology", "getTopology", "Sites in short and their links", .read) { _, principal in
                .json(try await services.store.topology(tenant: principal.tenantID))
            }
        ]
    }
}
