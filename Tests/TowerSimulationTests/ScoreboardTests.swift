import Testing
import TowerModel

@testable import TowerSimulation

/// Scores worked out by hand.
@Suite struct ScoreboardTests {
    private static func id(_ number: UInt64) -> EventID { EventID(high: 1, low: number) }
    private let start = Timestamp(milliseconds: 1_767_225_600_000)

    private func fault(
        _ name: String, _ scenario: ScenarioID, site: String, object: String, condition: String, events: ClosedRange<UInt64>,
        onset: Double = 0
    ) -> FaultTruth {
        FaultTruth(
            faultID: name, scenario: scenario, label: "", benign: scenario == .s01,
            root: .init(siteID: site, managedObject: object, condition: condition, eventType: "t"),
            onset: start.adding(seconds: onset), affectedSites: [site], eventIDs: events.map(Self.id), responsible: "",
            firstAction: "")
    }

    private func revision(
        _ incident: UInt64, _ number: Int = 1, status: IncidentSnapshot.Status = .resolved, into: UInt64? = nil, at: Double = 60,
        events: [ClosedRange<UInt64>], _ candidates: [(String, String, String, Double)] = []
    ) -> ScoredRevision {
        ScoredRevision(
            incidentID: EventID(high: 2, low: incident), revision: number, status: status,
            mergedInto: into.map { EventID(high: 2, low: $0) }, updatedAt: start.adding(seconds: at),
            eventIDs: events.flatMap { $0.map(Self.id) },
            candidates: candidates.map {
                .init(siteID: $0.0, managedObject: $0.1, condition: $0.2, eventType: "t", probability: $0.3)
            })
    }

    private func row(_ report: ScoreReport, _ name: String) throws -> ScoreRow {
        try #require(report.rows.first { $0.scenario == name })
    }

    @Test func aPerfectAnswerScoresOne() throws {
        let truth = [
            fault("a", .s02, site: "A", object: "dg", condition: "dg.start_failed", events: 1...4),
            fault("b", .s13, site: "", object: "link:B/C", condition: "fibre.cut", events: 5...8, onset: 100),
        ]
        let report = Scoreboard.evaluate(
            revisions: [
                revision(1, events: [1...4], [("A", "dg", "dg.start_failed", 1)]),
                revision(2, at: 130, events: [5...8], [("", "link:B/C", "fibre.cut", 1)]),
            ], truth: truth)
        let all = try row(report, "all")
        #expect(all.top1 == 1 && all.top3 == 1 && all.missed == 0 && all.falseIncidents == 0)
        #expect(all.wrongAndConfident == 0 && all.calibrationError == 0 && all.vMeasure == 1)
        #expect(all.alarmsPerIncident == 4)
        #expect(try row(report, "S02").rcaSecondsMedian == 60)
        #expect(try row(report, "S13").rcaSecondsMedian == 30)
        #expect(report.table.contains("100%"))
    }

    @Test func wrongSureThirdAndMissedAreToldApart() throws {
        let truth = [
            fault("a", .s02, site: "A", object: "dg", condition: "dg.start_failed", events: 1...4),
            fault("b", .s02, site: "B", object: "dg", condition: "dg.start_failed", events: 11...14),
            fault("c", .s02, site: "C", object: "dg", condition: "dg.start_failed", events: 21...24),
            fault("d", .s02, site: "D", object: "dg", condition: "dg.start_failed", events: 31...34),
        ]
        let report = Scoreboard.evaluate(
            revisions: [
                revision(1, events: [1...4], [("A", "dg", "dg.start_failed", 0.9), ("A", "grid", "grid.lost", 0.1)]),
                // The right condition at the wrong site, and sure of it.
                revision(2, events: [11...14], [("X", "dg", "dg.start_failed", 0.85), ("B", "dg", "dg.start_failed", 0.1)]),
                // Given in another order than that of probability.
                revision(3, events: [21...24], [("C", "dg", "dg.start_failed", 0.2), ("C", "grid", "grid.lost", 0.5)]),
            ], truth: truth)
        let all = try row(report, "all")
        #expect(all.top1 == 0.25)
        #expect(all.top3 == 0.75)
        #expect(all.missed == 1)
        #expect(all.wrongAndConfident == 0.25)
        // Bins: 0.9 right, 0.85 wrong, 0.5 wrong: (0.1 + 0.85 + 0.5) / 3.
        #expect((try #require(all.calibrationError) - 1.45 / 3).magnitude < 1e-12)
    }

    @Test func onlyLastRevisionsCountAndMergedOnesFollow() throws {
        let truth = [fault("a", .s25, site: "", object: "feeder:F-12", condition: "feeder.lost", events: 1...6)]
        let right = [("", "feeder:F-12", "feeder.lost", 0.7)]
        let report = Scoreboard.evaluate(
            revisions: [
                revision(1, 1, status: .open, at: 10, events: [1...2], [("A", "grid", "grid.lost", 0.6)]),
                revision(2, 1, status: .open, at: 20, events: [3...4], [("B", "grid", "grid.lost", 0.6)]),
                revision(2, 2, status: .merged, into: 1, at: 30, events: [3...4]),
                revision(1, 2, status: .open, at: 40, events: [1...6], right),
                revision(1, 3, at: 50, events: [1...6], right),
            ].reversed(), truth: truth)
        let all = try row(report, "all")
        #expect(all.top1 == 1)
        #expect(all.falseIncidents == 0)
        #expect(all.rcaSecondsMedian == 40)
    }

