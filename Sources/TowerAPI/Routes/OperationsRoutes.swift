import Hummingbird

/// What machines ask about this process. No login: nothing here is a tenant's.
struct OperationsRoutes: Sendable {
    let services: Services

    struct Health: Codable, Sendable {
        var status: String
    }

    var routes: [Route] {
        [
            .open("GET", "/healthz", "getHealth", "The process is up") { _ in .json(Health(status: "up")) },
            .open("GET", "/readyz", "getReadiness", "Traffic is welcome") { _ in
                var readiness = await services.dependencies.readiness()
                if services.lifecycle.isDraining {
                    readiness.isReady = false
                    readiness.checks["server"] = "draining"
                }
                return .json(readiness, status: readiness.isReady ? .ok : .serviceUnavailable)
            },
            .open("GET", "/metrics", "getMetrics", "Metrics in Prometheus' text form") { _ in
                let hub = services.dependencies.hub
                let own = services.metrics.text() + hub.meters.text(clients: hub.clientCount, standings: hub.standings)
                var text = await services.dependencies.metrics()
                if !text.isEmpty, !text.hasSuffix("\n") { text += "\n" }
                return .text(text + own, contentType: "text/plain; version=0.0.4; charset=utf-8")
            },
        ]
    }
}
