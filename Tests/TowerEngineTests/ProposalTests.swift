import Testing
import TowerCausality
import TowerModel

@testable import TowerEngine

/// Links that nobody declared are proposed, told once, and never again when rejected.
@Suite struct ProposalTests {
    /// Six sites on a feeder, one of which nobody declared, and five outages on five days.
    private static func script(days: Range<Int>) -> String {
        let fleet = days.lowerBound == 0 ? (0..<5).map { "site S-\($0) feeder_id=F-1\n" }.joined() + "site S-9\n" : ""
        return fleet
            + days.flatMap { day in
                [0, 1, 2, 3, 4, 9].map { site in
                    "\(day)+0\(2 + day % 5):10:0\(site) S-\(site) power.grid.outage\n"
                } + [0, 1, 2, 3, 4, 9].map { site in
                    "\(day)+0\(3 + day % 5):10:0\(site) S-\(site) power.grid.outage state=cleared\n"
                }
            }.joined()
    }

    private static func run(_ engine: inout Engine, _ days: Range<Int>) -> [ProposedLinks] {
        engine.process(EventScript(script(days: days)).batch, arrivedAt: nil).proposals
    }

    @Test func aSiteThatFallsWithAFeederIsProposedForIt() throws {
        var engine = Engine()
        let told = Self.run(&engine, 0..<8)
        let list = try #require(told.last)
        #expect(list.links.map { "\($0.kind.rawValue) \($0.site) \($0.other)" } == ["feeder S-9 F-1"])
        #expect(list.links[0].together >= 3 && list.links[0].confidence > 0.7)
        #expect(told.map(\.version) == Array(1...told.count))
        // Not used before it is confirmed.
        #expect(engine.tenants[0].topology.feeder(of: engine.tenants[0].topology.find("S-9")!) == nil)
    }

    @Test func whatWasRejectedIsNotProposedAgain() throws {
        var engine = Engine()
        _ = Self.run(&engine, 0..<8)
        #expect(engine.apply(Self.word(.reject)).proposals.last?.links.isEmpty == true)
        var writer = StateWriter()
        engine.encode(into: &writer)
        var reader = StateReader(writer.bytes)
        var restored = try Engine(decoding: &reader)
        #expect(Self.run(&restored, 8..<16).allSatisfy { $0.links.isEmpty })
    }

    private static func word(_ kind: LinkVerdict.Kind, site: String = "S-9", other: String = "F-1", reason: String = "") -> LinkVerdict {
        LinkVerdict(
            tenantID: TenantID("acme"), link: .feeder, site: site, other: other, kind: kind, actor: "ada",
            at: Timestamp("2026-01-20T00:00:00Z")!, reason: reason)
    }

    @Test func whoSaidWhatIsToldAndCanBeTakenBack() throws {
        var engine = Engine()
        _ = Self.run(&engine, 0..<8)
        let list = try #require(engine.apply(Self.word(.reject, reason: "two poles")).proposals.last)
        #expect(list.judged == [Self.word(.reject, reason: "two poles")] && list.rejections == 1)
        // Said twice it is said once.
        #expect(engine.apply(Self.word(.reject)).proposals.isEmpty)
        let again = try #require(engine.apply(Self.word(.undo)).proposals.last)
        #expect(again.links.map(\.site) == ["S-9"] && again.judged.isEmpty && again.rejections == 0)
        #expect(engine.apply(Self.word(.undo)).proposals.isEmpty)
        let confirmed = try #require(engine.apply(Self.word(.confirm)).proposals.last)
        #expect(confirmed.links.isEmpty && confirmed.judged.map(\.kind) == [.confirm] && confirmed.rejections == 0)
    }

    @Test func noRejectionIsForgottenForAnother() throws {
        var engine = Engine()
        _ = Self.run(&engine, 0..<8)
        _ = engine.apply(Self.word(.reject))
        for number in 1..<LinkProposal.maximumRejections { _ = engine.apply(Self.word(.reject, site: "X-\(number)")) }
        #expect(engine.apply(Self.word(.reject, site: "X-TOO-MANY")).proposals.isEmpty)
        // Of those that are told again only the newest are, but all hold.
        var list = try #require(engine.apply(Self.word(.undo, site: "X-1")).proposals.last)
        #expect(list.rejections == LinkProposal.maximumRejections - 1 && list.judged.count == ProposalBook.maximumJudged)
        #expect(list.links.isEmpty)
        list = try #require(engine.apply(Self.word(.undo)).proposals.last)
        #expect(list.links.map(\.site) == ["S-9"])
    }

    @Test func theListIsToldAgainBeforeItSinksBelowIncidents() throws {
        var engine = Engine()
        let told = try #require(Self.run(&engine, 0..<8).last)
        var output = EngineOutput()
        for _ in 1..<ProposalBook.recordsBetween - engine.tenants[0].proposals.recordsSince {
            engine.tenants[0].keepProposalsNear(into: &output)
        }
        #expect(output.proposals.isEmpty)
        engine.tenants[0].keepProposalsNear(into: &output)
        let again = try #require(output.proposals.first)
        #expect(again.links == told.links && again.version == told.version + 1 && output.proposals.count == 1)
        #expect(engine.tenants[0].proposals.recordsSince == 0)
    }

    /// Whoever reports every four hours is not heard most of the time: that is no fall, whoever else reports with it.
    @Test func silenceBetweenSlowReportsIsNoFall() {
        func falls(everyMinutes: Int, days: Int, silentFrom day: Int?) -> Int {
            var engine = Engine()
            var lines = "link S-1 H-1 kind=hop parent=H-1\n"
            for minute in stride(from: 0, to: days * 1_440, by: everyMinutes) {
                for site in ["S-1", "S-2", "H-1"] where site != "S-2" || day.map({ minute / 1_440 < $0 }) ?? true {
                    lines += "\(minute / 1_440)+\(minute % 1_440 / 60):\(minute % 60):00 \(site) rms.heartbeat\n"
                }
            }
            _ = engine.process(EventScript(lines).batch, arrivedAt: nil)
            let topology = engine.tenants[0].topology
            return ["S-1", "S-2", "H-1"].reduce(0) { $0 + engine.tenants[0].proposals.falls.falls(.reach, of: topology.find($1)!).count }
        }
        #expect(falls(everyMinutes: 240, days: 20, silentFrom: nil) == 0)
        #expect(falls(everyMinutes: 5, days: 2, silentFrom: 1) == 1)
    }

    @Test func aReplayProposesTheSame() {
        var (one, other) = (Engine(), Engine())
        #expect(Self.run(&one, 0..<8) == Self.run(&other, 0..<8))
        #expect(one.stateHashes() == other.stateHashes())
    }
}
