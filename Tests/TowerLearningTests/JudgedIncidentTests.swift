import Testing
import TowerCausality
import TowerModel

@testable import TowerLearning

@Suite struct JudgedIncidentTests {
    static let library = TemplateLibrary.standard
    static let begin = Timestamp(seconds: 1_767_322_800)

    /// A grid that was lost, and, where asked for, the generator that did not start.
    private func snapshot(_ number: UInt64, probability: Double = 0.9, startsAfter seconds: Double? = 60) -> IncidentSnapshot {
        func node(_ condition: String, _ at: Double) -> IncidentSnapshot.TimelineNode {
            .init(
                nodeID: "\(number)/\(condition)", lane: .grid, condition: condition, label: condition, siteID: "S", managedObject: "o",
                knowledge: .reported, at: Self.begin.adding(seconds: at))
        }
        let story = Self.library.templates.first { $0.name == "generator did not start" }!
        return IncidentSnapshot(
            incidentID: EventID(high: 1, low: number), tenantID: TenantID("t"), revision: 1, status: .resolved, severity: .major,
            openedAt: Self.begin.adding(seconds: Double(number)), onsetAt: Self.begin, updatedAt: Self.begin,
            resolvedAt: Self.begin.adding(seconds: 7_200), needsPerson: true, title: "", explanation: "", reason: "", siteID: SiteID("S"),
            rootCauseCandidates: [
                .init(
                    siteID: "S", managedObject: "dg", condition: story.root.rawValue, eventType: "", label: story.label,
                    probability: probability)
            ],
            timeline: [node("grid.lost", 0)] + (seconds.map { [node("dg.start_failed", $0)] } ?? []))
    }

    private func lags(_ incidents: [JudgedIncident]) -> [[Double]] {
        JudgedIncident.cases(of: incidents, library: Self.library).map { $0.lags.map(\.seconds) }
    }

    @Test func whatPeopleMergedIsOneCaseOfWhereItWent() {
        let root = JudgedIncident(snapshot: snapshot(1, startsAfter: nil))
        let alone = lags([root])
        let rest = JudgedIncident(snapshot: snapshot(2, startsAfter: 45), mergedInto: EventID(high: 1, low: 1))
        #expect(alone.count == 1 && alone[0].isEmpty)
        #expect(lags([root, rest]) == [[45]] && lags([rest, root]) == [[45]])
        // Through another one, too; into what is not known, or in a circle, it teaches nothing.
        var between = JudgedIncident(snapshot: snapshot(3, startsAfter: nil), mergedInto: EventID(high: 1, low: 1))
        var last = rest
        last.mergedInto = EventID(high: 1, low: 3)
        #expect(lags([root, between, last]) == [[45]])
        between.mergedInto = EventID(high: 1, low: 2)
        last.mergedInto = EventID(high: 1, low: 3)
        #expect(lags([between, last]).isEmpty)
        #expect(lags([last]).isEmpty)
    }

    @Test func whatWasSplitOffIsACaseOfItsOwn() {
        let part = JudgedIncident(snapshot: snapshot(2, startsAfter: 90), verdict: .confirmed, splitFrom: EventID(high: 1, low: 1))
        let cases = JudgedIncident.cases(of: [JudgedIncident(snapshot: snapshot(1)), part], library: Self.library)
        #expect(cases.map(\.weight) == [0.45, 1] && cases.map { $0.lags.map(\.seconds) } == [[60], [90]])
    }

    @Test func verdictsWeighOneRejectionsNothingAndACauseNobodyThoughtOfFindsItsStory() {
        func weight(_ verdict: StoryCase.Verdict?, probability: Double = 0.3) -> Double? {
            JudgedIncident.cases(
                of: [JudgedIncident(snapshot: snapshot(1, probability: probability), verdict: verdict)], library: Self.library
            ).first?.weight
        }
        #expect(weight(nil) == nil && weight(nil, probability: 0.9) == 0.45)
        #expect(weight(.confirmed) == 1 && weight(.rejected, probability: 0.9) == nil)
        #expect(weight(.corrected(condition: "fuel.exhausted", siteID: "S")) == 1)
        #expect(weight(.corrected(condition: "fuel.exhausted", siteID: "")) == nil)
        #expect(weight(.corrected(condition: "no.such_thing", siteID: "S")) == nil)
        // Two stories begin with the loss of the grid: nobody said which it was.
        #expect(weight(.corrected(condition: "grid.lost", siteID: "S")) == nil)
    }
}
