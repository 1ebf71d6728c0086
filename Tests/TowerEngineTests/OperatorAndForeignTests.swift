import Testing
import TowerModel

@testable import TowerEngine

@Suite struct OperatorTests {
    private func opened(_ script: String, until: String) -> (engine: Engine, id: EventID) {
        let outcome = Outcome(script, until: until)
        return (outcome.engine, outcome.incidents[0].incidentID)
    }

    private func action(_ kind: OperatorAction.Kind, _ id: EventID, _ at: String) -> OperatorAction {
        OperatorAction(tenantID: TenantID("acme"), incidentID: id, kind: kind, at: EventScript.instant(at))
    }

    @Test func whatAPersonResolvedStaysResolvedUntilServiceIsLost() {
        var (engine, id) = opened(Scenes.startFailed, until: "02:40:00")
        #expect(engine.apply(action(.resolve, id, "02:41:00")).incidents.map(\.kind) == [.resolved])
        let quiet = EventScript("02:45:00 HUB battery.telemetry i=-60 soc=70\n03:10:00 HUB battery.low state=raised soc=35\n")
        var later = engine.process(quiet.batch, arrivedAt: nil)
        later.append(engine.advance(to: EventScript.instant("03:30:00")))
        #expect(later.incidents.isEmpty)
        let dark = EventScript(
            "03:40:00 HUB power.dc.lvd_open state=raised priority=2 v=43\n03:40:10 HUB ran.cell_down state=raised cell=1\n")
        var lost = engine.process(dark.batch, arrivedAt: nil)
        lost.append(engine.advance(to: EventScript.instant("03:50:00")))
        #expect(lost.incidents.first?.kind == .reopened)
        #expect(lost.incidents.first?.snapshot.incidentID == id)
    }

    @Test func aPersonMayReopen() {
        var (engine, id) = opened(Scenes.startFailed, until: "02:40:00")
        _ = engine.apply(action(.resolve, id, "02:41:00"))
        #expect(engine.apply(action(.reopen, id, "02:42:00")).incidents.map(\.kind) == [.reopened])
    }

    @Test func mergingKeepsTheTargetAndSaysWhere() {
        let outcome = Outcome(Scenes.startFailed + Scenes.rain.replacing("15:", with: "02:"), until: "02:40:00")
        var engine = outcome.engine
        let (source, target) = (outcome.incidents[0].incidentID, outcome.incidents[1].incidentID)
        let merged = engine.apply(action(.merge(into: target), source, "02:41:00"))
        #expect(merged.incidents.first?.kind == .merged)
        #expect(merged.incidents.first?.snapshot.mergedInto == target)
    }

    /// A dark hub takes two sites along; a person knows that one of them failed for a reason of its own.
    @Test func whatAPersonSplitOffGoesOnByItselfThoughTheEngineWouldDrawItBack() throws {
        let dark = """
            03:40:00 HUB power.dc.lvd_open state=raised priority=2 v=43
            03:40:10 HUB ran.cell_down state=raised cell=1
            03:40:12 KID1 ran.cell_down state=raised cell=1
            03:40:13 KID2 ran.cell_down state=raised cell=1

            """
        let outcome = Outcome(Scenes.startFailed + dark, until: "03:48:00")
        let whole = try #require(outcome.only)
        let alarm = try #require(outcome.activeAlarms.first { $0.siteID == SiteID("KID2") })
        #expect(whole.alarmIDs.contains(alarm.alarmID) && whole.affectedSites.contains { $0.siteID == SiteID("KID2") })
        let part = EventID(high: 5, low: 5)
        let cut = IncidentCut(into: part, alarmIDs: [alarm.alarmID], siteIDs: [SiteID("KID2")], eventIDs: [])
        var engine = outcome.engine
        let split = engine.apply(action(.split(cut), whole.incidentID, "03:49:00"))
        #expect(split.incidents.map(\.kind) == [.updated, .updated])
        let rest = try #require(split.incidents.first { $0.snapshot.incidentID == whole.incidentID }?.snapshot)
        let own = try #require(split.incidents.first { $0.snapshot.incidentID == part }?.snapshot)
        #expect(rest.alarmIDs == whole.alarmIDs.filter { $0 != alarm.alarmID } && rest.reason == "a person split off another matter")
        #expect(own.alarmIDs == [alarm.alarmID] && own.revision == 2 && own.siteID == SiteID("KID2"))
        #expect(split.alarms.contains { $0.alarmID == alarm.alarmID && $0.incidentID == part })

        // The same from the state that a checkpoint keeps.
        var bytes = StateWriter()
        engine.encode(into: &bytes)
        var reader = StateReader(bytes.bytes)
        var engines = [engine, try Engine(decoding: &reader)]
        let later = EventScript("03:55:00 KID2 ran.cell_down state=raised cell=2\n04:20:00 KID1 ran.cell_down state=raised cell=2\n")
        for index in engines.indices {
            var after = engines[index].process(later.batch, arrivedAt: nil)
            after.append(engines[index].advance(to: EventScript.instant("04:30:00")))
            #expect(after.alarms.last { $0.siteID == SiteID("KID2") }?.incidentID == part)
            #expect(after.alarms.last { $0.siteID == SiteID("KID1") }?.incidentID == whole.incidentID)
            #expect(!after.incidents.contains { $0.kind == .merged })
            #expect(!after.incidents.contains { $0.snapshot.incidentID == whole.incidentID && $0.snapshot.alarmIDs.contains(alarm.alarmID) })
        }
        // Once more changes nothing; a person may put them together again.
        #expect(engines[0].apply(action(.split(cut), whole.incidentID, "04:31:00")).isEmpty)
        #expect(engines[0].apply(action(.merge(into: whole.incidentID), part, "04:32:00")).incidents.first?.kind == .merged)
    }

