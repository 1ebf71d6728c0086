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
        let verdict = LinkVerdict(tenantID: TenantID("acme"), link: .feeder, site: "S-9", other: "F-1", kind: .reject, actor: "ada", at: Timestamp("2026-01-01T00:00:00Z")!)
        #expect(engine.apply(verdict).proposals.last?.links.isEmpty == true)
        var writer = StateWriter()
        engine.encode(into: &writer)
        var reader = StateReader(writer.bytes)
        var restored = try Engine(decoding: &reader)
        #expect(Self.run(&restored, 8..<16).allSatisfy { $0.links.isEmpty })
    }

    @Test func aReplayProposesTheSame() {
        var (one, other) = (Engine(), Engine())
        #expect(Self.run(&one, 0..<8) == Self.run(&other, 0..<8))
        #expect(one.stateHashes() == other.stateHashes())
    }
}
