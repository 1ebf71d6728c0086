/// Share of the time heard in which a site was in service.
enum SiteAvailability {
    static let kpi = KPICatalog.SiteKPI(
        definition: KPIDefinition(
            name: "site_availability", view: "Site availability",
            formulaInWords: "time in service over time heard; down is the bus outside the contract band or an active alarm that "
                + "takes the site out of service",
            formula: "t(heard ∧ bus_v ∈ band ∧ ¬down alarm) / t(heard), heard = bus_v ∪ down alarm", unit: "ratio", object: .site,
            source: "service contract; DOMAIN 4.3 no. 1"),
        isSum: false, roles: [.busVolts], measure: measure)

    static func measure(_ hour: SiteHour) -> Measure {
        let bus = hour.coverage(.busVolts) { hour.configuration.busBand.contains($0) }
        let down = hour.weighed(hour.down, heard: bus.heard)
        return Measure(
            sum: Double(bus.holds.subtracting(down).count), weight: Double(bus.heard.union(down).count),
            eventCount: hour.count(.busVolts) + hour.alarmCount)
    }
}