    @Test func anAlarmOfABurstThatNoStoryKnowsIsLetGo() throws {
        let script = """
            link D1 D2
            00:00:01 D1 alarm.raised alarm_type=B device_id=D1
            00:00:04 D2 alarm.raised alarm_type=A device_id=D2
            00:00:06 D2 alarm.raised alarm_type=C device_id=D2

            """
        let outcome = Outcome(script, until: "00:05:00")
        var engine = outcome.engine
        let whole = try #require(outcome.only)
        let alarm = try #require(outcome.activeAlarms.first { $0.alarmType == "C" })
        let part = EventID(high: 5, low: 5)
        let split = action(.split(IncidentCut(into: part, alarmIDs: [alarm.alarmID], siteIDs: [], eventIDs: [])), whole.incidentID, "00:06:00")
        let told = engine.apply(split)
        #expect(told.incidents.map(\.kind) == [.updated])
        #expect(told.incidents.first?.snapshot.alarmIDs == whole.alarmIDs.filter { $0 != alarm.alarmID })
        #expect(told.alarms.map(\.alarmID) == [alarm.alarmID] && told.alarms.first?.incidentID == part)
        #expect(engine.apply(split).isEmpty)
    }

    @Test func anUnknownIncidentOrTenantChangesNothing() {
        var (engine, id) = opened(Scenes.startFailed, until: "02:40:00")
        #expect(engine.apply(action(.resolve, EventID(high: 1, low: 1), "02:41:00")).isEmpty)
        var foreign = action(.resolve, id, "02:41:00")
        foreign.tenantID = TenantID("other")
        #expect(engine.apply(foreign).isEmpty)
    }
}

@Suite struct ForeignStreamTests {
    private let links = "link D1 D2\nlink D2 D3\nlink D8 D9\n"

    /// Bursts in which B always opens and A follows, every half hour.
    private func history(_ count: Int) -> String {
        (0..<count).map { round in
            let (hour, minute) = (round / 2, round % 2 * 30)
            let clock = { (second: Int) in
                "\(hour < 10 ? "0" : "")\(hour):\(minute < 10 ? "0" : "")\(minute):\(second < 10 ? "0" : "")\(second)"
            }
            return
                "\(clock(1)) D1 alarm.raised alarm_type=B device_id=D1\n\(clock(4)) D2 alarm.raised alarm_type=A device_id=D2\n"
        }.joined()
    }

    @Test func aBurstOnLinkedDevicesIsOneIncidentThatEndsByQuiet() {
        let outcome = Outcome(links + history(1), until: "00:20:00")
        #expect(outcome.only?.status == .resolved)
        #expect(outcome.only?.affectedSites.map(\.siteID.rawValue).sorted() == ["D1", "D2"])
        #expect(outcome.only?.eventIDs.count == 2)
    }

    @Test func unlinkedDevicesAreSeparateAndALoneMinorAlarmIsNoIncident() {
        let script =
            links + "00:00:01 D1 alarm.raised alarm_type=A device_id=D1\n00:00:02 D9 alarm.raised alarm_type=A device_id=D9\n"
        #expect(Outcome(script, until: "00:20:00").incidents.isEmpty)
        let major = links + "00:00:01 D1 alarm.raised alarm_type=A device_id=D1 severity=major\n"
        #expect(Outcome(major, until: "00:20:00").incidents.count == 1)
    }

    @Test func theOpenerOfEarlierBurstsIsTheRootEvenWhenItComesSecond() {
        let script =
            links + history(30)
            + "20:00:01 D2 alarm.raised alarm_type=A device_id=D2\n20:00:05 D1 alarm.raised alarm_type=B device_id=D1\n"
        let last = Outcome(script, until: "20:30:00").incidents.last
        #expect(last?.rootCauseCandidates.first?.eventType == "B")
        #expect(last?.rootCauseCandidates.first?.siteID == "D1")
    }

    @Test func earlyAnswersAreLessSure() throws {
        let incidents = Outcome(links + history(30), until: "20:30:00").incidents
        let first = try #require(incidents.first?.rootCauseCandidates.first { $0.condition == "unknown" }?.probability)
        let last = try #require(incidents.last?.rootCauseCandidates.first { $0.condition == "unknown" }?.probability)
        #expect(first > last)
    }

    @Test func aReadingOutOfItsLimitIsAnAlarmButNoIncident() {
        var script = Scenes.fleet
        for minute in 10..<40 { script += "05:\(minute):00 KID1 env.telemetry t_in=\(minute < 20 ? 28 : 48) t_out=22\n" }
        let outcome = Outcome(script, until: "05:50:00")
        #expect(outcome.activeAlarms.contains { $0.alarmType == "env.high_temp" && $0.source == .detected })
        #expect(outcome.incidents.isEmpty)
    }
}
