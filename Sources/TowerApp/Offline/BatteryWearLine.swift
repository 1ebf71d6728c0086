import TowerForecast
import TowerModel

/// State of health and remaining life of one site's battery, as `analyze --emit forecasts` writes it at the end.
struct BatteryWearLine: Encodable {
    var tenant_id: String
    var site_id: String
    var asset = "battery"
    var at: String
    /// Ratio of rated capacity.
    var health_p10: Double
    var health_p50: Double
    var health_p90: Double
    /// Days until below 80 %, at most 7,300.
    var days_left_p10: Double
    var days_left_p50: Double
    var days_left_p90: Double

    /// - Returns: `nil` when nothing it said could be used.
    init?(_ site: BatteryWearCollector.Site) {
        guard let forecast = site.wear.forecast() else { return nil }
        func rounded(_ number: Double, _ steps: Double) -> Double { (number * steps).rounded() / steps }
        (tenant_id, site_id, at) = (site.tenant, site.site, site.at.description)
        (health_p10, health_p50, health_p90) = (
            rounded(forecast.health.p10, 1000), rounded(forecast.health.p50, 1000), rounded(forecast.health.p90, 1000)
        )
        (days_left_p10, days_left_p50, days_left_p90) = (
            rounded(forecast.daysLeft.p10, 1), rounded(forecast.daysLeft.p50, 1), rounded(forecast.daysLeft.p90, 1)
        )
    }
}
