import Testing
import TowerKPI
import TowerModel

@Suite struct ProcessKPITests {
    @Test func timesAreMeansOfWhatHappenedInTheWindow() throws {
        let items: [Heard] = [
            .incident(incident(1, onset: 0, opened: 4)), .incident(incident(2, onset: 10, opened: 18)),
            .acknowledged(EventID(high: 2, low: 1), at(minutes: 14)),
            .incident(incident(1, revision: 2, status: .resolved, onset: 0, opened: 4, resolved: 50)),
        ]
        #expect(firstHour("mttd", items, site: nil)?.value == 6)
        #expect(firstHour("mtta", items, site: nil)?.value == 10)
        #expect(firstHour("mttr", items, site: nil)?.value == 50)
        #expect(firstHour("mttd", items, site: nil)?.unit == "minutes")
        #expect(firstHour("mttr", items, site: nil)?.eventCount == 1)
    }

    @Test func nothingHappenedIsNothingTold() {
        #expect(firstHour("mttd", [], site: nil) == nil)
        #expect(firstHour("mttr", [.incident(incident(1, onset: 0, opened: 4))], site: nil) == nil)
    }

    @Test func recordsThatNobodyWorkedOnDoNotCount() {
        let items: [Heard] = [
            .incident(incident(1, status: .autoClosed, onset: 0, opened: 4, resolved: 30, needsPerson: false)),
            .incident(incident(2, onset: 0, opened: 9, needsPerson: false)),
            .incident(incident(3, status: .merged, onset: 0, opened: 4)), .incident(incident(4, onset: 0, opened: 2)),
        ]
        #expect(firstHour("mttd", items, site: nil)?.value == 2)
    }

    @Test func alarmsPerIncidentCountsEachAlarmOnce() {
        let alarms = (1...12).flatMap { id -> [Heard] in
            [
                .alarm(alarm("ran.cell_down", id: UInt64(id), raised: Double(id))),
                .alarm(alarm("ran.cell_down", id: UInt64(id), raised: Double(id), cleared: 40)),
            ]
        }
        let opened: [Heard] = [.incident(incident(1, onset: 0, opened: 4)), .incident(incident(2, onset: 0, opened: 5))]
        #expect(firstHour("alarms_per_incident", alarms + opened, site: nil)?.value == 6)
        #expect(firstHour("alarms_per_incident", alarms, site: nil)?.value == nil)
    }

    @Test func acknowledgementMayArriveBeforeItsIncident() {
        let items: [Heard] = [
            .acknowledged(EventID(high: 2, low: 1), at(minutes: 30)), .acknowledged(EventID(high: 2, low: 1), at(minutes: 20)),
            .incident(incident(1, onset: 0, opened: 5)),
        ]
        #expect(firstHour("mtta", items, site: nil)?.value == 15)
    }

    @Test func catalogueIsComplete() {
        #expect(
            KPICatalog.all.map(\.name) == [
                "alarms_per_incident", "battery_autonomy_minutes", "dg_run_hours", "fuel_rate", "fuel_unexplained_litres",
                "grid_availability", "mtta", "mttd", "mttr", "power_availability", "site_availability",
            ])
        for definition in KPICatalog.all {
            #expect(!definition.view.isEmpty && !definition.formulaInWords.isEmpty && !definition.formula.isEmpty)
            #expect(!definition.unit.isEmpty && !definition.source.isEmpty)
        }
        #expect(KPICatalog.definition(of: "nur") == nil)
    }
}
