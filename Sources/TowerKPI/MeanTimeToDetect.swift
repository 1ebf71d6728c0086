/// From the onset of what happened until the incident was opened.
enum MeanTimeToDetect {
    static let kpi = KPICatalog.ProcessKPI(
        definition: KPIDefinition(
            name: "mttd", view: "Mean time to detect",
            formulaInWords: "mean of opened less onset over the incidents opened in the window",
            formula: "mean(incident.opened_at − incident.onset_at)", unit: "minutes", object: .tenant,
            source: "back-dated onset of the root cause; DOMAIN 4.3 no. 8"),
        measure: { ProcessHour.measure($0.detected) })
}