    @Test func harmlessIncidentsSplitsAndInventionsAreFalse() throws {
        let truth = [
            fault("a", .s01, site: "A", object: "grid", condition: "grid.lost", events: 1...4),
            fault("b", .s05, site: "B", object: "rectifier", condition: "rectifier.failed", events: 11...16),
        ]
        let report = Scoreboard.evaluate(
            revisions: [
                revision(1, events: [1...4], [("A", "grid", "grid.lost", 1)]),
                revision(2, events: [11...14], [("B", "rectifier", "rectifier.failed", 1)]),
                revision(3, events: [15...16], [("B", "dc", "dc.low_voltage", 1)]),
                revision(4, events: [90...91]),
                revision(5, status: .autoClosed, events: [3...4], [("A", "grid", "grid.lost", 1)]),
            ], truth: truth)
        let all = try row(report, "all")
        #expect(all.faults == 1 && all.benign == 1)
        #expect(all.falseIncidents == 3 && all.falseForBenign == 1 && all.falseSplits == 1)
        #expect(try row(report, "S01").falseIncidents == 1)
        #expect(try row(report, "S05").top1 == 1)
    }

    @Test func recordsNobodySawCountForRainAlone() throws {
        var rain = fault("a", .s14, site: "", object: "link:A/B", condition: "rain.fade", events: 1...4)
        rain.objects = ["link:A/B", "link:B/C"]
        let cut = fault("b", .s13, site: "", object: "link:D/E", condition: "fibre.cut", events: 11...14)
        let report = Scoreboard.evaluate(
            revisions: [
                revision(1, status: .autoClosed, events: [1...4], [("", "link:B/C", "rain.fade", 1)]),
                revision(2, status: .autoClosed, events: [11...14], [("", "link:D/E", "fibre.cut", 1)]),
            ], truth: [rain, cut])
        #expect(try row(report, "S14").top1 == 1)
        #expect(try row(report, "S13").missed == 1)
    }

    @Test func oneIncidentForTwoFaultsFindsOneOfThem() throws {
        let truth = [
            fault("a", .s02, site: "A", object: "dg", condition: "dg.start_failed", events: 1...6),
            fault("b", .s05, site: "B", object: "rectifier", condition: "rectifier.failed", events: 11...13),
        ]
        let report = Scoreboard.evaluate(
            revisions: [revision(1, events: [1...6, 11...13], [("A", "dg", "dg.start_failed", 0.6)])], truth: truth)
        let all = try row(report, "all")
        #expect(all.top1 == 0.5 && all.missed == 1)
        #expect(try #require(all.vMeasure) < 0.01)
    }

    /// Classes and clusters of the same items; four singletons of two classes are homogeneous and half complete.
    @Test(arguments: [("0011", "0011", 1.0), ("0011", "0123", 2.0 / 3), ("00", "00", 1)])
    func vMeasureOfKnownClusterings(classes: String, clusters: String, value: Double) throws {
        let items = zip(classes.utf8, clusters.utf8).map { (classIndex: Int($0), clusterIndex: Int($1)) }
        let score = try #require(VMeasure.score(items))
        #expect((score - value).magnitude < 1e-12)
        #expect(VMeasure.score([]) == nil)
    }

    @Test func windowGroupsConnectedSitesAndNamesTheEarliestAlarm() throws {
        var topology = WindowBaseline.Topology()
        topology.connect("A", "B")
        topology.place("C", onFeeder: "F")
        topology.place("D", onFeeder: "F")
        func event(_ number: UInt64, _ site: String, _ seconds: Double, raise: Bool = true) -> ScoredEvent {
            ScoredEvent(
                eventID: Self.id(number), siteID: site, managedObject: "o", eventType: "t",
                timestamp: start.adding(seconds: seconds),
                isRaise: raise)
        }
        let found = WindowBaseline(topology: topology).incidents([
            event(2, "B", 800), event(1, "A", 0), event(3, "C", 10), event(4, "D", 20), event(5, "A", 5000),
            event(6, "B", 9000, raise: false),
        ])
        #expect(found.map(\.eventIDs) == [[1, 2, 6].map(Self.id), [3, 4].map(Self.id), [Self.id(5)]])
        #expect(found.map { $0.candidates[0].siteID } == ["A", "C", "A"])
    }

    @Test func theTableShowsTheWindowBesideOurs() throws {
        let run = try Run(quick(sites: 60, [.s02, .s13], seed: 2, background: 0))
        var events: [ScoredEvent] = []
        for event in try run.parsed() {
            guard let state = event.state, let id = EventID(event.id) else { continue }
            let object = ManagedObject.derive(eventType: event.type, site: event.site) { event.payload[$0] as? String }
            events.append(
                ScoredEvent(
                    eventID: id, siteID: event.site, managedObject: object, eventType: event.type, timestamp: event.timestamp,
                    isRaise: state == "raised"))
        }
        // An engine that knows the truth.
        let revisions = run.truth.enumerated().map { index, fault in
            ScoredRevision(
                incidentID: EventID(high: 9, low: UInt64(index)), revision: 1, status: .resolved,
                updatedAt: fault.onset.adding(seconds: 1),
                eventIDs: fault.eventIDs,
                candidates: [
                    .init(
                        siteID: fault.root.siteID, managedObject: fault.root.managedObject, condition: fault.root.condition,
                        eventType: fault.root.eventType, probability: 1)
                ])
        }
        let report = Scoreboard.evaluate(revisions: revisions, truth: run.truth, events: events)
        let ours = try row(report, "all")
        let window = try #require(report.baseline.first { $0.scenario == "all" })
        #expect(ours.top1 == 1 && ours.vMeasure == 1)
        #expect(try #require(window.top1) < 1)
        #expect(try #require(window.vMeasure) < 1)
        #expect(report.table.contains("15 min window"))
    }
}
