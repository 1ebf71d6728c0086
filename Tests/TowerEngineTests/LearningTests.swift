import Testing
import TowerLearning
import TowerModel

@testable import TowerEngine

@Suite struct LearningTests {
    private let links = "link D1 D2\nlink D2 D3\n"

    /// UP opens, DOWN follows on the linked device, OTHER comes alone, over the hours of a day and a little of the next.
    private func day(_ day: Int) -> String {
        (0..<96).map { quarter in
            let clock = "\(day)+\(quarter / 4):\(quarter % 4 * 15)"
            let burst = "\(clock):01 D1 alarm.raised alarm_type=UP device_id=D1\n\(clock):04 D2 alarm.raised alarm_type=DOWN device_id=D2\n"
            return quarter % 3 == 0 ? burst + "\(clock):50 D3 alarm.raised alarm_type=OTHER device_id=D3\n" : burst
        }.joined()
    }

    private func run(_ text: String, _ engine: inout Engine) -> EngineOutput {
        engine.process(EventScript(text).batch, arrivedAt: nil)
    }

    private func verdict(_ cause: String, _ effect: String, _ kind: CausalVerdict.Kind) -> CausalVerdict {
        CausalVerdict(tenantID: TenantID("acme"), cause: cause, effect: effect, kind: kind, at: EventScript.instant("2+03:00:00"))
    }

    private func taught() -> (engine: Engine, graph: LearnedGraph?) {
        var engine = Engine()
        var output = run(links + day(0), &engine)
        output.append(run(day(1), &engine))
        output.append(run("2+01:00:00 D3 alarm.raised alarm_type=OTHER device_id=D3\n", &engine))
        return (engine, output.graphs.last)
    }

    @Test func aDayOfForeignAlarmsTeachesAGraphOnce() throws {
        let graph = try #require(taught().graph)
        #expect(graph.version == 2 && graph.tenantID == TenantID("acme"))
        let edge = try #require(graph.edges.first { $0.asserted })
        #expect(edge.cause == "UP" && edge.effect == "DOWN" && edge.score > 0.5)
        #expect(graph.edges.allSatisfy { $0.verdict == nil })
    }

    @Test func verdictsAreObeyedAtOnceAndTakenBack() throws {
        var (engine, _) = taught()
        let vetoed = try #require(engine.apply(verdict("UP", "DOWN", .veto)).graphs.first)
        #expect(vetoed.edges.first { $0.cause == "UP" && $0.effect == "DOWN" }?.verdict == .vetoed)
        #expect(!vetoed.edges.contains { $0.cause == "UP" && $0.asserted })
        let cleared = try #require(engine.apply(verdict("UP", "DOWN", .clear)).graphs.first)
        #expect(cleared.version == vetoed.version + 1 && cleared.edges.allSatisfy { $0.verdict == nil })
        let confirmed = try #require(engine.apply(verdict("DOWN", "OTHER", .confirm)).graphs.first)
        #expect(confirmed.edges.first?.verdict == .confirmed && confirmed.edges.first?.asserted == true)
        let circle = try #require(engine.apply(verdict("OTHER", "DOWN", .confirm)).graphs.first)
        #expect(circle.reason.contains("not confirmed") && !circle.edges.contains { $0.cause == "OTHER" && $0.verdict == .confirmed })
        #expect(engine.apply(verdict("DOWN", "DOWN", .confirm)).isEmpty)
    }

    @Test func aVetoOutlivesTheNextEstimate() throws {
        var (engine, _) = taught()
        _ = engine.apply(verdict("UP", "DOWN", .veto))
        var output = run(day(2), &engine)
        output.append(run("3+01:00:00 D3 alarm.raised alarm_type=OTHER device_id=D3\n", &engine))
        let next = try #require(output.graphs.last)
        #expect(next.reason.hasPrefix("learned") && !next.edges.contains { $0.cause == "UP" && $0.effect == "DOWN" && $0.asserted })
    }

    @Test func theEffectOfAConfirmedCauseIsNoRoot() throws {
        var (engine, _) = taught()
        let burst = "2+02:00:01 D1 alarm.raised alarm_type=UP device_id=D1\n2+02:00:04 D2 alarm.raised alarm_type=DOWN device_id=D2\n2+02:10:00 D3 site.ping x=1\n"
        var free = engine
        func root(_ engine: inout Engine) -> IncidentSnapshot.RootCauseCandidate? {
            var output = run(burst, &engine)
            output.append(engine.finish())
            return output.incidents.last?.snapshot.rootCauseCandidates.first
        }
        let learned = try #require(root(&free))
        #expect(learned.eventType == "UP" && learned.evidenceFor.contains { $0.text == "UP brings DOWN, which came (learned)" })
        // A person who knows that it is the other way round is believed against the statistics.
        _ = engine.apply(verdict("DOWN", "UP", .confirm))
        #expect(root(&engine)?.eventType == "DOWN")
    }

    @Test func aRestoredEngineKnowsWhatItHadLearned() throws {
        var (engine, _) = taught()
        _ = engine.apply(verdict("DOWN", "OTHER", .confirm))
        var writer = StateWriter()
        engine.encode(into: &writer)
        var reader = StateReader(writer.bytes)
        var restored = try Engine(decoding: &reader)
        var again = StateWriter()
        restored.encode(into: &again)
        #expect(again.bytes == writer.bytes)
        let more = day(2) + "3+01:00:00 D3 alarm.raised alarm_type=OTHER device_id=D3\n"
        let (left, right) = (run(more, &engine), run(more, &restored))
        #expect(left.graphs == right.graphs && left.graphs.count >= 1)
        #expect(left.incidents == right.incidents)
    }

    @Test func aTenantWithoutForeignAlarmsIsToldNothing() {
        #expect(Outcome(Scenes.startFailed, until: "1+02:40:00").engine.tenants.allSatisfy { $0.causes.version == 0 })
    }
}
