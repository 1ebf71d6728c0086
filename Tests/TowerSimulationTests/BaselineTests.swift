import Testing
import TowerModel

@testable import TowerSimulation

/// Baselines, silent faults and several runs, worked out by hand.
@Suite struct BaselineTests {
    private let start = Timestamp(milliseconds: 1_767_225_600_000)
    private static func id(_ number: UInt64) -> EventID { EventID(high: 1, low: number) }

    private func alarm(
        _ number: UInt64, _ site: String, _ seconds: Double, type: String = "t", severity: Int = 3, raise: Bool = true
    ) -> ScoredEvent {
        ScoredEvent(
            eventID: Self.id(number), siteID: site, managedObject: "o", eventType: type, timestamp: start.adding(seconds: seconds),
            isRaise: raise, severity: severity)
    }

    private func fault(
        _ scenario: ScenarioID, site: String, object: String, condition: String, events: [UInt64], onset: Double = 0,
        clear: Double? = nil, benign: Bool = false, alternatives: [String] = []
    ) -> FaultTruth {
        FaultTruth(
            faultID: "\(scenario)-\(site)", scenario: scenario, label: "", benign: benign,
            root: .init(siteID: site, managedObject: object, condition: condition, eventType: "t"), alternatives: alternatives,
            onset: start.adding(seconds: onset), clear: clear.map { start.adding(seconds: $0) }, affectedSites: [site],
            eventIDs: events.map(Self.id), responsible: "", firstAction: "")
    }

    private func answer(
        _ number: UInt64, at: Double, events: [UInt64], _ site: String, _ object: String, _ condition: String,
        probability: Double = 0.9
    ) -> ScoredRevision {
        ScoredRevision(
            incidentID: EventID(high: 2, low: number), revision: 1, status: .resolved, updatedAt: start.adding(seconds: at),
            eventIDs: events.map(Self.id),
            candidates: [
                .init(siteID: site, managedObject: object, condition: condition, eventType: "t", probability: probability)
            ])
    }

    @Test func densityJoinsWhatIsNearInGraphAndTimeAndChains() {
        var topology = WindowBaseline.Topology()
        for (a, b) in [("A", "B"), ("B", "C"), ("C", "D"), ("D", "E")] { topology.connect(a, b) }
        let found = DensityBaseline(topology: topology).incidents([
            // One hop at 10 minutes: 0.44 + 0.11. Three hops at once: exactly 1.
            alarm(1, "A", 0), alarm(2, "B", 600), alarm(3, "E", 600),
            // Two hops at 14 minutes is too far; alone.
            alarm(4, "A", 5000), alarm(5, "C", 5840),
            // Not raised: nobody's member.
            alarm(6, "A", 10, raise: false),
        ])
        #expect(found.map(\.eventIDs) == [[1, 2, 3].map(Self.id), [Self.id(4)], [Self.id(5)]])
        #expect(found.map { $0.candidates[0].siteID } == ["A", "A", "C"])
    }

    @Test func sitesOfOneFeederLieTwoHopsApart() {
        var topology = WindowBaseline.Topology()
        topology.place("A", onFeeder: "F")
        topology.place("B", onFeeder: "F")
        let near = DensityBaseline(topology: topology).incidents([alarm(1, "A", 0), alarm(2, "B", 600)])
        let far = DensityBaseline(topology: topology).incidents([alarm(1, "A", 0), alarm(2, "B", 800)])
        #expect(near.count == 1 && far.count == 2)
    }

    @Test func severityFirstTakesTheGravestOfASite() {
        let found = SeverityBaseline().incidents([
            alarm(1, "A", 0, type: "minor"), alarm(2, "A", 10, type: "worst", severity: 5),
            alarm(3, "A", 20, type: "late", severity: 5), alarm(4, "B", 20), alarm(5, "A", 2000),
        ])
        #expect(found.map(\.eventIDs) == [[1, 2, 3].map(Self.id), [Self.id(4)], [Self.id(5)]])
        #expect(found[0].candidates[0].eventType == "worst")
    }

    @Test func aSilentFaultIsAnsweredByAnIncidentAboutTheSameThing() throws {
        let siphon = fault(
            .s12, site: "A", object: "fuel", condition: "fuel.siphon", events: [], onset: 1000, clear: 90_000,
            alternatives: ["fuel.loss_suspected"])
        func report(_ revision: ScoredRevision) throws -> ScoreRow {
            try #require(Scoreboard.evaluate(revisions: [revision], truth: [siphon]).rows.last)
        }
        let named = try report(answer(1, at: 5000, events: [70], "A", "fuel", "fuel.loss_suspected"))
        #expect(named.top1 == 1 && named.missed == 0 && named.falseIncidents == 0 && named.rcaSecondsMedian == 4000)
        let wrong = try report(answer(1, at: 5000, events: [70], "A", "fuel", "sensor.faulty"))
        #expect(wrong.top1 == 0 && wrong.missed == 0)
        let early = try report(answer(1, at: 500, events: [70], "A", "fuel", "fuel.siphon"))
        #expect(early.missed == 1 && early.falseIncidents == 1)
        let elsewhere = try report(answer(1, at: 5000, events: [70], "B", "fuel", "fuel.siphon"))
        #expect(elsewhere.missed == 1)
        let tooLate = try report(answer(1, at: 190_000, events: [70], "A", "fuel", "fuel.siphon"))
        #expect(tooLate.missed == 1)
    }

