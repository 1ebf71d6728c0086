/// Litres that left the tank beyond what the generator must have burned.
enum FuelUnexplainedLitres {
    static let kpi = KPICatalog.SiteKPI(
        definition: KPIDefinition(
            name: "fuel_unexplained_litres", view: "Unexplained fuel",
            formulaInWords: "fall of the tank's level less the burn that the generator's time and power explain",
            formula: "(L₀ + Σ deliveries − L₁) − Σ (0.40 + 0.263 · P) · t(running); P is dg.p, 5 kW where not measured",
            unit: "l",
            object: .site, source: "fit to a published burn table for 15 kVA; DOMAIN 4.3 no. 20"),
        isSum: true, roles: [.fuelLevel], measure: measure)

    static func measure(_ hour: SiteHour) -> Measure {
        let generator = hour.generator()
        // Without the generator's state no litre is unexplained: we do not know.
        guard !generator.heard.isEmpty else { return .nothing }
        let fuel = FuelHour(hour)
        guard fuel.seconds > 0 else { return .nothing }
        let constants = hour.configuration
        var kilowatts = constants.assumedGeneratorKilowatts
        var sum = 0.0
        var seconds = 0
        hour.samples[MetricRole.dgPower.rawValue].visit(
            previous: hour.previous(.dgPower), maximumGap: Int(min(constants.maximumGap, 3600))
        ) { from, to, value in
            guard value > constants.runningKilowatts else { return }
            sum += value * Double(to - from)
            seconds += to - from
        }
        if seconds > 0 { kilowatts = sum / Double(seconds) }
        let burn = (constants.idleLitresPerHour + constants.litresPerKilowattHour * kilowatts) * fuel.runningSeconds / 3600
        return Measure(sum: fuel.lost - burn, weight: fuel.seconds / 3600, eventCount: hour.count(.fuelLevel))
    }
}
