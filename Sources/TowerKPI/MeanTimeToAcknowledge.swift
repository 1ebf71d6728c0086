/// From opening an incident until a person took it.
enum MeanTimeToAcknowledge {
    static let kpi = KPICatalog.ProcessKPI(
        definition: KPIDefinition(
            name: "mtta", view: "Mean time to acknowledge",
            formulaInWords: "mean of first acknowledged less opened over the incidents acknowledged in the window",
            formula: "mean(incident.acknowledged_at − incident.opened_at)", unit: "minutes", object: .tenant,
            source: "DOMAIN 4.3 no. 9"),
        measure: { ProcessHour.measure($0.acknowledged) })
}
