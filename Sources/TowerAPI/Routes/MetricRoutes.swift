import Hummingbird
import TowerModel
import TowerStores

/// Time series for charts.
struct MetricRoutes: Sendable {
    let services: Services

    struct SeriesList: Codable, Sendable {
        var series: [SeriesView]
    }

    var routes: [Route] {
        [
            .signedIn(
                "GET", "/api/v1/metrics/query", "queryMetrics", "Samples of one site, thinned to the chart's width", .read,
                query: ["site_id", "metric", "from", "to", "max_points"], query)
        ]
    }

    private func query(_ call: Call, _ principal: Principal) async throws -> Response {
        guard let site = call.string("site_id") else { throw call.invalid("site_id", "given") }
        let metrics = (call.string("metric") ?? "").split(separator: ",").map(String.init)
        guard (1...20).contains(metrics.count), metrics.allSatisfy({ $0.utf8.count <= 128 }) else {
            throw call.invalid("metric", "1 to 20 names, separated by commas")
        }
        let to = try call.timestamp("to") ?? services.now()
        let from = try call.timestamp("from") ?? to.adding(seconds: -24 * 3600)
        guard from < to else { throw call.invalid("from", "before to") }
        let maxPoints = try call.integer("max_points", in: 2...5000, default: 600)
        let series = try await services.store.series(
            tenant: principal.tenantID, site: SiteID(site), metrics: metrics, from: from, to: to, maxPoints: maxPoints)
        return .json(SeriesList(series: series))
    }
}
