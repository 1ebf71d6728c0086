import Testing
import TowerIncidents
import TowerModel

@Suite struct TransitionTests {
    static let commands: [IncidentCommand] = [
        .acknowledge, .assign(to: "bob"), .comment("hm"), .resolve(reason: "fixed"), .reopen(reason: "again"), .merge(into: Life.other),
        .judge(Life.wrong), .split(alarms: [], sites: [SiteID("S-2")], reason: "another matter"),
    ]

    struct Row: Sendable {
        var status: IncidentState.Status
        /// One letter per command of `commands`: `y` accepted, `-` refused as an invalid transition.
        var accepted: String
        /// The status after each accepted command, in order.
        var after: [IncidentState.Status]
    }

    static let table = [
        Row(status: .open, accepted: "yyyy-yyy", after: [.acknowledged, .open, .open, .resolved, .merged, .open, .open]),
        Row(status: .acknowledged, accepted: "-yyy-yyy", after: [.acknowledged, .acknowledged, .resolved, .merged, .acknowledged, .acknowledged]),
        Row(status: .resolved, accepted: "--y-y-y-", after: [.resolved, .open, .resolved]),
        Row(status: .autoClosed, accepted: "--y-y-y-", after: [.autoClosed, .open, .autoClosed]),
        Row(status: .merged, accepted: "--y-----", after: [.merged]),
    ]

    @Test(arguments: table) func everyCommandInEveryStatus(_ row: Row) throws {
        let aggregate = Life.inStatus(row.status)
        #expect(aggregate.state?.status == row.status)
        var after = row.after[...]
        for (command, letter) in zip(Self.commands, row.accepted) {
            let result = IncidentState.decide(Life.order(command), state: aggregate.state, target: Life.target())
            switch result {
            case .failure(let error):
                #expect(letter == "-", "\(command) in \(row.status) was refused")
                #expect(error.code == .invalidTransition)
                #expect(error.code.name == "incident.invalid_transition")
            case .success(let event):
                #expect(letter == "y", "\(command) in \(row.status) was accepted")
                var next = aggregate
                next.apply(event)
                #expect(next.state?.status == after.popFirst(), "after \(command) in \(row.status)")
                #expect(next.history.last == event)
            }
        }
        #expect(after.isEmpty)
    }

    @Test func theTableHasEveryStatus() { #expect(Set(Self.table.map(\.status)) == Set(IncidentState.Status.allCases)) }

    @Test func anEventTheStateDoesNotAllowIsNotedWithoutEffect() {
        for row in Self.table {
            for action in IncidentTransitions.Action.allCases where !IncidentTransitions.allows(action, in: row.status) {
                var aggregate = Life.inStatus(row.status)
                let before = aggregate.state
                let effect = aggregate.apply(Life.person(action.kind, key: "late", assignee: "eve", into: Life.other))
                #expect(effect == .noted)
                #expect(aggregate.state?.status == before?.status)
                #expect(aggregate.state?.assignee == before?.assignee)
            }
        }
    }

    @Test(arguments: [
        (IncidentCommand.merge(into: Life.incident), "incident.merge_into_itself"), (.comment("  \n"), "incident.bad_text"),
        (.comment(String(repeating: "x", count: 4001)), "incident.bad_text"),
        (.resolve(reason: String(repeating: "x", count: 4001)), "incident.bad_text"),
        (.assign(to: String(repeating: "x", count: 129)), "incident.bad_text"),
    ]) func refusesWhatMakesNoSense(_ command: IncidentCommand, _ code: String) {
        let result = IncidentState.decide(Life.order(command), state: Life.inStatus(.open).state, target: Life.target())
        #expect(throws: IncidentError.self) { try result.get() }
        if case .failure(let error) = result { #expect(error.code.name == code) }
    }

    @Test func anUnknownIncidentAndAForeignTenantsAreTheSameAnswer() {
        let state = Life.inStatus(.open).state
        for result in [
            IncidentState.decide(Life.order(.acknowledge), state: nil),
            IncidentState.decide(Life.order(.acknowledge, tenant: TenantID("rival")), state: state),
            IncidentState.decide(Life.order(.acknowledge, incident: Life.other), state: state),
        ] {
            guard case .failure(let error) = result else {
                Issue.record("accepted")
                continue
            }
            #expect(error.code == .unknown)
        }
    }

    @Test func mergesOnlyIntoALivingIncidentOfTheSameTenant() {
        let targets: [IncidentState?] = [
            nil, Life.target(.resolved), Life.target(.merged), Life.target(.autoClosed), Life.target(tenant: TenantID("rival")),
        ]
        for target in targets {
            let result = IncidentState.decide(
                Life.order(.merge(into: Life.other)), state: Life.inStatus(.open).state, target: target)
            guard case .failure(let error) = result else {
                Issue.record("accepted")
                continue
            }
            #expect(error.code == .mergeTarget)
        }
    }
}
