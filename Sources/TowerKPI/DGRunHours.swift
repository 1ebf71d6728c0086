/// Hours that the generator ran.
enum DGRunHours {
    static let kpi = KPICatalog.SiteKPI(
        definition: KPIDefinition(
            name: "dg_run_hours", view: "Generator run hours",
            formulaInWords: "time in which the generator turns or delivers; the hour counter where nothing else is measured",
            formula: "t(dg.rpm > 300 ∨ dg.p > 0.1 kW ∨ dg.v > 50 V ∨ dg.running), else Δ dg.run_h", unit: "hours", object: .site,
            source: "operator practice; DOMAIN 4.3 no. 18"),
        isSum: true, roles: [.dgRunning, .dgRPM, .dgPower, .dgVolts, .dgRunHours], measure: measure)

    static func measure(_ hour: SiteHour) -> Measure {
        let generator = hour.generator()
        let events = hour.count(.dgRunning) + hour.count(.dgRPM) + hour.count(.dgPower) + hour.count(.dgVolts)
        if !generator.heard.isEmpty {
            return Measure(
                sum: Double(generator.running.count) / 3600, weight: Double(generator.heard.count) / 3600, eventCount: events)
        }
        return counter(hour)
    }

    /// Growth of the hour counter. A fall is a new controller: it counts nothing.
    private static func counter(_ hour: SiteHour) -> Measure {
        let samples = hour.samples[MetricRole.dgRunHours.rawValue]
        guard !samples.isEmpty else { return .nothing }
        var last = hour.previous(.dgRunHours)?.value ?? samples.values[0]
        var hours = 0.0
        for value in samples.values {
            hours += max(value - last, 0)
            last = value
        }
        return Measure(sum: hours, weight: 1, eventCount: samples.count)
    }
}
