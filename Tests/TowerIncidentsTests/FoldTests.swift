import Testing
import TowerIncidents
import TowerModel

@Suite struct FoldTests {
    struct Story: Sendable, CustomTestStringConvertible {
        var name: String
        var events: [IncidentLifecycleEvent]
        var status: IncidentState.Status
        var revision: Int
        var testDescription: String { name }
    }

    static let stories: [Story] = [
        Story(name: "engine opens and refines", events: [Life.engine(.opened, 1), Life.engine(.updated, 2)], status: .open, revision: 2),
        Story(
            name: "an acknowledgement outlives the engine's updates",
            events: [Life.engine(.opened, 1), Life.person(.acknowledged), Life.engine(.updated, 2)], status: .acknowledged, revision: 2),
        Story(
            name: "a person's resolve sticks although the engine updates",
            events: [Life.engine(.opened, 1), Life.person(.resolved), Life.engine(.updated, 2), Life.engine(.updated, 3)],
            status: .resolved, revision: 3),
        Story(
            name: "the engine's reopening ends a person's resolve, and the acknowledgement",
            events: [
                Life.engine(.opened, 1), Life.person(.acknowledged), Life.person(.resolved), Life.engine(.reopened, 2),
                Life.engine(.updated, 3),
            ], status: .open, revision: 3),
        Story(
            name: "a person's reopening holds against a revision decided before",
            events: [
                Life.engine(.opened, 1), Life.engine(.resolved, 2, .resolved), Life.person(.reopened),
                Life.engine(.updated, 3, .resolved),
            ], status: .open, revision: 3),
        Story(
            name: "after a person's reopening the engine may resolve anew",
            events: [
                Life.engine(.opened, 1), Life.engine(.resolved, 2, .resolved), Life.person(.reopened),
                Life.engine(.reopened, 3), Life.engine(.resolved, 4, .resolved),
            ], status: .resolved, revision: 4),
        Story(
            name: "a person's merge holds until the engine reopens",
            events: [Life.engine(.opened, 1), Life.person(.merged, into: Life.other), Life.engine(.updated, 2)], status: .merged,
            revision: 2),
        Story(
            name: "the engine's merge wins over a person's resolve",
            events: [Life.engine(.opened, 1), Life.person(.resolved), Life.engine(.merged, 2, .merged, into: Life.other)],
            status: .merged, revision: 2),
        Story(
            name: "an older revision has no effect",
            events: [Life.engine(.opened, 1), Life.engine(.updated, 5), Life.engine(.resolved, 4, .resolved)], status: .open, revision: 5
        ),
        Story(
            name: "without its opening it begins with what is there",
            events: [Life.person(.acknowledged), Life.engine(.updated, 7)], status: .open, revision: 7),
        Story(
            name: "a reopening by a person needs a new acknowledgement",
            events: [
                Life.engine(.opened, 1), Life.person(.acknowledged), Life.person(.resolved), Life.person(.reopened),
            ], status: .open, revision: 1),
    ]

    @Test(arguments: stories) func tells(_ story: Story) {
        let state = Life.fold(story.events).state
        #expect(state?.status == story.status)
        #expect(state?.snapshot.revision == story.revision)
    }

    @Test(arguments: stories) func everyEventTwiceIsTheSameAsOnce(_ story: Story) {
        #expect(Life.fold(story.events.flatMap { [$0, $0] }) == Life.fold(story.events))
        // What came before the incident was known is lost to the fold; a replay of the log meets it in the same order.
        guard story.events.first?.snapshot != nil else { return }
        #expect(Life.fold(story.events + story.events).state == Life.fold(story.events).state)
    }

    @Test(arguments: stories) func unknownEventsAreNotThere(_ story: Story) {
        var unknown = Life.person(.commented, key: "new")
        unknown.eventType = "incident.mitigated"
        let mixed = story.events.flatMap { [$0, unknown] }
        #expect(Life.fold(mixed).state == Life.fold(story.events).state)
    }

    @Test(arguments: stories) func theStateAloneFoldsLikeTheAggregate(_ story: Story) {
        var state: IncidentState?
        for event in story.events {
            if state == nil { state = IncidentState(first: event) } else { _ = state?.apply(event) }
        }
        #expect(state == Life.fold(story.events).state)
    }

    @Test func assigningToNobodyTakesItAway() {
        var aggregate = Life.fold([Life.engine(.opened, 1), Life.person(.assigned, key: "1", assignee: "bob")])
        #expect(aggregate.state?.assignee == "bob")
        aggregate.apply(Life.person(.assigned, key: "2", assignee: ""))
        #expect(aggregate.state?.assignee == nil)
        #expect(aggregate.history.count == 3)
    }

    @Test func derivedIdsDependOnTheirCausesOnly() {
        #expect(Life.engine(.updated, 2).eventID == Life.engine(.updated, 2).eventID)
        #expect(Life.engine(.updated, 2).eventID != Life.engine(.updated, 3).eventID)
        #expect(Life.engine(.updated, 2).eventID != Life.engine(.resolved, 2).eventID)
        let key = IncidentLifecycleEvent.commandEventID(incident: Life.incident, idempotencyKey: "a")
        #expect(key != IncidentLifecycleEvent.commandEventID(incident: Life.other, idempotencyKey: "a"))
    }

    @Test func anAlarmsStatesAreOrdered() {
        func alarm(_ state: Alarm.State, _ minute: Int) -> Alarm {
            Alarm(
                alarmID: EventID(high: 9, low: 9), tenantID: Life.tenant, siteID: SiteID("S"), managedObject: "grid",
                alarmType: "power.grid.outage", probableCause: 106, severity: .major, state: state, raisedAt: Life.at(0),
                changedAt: Life.at(minute), eventIDs: [])
        }
        #expect(AlarmRevision.supersedes(alarm(.changed, 5), changedAt: Life.at(4), isCleared: false))
        #expect(!AlarmRevision.supersedes(alarm(.changed, 3), changedAt: Life.at(4), isCleared: false))
        #expect(AlarmRevision.supersedes(alarm(.cleared, 3), changedAt: Life.at(4), isCleared: false))
        #expect(!AlarmRevision.supersedes(alarm(.raised, 3), changedAt: Life.at(4), isCleared: true))
        #expect(AlarmRevision.eventID(alarm(.changed, 5)) != AlarmRevision.eventID(alarm(.changed, 6)))
        #expect(AlarmRevision.eventID(alarm(.changed, 5)) == AlarmRevision.eventID(alarm(.changed, 5)))
    }
}
