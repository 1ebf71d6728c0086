import Testing
import TowerIncidents
import TowerModel

@Suite struct VerdictTests {
    private func judge(_ opinion: CauseOpinion, _ state: IncidentState?) -> Result<IncidentLifecycleEvent, IncidentError> {
        IncidentState.decide(Life.order(.judge(opinion)), state: state)
    }

    struct Row: Sendable {
        var opinion: CauseOpinion
        /// Condition and site of what it was; `nil` where nobody knows.
        var cause: String?
        var about = "dg.start_failed"
    }

    @Test(arguments: [
        Row(opinion: .init(word: .confirmed), cause: "dg.start_failed@S-1"),
        Row(
            opinion: .init(word: .confirmed, candidate: .init(siteID: "S-2", condition: "fuel.exhausted")), cause: "fuel.exhausted@S-2",
            about: "fuel.exhausted"),
        Row(opinion: .init(word: .rejected, reason: "it ran"), cause: nil),
        Row(opinion: .init(word: .corrected, cause: .init(siteID: "S-2", condition: "fuel.exhausted")), cause: "fuel.exhausted@S-2"),
        Row(opinion: .init(word: .corrected, cause: .init(siteID: "", condition: "feeder.lost")), cause: "feeder.lost@"),
        Row(opinion: .init(word: .corrected, cause: .init(siteID: "S-1", condition: "", label: "A cow")), cause: "@S-1"),
    ]) func whatSomebodyKnowsIsKeptWithWhatItIsAbout(_ row: Row) throws {
        var aggregate = Life.inStatus(.resolved)
        let event = try judge(row.opinion, aggregate.state).get()
        #expect(aggregate.apply(event) == .applied && aggregate.state?.status == .resolved)
        let verdict = try #require(aggregate.state?.verdict)
        #expect(verdict.word == row.opinion.word && verdict.actor == "ada" && verdict.at == Life.at(60))
        #expect(verdict.cause.map { "\($0.condition)@\($0.siteID)" } == row.cause && verdict.candidate?.condition == row.about)
    }

    @Test func aCorrectionToACandidateHasItsObjectAndWords() throws {
        let event = try judge(
            .init(word: .corrected, cause: .init(siteID: "S-2", condition: "fuel.exhausted")), Life.inStatus(.open).state
        ).get()
        #expect(event.verdict?.cause == .init(siteID: "S-2", managedObject: "o", condition: "fuel.exhausted", label: "L fuel.exhausted"))
    }

    @Test(arguments: [
        CauseOpinion(word: .corrected), .init(word: .corrected, cause: .init(siteID: "S-1", condition: "", label: "  ")),
        .init(word: .corrected, cause: .init(siteID: "S-99", condition: "grid.lost")),
        .init(word: .confirmed, candidate: .init(siteID: "S-1", condition: "grid.lost")),
        .init(word: .confirmed, candidate: .init(siteID: "", condition: "unknown")),
        .init(word: .corrected, cause: .init(siteID: "", condition: String(repeating: "x", count: 257))),
    ]) func aVerdictThatNamesNothingIsRefused(_ opinion: CauseOpinion) {
        guard case .failure(let error) = judge(opinion, Life.inStatus(.open).state) else { return #expect(Bool(false), "accepted") }
        #expect(error.code == .badVerdict)
    }

    @Test func whereTheEngineKnowsNothingThereIsNothingToConfirm() throws {
        var snapshot = Life.snapshot(1)
        snapshot.rootCauseCandidates = [Life.candidate("", "unknown", 1)]
        let state = IncidentState(first: .engine(.opened, snapshot))
        guard case .failure(let error) = judge(.init(word: .confirmed), state) else { return #expect(Bool(false), "accepted") }
        #expect(error.code == .badVerdict)
        #expect(try judge(.init(word: .corrected, cause: .init(siteID: "S-1", condition: "grid.lost")), state).get().verdict?.candidate == nil)
    }

    @Test func theLastWordCountsAndTheEngineNeverOverwritesIt() throws {
        var aggregate = Life.inStatus(.open)
        for (key, opinion) in [("1", CauseOpinion(word: .confirmed)), ("2", .init(word: .rejected))] {
            var order = Life.order(.judge(opinion))
            order.eventID = IncidentLifecycleEvent.commandEventID(incident: Life.incident, idempotencyKey: key)
            aggregate.apply(try IncidentState.decide(order, state: aggregate.state).get())
        }
        #expect(aggregate.state?.verdict?.word == .rejected)
        for event in [Life.engine(.updated, 5), Life.engine(.resolved, 6, .resolved), Life.engine(.reopened, 7)] { aggregate.apply(event) }
        #expect(aggregate.state?.verdict?.word == .rejected)
        #expect(aggregate.history.compactMap(\.verdict?.word) == [.confirmed, .rejected])
    }
}
