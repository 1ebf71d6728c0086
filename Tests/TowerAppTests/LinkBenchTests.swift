import Testing
import TowerEngine
import TowerModel

@testable import TowerApp

/// The scorer of `towerco bench links`: what is left out, and what counts as found.
@Suite struct LinkBenchTests {
    private static let start = Timestamp("2026-01-01T00:00:00Z")!

    private static func event(_ type: String, _ site: String, _ payload: String) -> [UInt8] {
        Array("{\"event_type\":\"\(type)\",\"site_id\":\"\(site)\",\"payload\":\(payload)}".utf8)
    }

    private static func fleet() -> [[UInt8]] {
        (0..<8).map { event("inventory.site", "S-\($0)", "{\"feeder_id\":\"F-\($0 / 4)\"}") }
            + (1..<8).map { event("topology.link", "S-\($0)", "{\"a\":\"S-\($0)\",\"b\":\"S-0\",\"kind\":\"hop\",\"parent\":\"S-0\"}") }
    }

    @Test func theSameSeedLeavesTheSameOutAndNothingElseChanges() {
        var (one, other) = (InventoryCensor(seed: 7, hidden: 0.5), InventoryCensor(seed: 7, hidden: 0.5))
        one.choose(from: Self.fleet())
        other.choose(from: Self.fleet())
        #expect(one.truth == other.truth)
        #expect(one.truth.count { $0.kind == .feeder } == 4 && one.truth.count { $0.kind == .upstream } == 3)
        let kept = Self.fleet().compactMap { one.censored($0) }
        #expect(kept.count == 8 + 4)
        for link in one.truth where link.kind == .feeder {
            let alarm = Self.event("power.grid.outage", link.site, "{\"feeder_id\":\"\(link.other)\",\"state\":\"raised\"}")
            let text = String(decoding: one.censored(alarm) ?? [], as: UTF8.self)
            #expect(!text.contains("feeder_id") && text.contains("raised"))
        }
        let reading = Self.event("power.dc.telemetry", "S-1", "{\"bus_v\":53.9}")
        #expect(one.censored(reading) == reading)
    }

    @Test func nothingIsLeftOutOfASmallFeederOrWithoutAShare() {
        for (fleet, hidden) in [(Array(Self.fleet().prefix(2)), 0.5), (Self.fleet(), 0)] {
            var censor = InventoryCensor(seed: 1, hidden: hidden)
            censor.choose(from: fleet)
            #expect(censor.truth.isEmpty)
        }
    }

    @Test func whatWasEverProposedCountsOnceAndFromItsFirstDay() {
        func list(_ day: Double, _ pairs: [(String, String)]) -> ProposedLinks {
            ProposedLinks(
                tenantID: TenantID("t"), version: 1, at: Self.start.adding(seconds: day * 86_400), reason: "",
                links: pairs.map {
                    LinkProposal(
                        kind: .feeder, site: $0.0, other: $0.1, episodes: [], since: Self.start, together: 3, ofOther: 3, ofSite: 3, logChance: -9,
                        confidence: 0.8)
                }, judged: [], rejections: 0)
        }
        let truth: Set<LinkScore.Link> = [.init(kind: .feeder, site: "A", other: "F"), .init(kind: .feeder, site: "B", other: "F")]
        var score = LinkScore(.feeder)
        score.hidden = truth.count
        #expect(score.precision == nil && score.recall == 0 && score.medianDays == nil)
        score.take(list(3, [("A", "F")]), truth: truth, from: Self.start)
        score.take(list(5, [("A", "F"), ("C", "F")]), truth: truth, from: Self.start)
        #expect(score.proposed == 2 && score.right == 1 && score.recall == 0.5 && score.precision == 0.5 && score.medianDays == 3)
        var upstream = LinkScore(.upstream)
        upstream.take(list(3, [("A", "F")]), truth: truth, from: Self.start)
        #expect(upstream.proposed == 0)
    }
}
