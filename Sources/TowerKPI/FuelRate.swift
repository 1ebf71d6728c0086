/// Litres burned per hour that the generator ran.
enum FuelRate {
    static let kpi = KPICatalog.SiteKPI(
        definition: KPIDefinition(
            name: "fuel_rate", view: "Fuel rate",
            formulaInWords: "fall of the tank's level while the generator ran over the hours it ran; deliveries left out",
            formula: "−Δ fuel.level / t(generator running), level as five-minute medians", unit: "l/h", object: .site,
            source: "operator practice; DOMAIN 4.3 no. 19"),
        isSum: false, roles: [.fuelLevel], measure: measure)

    static func measure(_ hour: SiteHour) -> Measure {
        let fuel = FuelHour(hour)
        // Less than five minutes give a ratio of two noises.
        guard fuel.runningSeconds >= Double(FuelHour.block) else { return .nothing }
        return Measure(
            sum: fuel.lostRunning, weight: fuel.runningSeconds / 3600, eventCount: hour.count(.fuelLevel))
    }
}