    @Test func anIncidentAboutALyingSensorsAssetIsFalseForItsScenario() throws {
        let lie = fault(.s24, site: "A", object: "fuel", condition: "sensor.faulty", events: [], clear: 9000, benign: true)
        let report = Scoreboard.evaluate(
            revisions: [answer(1, at: 500, events: [70], "A", "fuel", "fuel.theft")], truth: [lie])
        let row = try #require(report.rows.first { $0.scenario == "S24" })
        #expect(row.falseIncidents == 1 && row.falseForBenign == 1 && row.faults == 0)
    }

    @Test func anAnswerBeforeTheOnsetIsLead() throws {
        let truth = fault(.s07, site: "A", object: "hvac:1", condition: "hvac.failed", events: [1, 2], onset: 100_000)
        let row = try #require(
            Scoreboard.evaluate(
                revisions: [answer(1, at: 40_000, events: [1, 2], "A", "hvac:1", "hvac.failed")], truth: [truth]
            ).rows.last)
        #expect(row.leadSecondsMedian == 60_000 && row.rcaSecondsMedian == 0)
    }

    @Test func visitsInVainAreThoseWhereNothingIsToBeDone() throws {
        var rain = fault(.s14, site: "", object: "link:A/B", condition: "rain.fade", events: [1])
        rain.objects = ["link:A/B"]
        let right = fault(.s05, site: "B", object: "rectifier", condition: "rectifier.failed", events: [2])
        let misplaced = fault(.s02, site: "C", object: "dg", condition: "dg.start_failed", events: [3])
        let report = Scoreboard.evaluate(
            runs: [
                ScoredRun(
                    revisions: [
                        answer(1, at: 5, events: [1], "", "link:A/B", "rain.fade"),
                        answer(2, at: 5, events: [2], "B", "rectifier", "rectifier.failed"),
                        answer(3, at: 5, events: [3], "D", "grid", "grid.lost"), answer(4, at: 5, events: [99], "E", "x", "y"),
                    ], truth: [rain, right, misplaced], siteWeeks: 0.5)
            ])
        let row = try #require(report.rows.last)
        #expect(row.dispatches == 4 && row.falseDispatches == 3)
        #expect(row.falsePerSiteWeek == 2)
        // Whoever says to wait sends nobody.
        var waits = answer(1, at: 5, events: [1], "", "link:A/B", "rain.fade")
        waits.proposesVisit = false
        let patient = try #require(Scoreboard.evaluate(revisions: [waits], truth: [rain]).rows.last)
        #expect(patient.top1 == 1 && patient.dispatches == 0 && patient.falseDispatches == 0)
    }

    @Test func runsAreMatchedOneByOneAndAddedUp() throws {
        // Both runs give the same names to sites and incidents; only the first is answered rightly.
        let truth = [fault(.s05, site: "A", object: "rectifier", condition: "rectifier.failed", events: [1, 2])]
        let right = answer(1, at: 5, events: [1, 2], "A", "rectifier", "rectifier.failed")
        let wrong = answer(1, at: 5, events: [1, 2], "A", "grid", "grid.lost")
        let events = [alarm(1, "A", 0), alarm(2, "A", 5)]
        let report = Scoreboard.evaluate(runs: [
            ScoredRun(revisions: [right], truth: truth, events: events), ScoredRun(revisions: [wrong], truth: truth, events: events),
        ])
        let row = try #require(report.rows.last)
        #expect(row.faults == 2 && row.top1 == 0.5 && row.vMeasure == 1 && row.wrongAndConfident == 0.5)
        #expect(report.density.last?.faults == 2 && report.severity.last?.faults == 2 && report.baseline.last?.faults == 2)
        #expect(report.table.contains("DBSCAN") && report.table.contains("severity"))
    }

    @Test func theftIsCountedAcrossItsScenarios() throws {
        let truth = [
            fault(.s09, site: "A", object: "battery", condition: "battery.missing", events: [1]),
            fault(.s11, site: "B", object: "fuel", condition: "fuel.theft", events: []),
            fault(.s05, site: "C", object: "rectifier", condition: "rectifier.failed", events: [3]),
        ]
        let theft = try #require(
            Scoreboard.evaluate(
                revisions: [
                    answer(1, at: 5, events: [1], "A", "battery", "battery.missing"),
                    answer(2, at: 5, events: [3], "C", "battery", "battery.missing"),
                ], truth: truth
            ).theft)
        #expect(theft.thefts == 2 && theft.recall == 0.5 && theft.precision == 0.5)
    }
}
