/// Every KPI that the engine computes, by name.
public enum KPICatalog {
    /// Sorted by name.
    public static let all: [KPIDefinition] =
        (siteKPIs.map(\.definition) + processKPIs.map(\.definition)).sorted { $0.name < $1.name }

    /// `nil` for a name that is not in the catalogue.
    public static func definition(of name: String) -> KPIDefinition? { all.first { $0.name == name } }

    /// A KPI measured hour by hour at a site.
    struct SiteKPI: Sendable {
        var definition: KPIDefinition
        /// Hours add up (litres, hours run) instead of being weighted (ratios, means).
        var isSum: Bool
        /// It is computed for a site from the first hour in which one of these was heard.
        var roles: [MetricRole]
        var measure: @Sendable (SiteHour) -> Measure
    }

    /// A KPI of how people and platform work.
    struct ProcessKPI: Sendable {
        var definition: KPIDefinition
        var measure: @Sendable (ProcessHour) -> Measure
    }

    static let siteKPIs: [SiteKPI] = [
        SiteAvailability.kpi, PowerAvailability.kpi, GridAvailability.kpi, BatteryAutonomyMinutes.kpi, DGRunHours.kpi,
        FuelRate.kpi,
        FuelUnexplainedLitres.kpi,
    ]

    static let processKPIs: [ProcessKPI] = [
        MeanTimeToDetect.kpi, MeanTimeToAcknowledge.kpi, MeanTimeToRestore.kpi, AlarmsPerIncident.kpi,
    ]
}
