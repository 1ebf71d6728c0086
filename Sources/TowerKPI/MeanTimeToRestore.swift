/// From the onset of what happened until it was over: gross, no clock stopped.
enum MeanTimeToRestore {
    static let kpi = KPICatalog.ProcessKPI(
        definition: KPIDefinition(
            name: "mttr", view: "Mean time to restore",
            formulaInWords: "mean of resolved less onset over the incidents resolved in the window",
            formula: "mean(incident.resolved_at − incident.onset_at)", unit: "minutes", object: .tenant,
            source: "IEC 60050-192; DOMAIN 4.3 no. 10"),
        measure: { ProcessHour.measure($0.restored) })
}
