import Hummingbird
import TowerStores

/// How the platform itself is doing.
struct PlatformRoutes: Sendable {
    let services: Services

    var routes: [Route] {
        [
            .signedIn("GET", "/api/v1/platform", "getPlatform", "How the platform itself is doing", .read) { _, principal in
                .json(await services.dependencies.platform(principal.tenantID))
            }
        ]
    }
}
