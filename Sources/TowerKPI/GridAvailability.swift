/// Share of the time heard in which the grid was present.
enum GridAvailability {
    static let kpi = KPICatalog.SiteKPI(
        definition: KPIDefinition(
            name: "grid_availability", view: "Grid availability",
            formulaInWords: "time without a grid outage over time heard; a site whose bus is heard and that reports no outage "
                + "counts as supplied unless its grid voltage says otherwise",
            formula: "t(heard ∧ ¬power.grid.outage ∧ power.grid.v_l1 ≥ 180 V where measured) / t(heard), "
                + "heard = v_l1 ∪ bus_v ∪ outage", unit: "ratio", object: .site, source: "IEEE 1366 practice; DOMAIN 4.3 no. 12"),
        isSum: false, roles: [.gridVolts, .busVolts], measure: measure)

    static func measure(_ hour: SiteHour) -> Measure {
        let grid = hour.coverage(.gridVolts) { $0 >= hour.configuration.gridPresentVolts }
        let telemetry = grid.heard.union(hour.coverage(.busVolts) { _ in true }.heard)
        let lost = hour.weighed(hour.gridLost, heard: telemetry).union(grid.heard.subtracting(grid.holds))
        let heard = telemetry.union(lost)
        return Measure(
            sum: Double(heard.subtracting(lost).count), weight: Double(heard.count),
            eventCount: hour.count(.gridVolts) + hour.count(.busVolts) + hour.alarmCount)
    }
}
