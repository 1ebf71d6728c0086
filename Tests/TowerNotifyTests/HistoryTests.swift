import Testing
import TowerIncidents
import TowerModel

@testable import TowerNotify

/// Nobody is told of what was over before it reached us: imports, replays, the backlog of a long stop.
@Suite struct HistoryTests {
    private static let day = 1440.0

    private static func seen(_ minute: Double, _ knowledge: IncidentSnapshot.TimelineNode.Knowledge = .reported) -> IncidentSnapshot.TimelineNode {
        IncidentSnapshot.TimelineNode(
            nodeID: "n\(minute)", lane: .grid, condition: "grid.lost", label: "grid lost", siteID: "SITE-1", managedObject: "grid",
            knowledge: knowledge, at: Script.at(minute))
    }

    @Test func anIncidentOfAnImportedWeekIsToldToNobody() {
        var script = Script([Script.route(kinds: [.opened, .updated, .escalated, .resolved, .alarmCritical], steps: [5])])
        let late = 7 * Self.day
        script.engine(.opened, .minor, 0, arrives: late)
        script.engine(.updated, .critical, 10, arrives: late + 1)
        script.alarm(.raised, .critical, 10, arrives: late + 1)
        script.engine(.resolved, .critical, 20, arrives: late + 2)
        script.pass(late + 600)
        #expect(script.lines.isEmpty)
    }

    @Test(arguments: [(359.0, true), (361, false)]) func aBacklogIsToldWhileItIsNews(lateMinutes: Double, isTold: Bool) {
        var script = Script([Script.route(kinds: [.opened, .alarmCritical])])
        script.engine(.opened, .major, 0, arrives: lateMinutes)
        script.alarm(.raised, .critical, 0, arrives: lateMinutes)
        #expect(script.told.count == (isTold ? 2 : 0))
    }

    @Test(arguments: [(-Self.day + 5, true), (-Self.day - 5, false)])
    func oldEventsInALiveNetworkAreNews(evidence: Double, isTold: Bool) {
        // The engine's clock is today's; what the incident rests on is as old as it says, what it foresees does not count.
        var script = Script([Script.route()])
        script.engine(.opened, .major, 0) { $0.timeline = [Self.seen(evidence - 60), Self.seen(evidence), Self.seen(30, .predicted)] }
        #expect(script.lines == (isTold ? ["0 incident.opened"] : []))
    }

    @Test func somethingNewMakesHistoryNews() {
        var script = Script([Script.route(kinds: [.opened, .updated, .resolved])])
        script.engine(.opened, .major, 0) { $0.timeline = [Self.seen(-3 * Self.day)] }
        script.engine(.updated, .major, 1) { $0.timeline = [Self.seen(-3 * Self.day)] }
        #expect(script.lines.isEmpty)
        script.engine(.updated, .major, 2) { $0.timeline = [Self.seen(-3 * Self.day), Self.seen(2)] }
        script.engine(.resolved, .major, 30) { $0.timeline = [Self.seen(-3 * Self.day), Self.seen(2)] }
        #expect(script.lines == ["2 incident.opened", "30 incident.resolved"])
    }

    @Test func whatIsWatchedForDaysIsToldWhenItBecomesAPersons() {
        var script = Script([Script.route()])
        script.engine(.opened, .minor, 0, needsPerson: false) { $0.timeline = [Self.seen(0)] }
        script.engine(.updated, .minor, 2 * Self.day, needsPerson: true) { $0.timeline = [Self.seen(0)] }
        #expect(script.lines == ["2880 incident.opened"])
    }

    @Test func aPersonWhoReopensHistoryMeansToday() {
        var script = Script([Script.route()])
        script.engine(.opened, .major, 0, arrives: 7 * Self.day)
        script.engine(.resolved, .major, 5, arrives: 7 * Self.day)
        script.person(.reopened, 7 * Self.day + 1)
        #expect(script.told.map(\.kind) == [.opened])
    }
}
