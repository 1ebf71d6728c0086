import Testing
import TowerIncidents
import TowerModel

@Suite struct SplitTests {
    private func split(alarms: [UInt64] = [], sites: [String] = [], _ state: IncidentState? = Life.inStatus(.open).state)
        -> Result<IncidentLifecycleEvent, IncidentError>
    {
        IncidentState.decide(
            Life.order(.split(alarms: alarms.map(Life.event), sites: sites.map { SiteID($0) }, reason: "another matter")), state: state,
            members: Life.alarms)
    }

    @Test(arguments: [[], ["S-2"]]) func asSiteOrAsItsOnlyAlarmTheSameLeaves(_ sites: [String]) throws {
        var aggregate = Life.inStatus(.open)
        let before = try #require(aggregate.state)
        let event = try split(alarms: sites.isEmpty ? [12] : [], sites: sites).get()
        let cut = try #require(event.split)
        // The third event is also of an alarm that stays.
        #expect(cut.alarmIDs == [Life.event(12)] && cut.siteIDs == [SiteID("S-2")] && cut.eventIDs == [Life.event(2)])
        #expect(aggregate.apply(event) == .applied)

        let rest = try #require(aggregate.state?.snapshot)
        #expect(rest.affectedSites.map(\.siteID.rawValue) == ["S-1"] && rest.affectedOperators == ["op-S-1"])
        #expect(rest.alarmIDs == [Life.event(11), Life.event(13)] && rest.alarmCount == 2)
        #expect(rest.eventIDs == [Life.event(1), Life.event(3)] && rest.timeline.map(\.nodeID) == ["a"] && rest.edges.isEmpty)
        #expect(rest.rootCauseCandidates.map(\.condition) == ["dg.start_failed", "unknown"])
        #expect(abs(rest.rootCauseCandidates.reduce(0) { $0 + $1.probability } - 1) < 1e-9)

        let part = try #require(before.part(of: event, members: Life.alarms))
        #expect(part.incidentID == cut.into && part.incidentID == IncidentLifecycleEvent.partID(ofSplit: event.eventID))
        #expect(part.revision == 1 && part.status == .open && part.needsPerson && part.severity == .critical)
        #expect(part.siteID == SiteID("S-2") && part.title == "L fuel.exhausted at S-2" && part.onsetAt == Life.at(5))
        #expect(part.alarmIDs == [Life.event(12)] && part.alarmCount == 1 && part.timeline.map(\.nodeID) == ["b", "c"])
        #expect(part.reason == "split off by ada: another matter")
        // Nothing is lost: what is not in one is in the other.
        #expect(Set(rest.alarmIDs).union(part.alarmIDs) == Set(before.snapshot.alarmIDs))
        #expect(Set(rest.eventIDs).union(part.eventIDs) == Set(before.snapshot.eventIDs))

        let opened = IncidentLifecycleEvent.opened(part, by: event)
        let state = try #require(IncidentState(first: opened))
        #expect(state.splitFrom == Life.incident && opened.actor == "ada" && state.status == .open)
    }

    @Test func anAlarmOfASiteThatStaysLeavesAlone() throws {
        let cut = try #require(try split(alarms: [13]).get().split)
        #expect(cut.alarmIDs == [Life.event(13)] && cut.siteIDs.isEmpty && cut.eventIDs.isEmpty)
    }

    @Test(arguments: [
        ([], []), ([99], []), ([], ["S-9"]), ([11, 12, 13], []), ([], ["S-1", "S-2"]), (Array(repeating: 11, count: 1_001), []),
        ([], Array(repeating: "S-2", count: 201)),
    ] as [([UInt64], [String])]) func nothingStrangersAndEverythingAreRefused(_ alarms: [UInt64], _ sites: [String]) {
        guard case .failure(let error) = split(alarms: alarms, sites: sites) else { return #expect(Bool(false), "accepted") }
        #expect(error.code == .splitMembers)
    }

    @Test func theEngineDoesNotDrawBackWhatWasSplitOffUntilAPersonDoes() throws {
        var aggregate = Life.inStatus(.open)
        let event = try split(sites: ["S-2"]).get()
        aggregate.apply(event)
        // It had not heard of the split yet.
        aggregate.apply(Life.engine(.updated, 5))
        #expect(aggregate.state?.snapshot.revision == 5 && aggregate.state?.snapshot.affectedSites.map(\.siteID.rawValue) == ["S-1"])
        var back = event
        back.eventID = Life.event(77)
        back.split = IncidentCut(into: try #require(event.split).into, alarmIDs: [], siteIDs: [], eventIDs: [])
        #expect(aggregate.apply(back) == .applied && aggregate.state?.cuts == nil)
        aggregate.apply(Life.engine(.updated, 6))
        #expect(aggregate.state?.snapshot == Life.snapshot(6))
    }
}
