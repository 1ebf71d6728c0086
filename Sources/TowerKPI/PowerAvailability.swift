/// Share of the time heard in which the DC bus was inside the contract band.
enum PowerAvailability {
    static let kpi = KPICatalog.SiteKPI(
        definition: KPIDefinition(
            name: "power_availability", view: "Power availability",
            formulaInWords: "time with the bus voltage inside the contract band over time heard",
            formula: "t(43 V ≤ power.dc.bus_v ≤ 60 V) / t(power.dc.bus_v heard)", unit: "ratio", object: .site,
            source: "power contract, 43 to 60 V for 99.8 % of a month; DOMAIN 4.3 no. 2"),
        isSum: false, roles: [.busVolts], measure: measure)

    static func measure(_ hour: SiteHour) -> Measure {
        let bus = hour.coverage(.busVolts) { hour.configuration.busBand.contains($0) }
        return Measure(sum: Double(bus.holds.count), weight: Double(bus.heard.count), eventCount: hour.count(.busVolts))
    }
}
