import HTTPTypes
import Hummingbird

/// The live feed's place among the routes. A proper WebSocket request never gets here: `LiveUpgradeGate` takes it before.
/// What gets here is refused with the reason, by the same rules as every other route.
struct LiveRoutes: Sendable {
    static let path = "/api/v1/live"
    let services: Services

    var routes: [Route] {
        [
            .signedIn(
                "GET", Self.path, "openLive", "Live feed over WebSocket: snapshot, then deltas", .read, query: ["access_token"]
            ) { call, _ in
                if services.lifecycle.isDraining {
                    throw Problem(503, "server.draining", "This server is stopping. Connect again shortly.", retryAfterSeconds: 2)
                }
                if !services.dependencies.hub.hasRoom {
                    throw Problem(503, "live.full", "Too many clients are connected. Connect again later.", retryAfterSeconds: 30)
                }
                var response = Problem(426, "live.upgrade_required", "Open this path as a WebSocket (version 13).")
                    .response(instance: call.request.uri.path)
                response.headers[.upgrade] = "websocket"
                return response
            }
        ]
    }
}
