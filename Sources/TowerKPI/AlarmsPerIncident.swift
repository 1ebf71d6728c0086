/// How many alarms the platform turned into one piece of work.
enum AlarmsPerIncident {
    static let kpi = KPICatalog.ProcessKPI(
        definition: KPIDefinition(
            name: "alarms_per_incident", view: "Alarms per incident",
            formulaInWords: "alarms raised in the window over incidents opened in it; nothing when no incident was opened",
            formula: "n(alarms raised) / n(incident.opened)", unit: "count", object: .tenant,
            source: "ISA-18.2 and EEMUA 191 practice; DOMAIN 4.3 no. 30"),
        measure: { hour in
            Measure(
                sum: Double(hour.raisedAlarms.count), weight: Double(hour.opened.count),
                eventCount: hour.raisedAlarms.count + hour.opened.count)
        })
}
