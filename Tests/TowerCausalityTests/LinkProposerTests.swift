import Testing
import TowerModel

@testable import TowerCausality

@Suite struct LinkProposerTests {
    private static let start = Timestamp("2026-03-01T00:00:00Z")!

    private struct Random {
        var seed: UInt64
        mutating func unit() -> Double {
            seed = seed &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Double(seed >> 11) / Double(UInt64(1) << 53)
        }
    }

    private static func at(_ seconds: Double) -> Timestamp { start.adding(seconds: seconds) }

    /// Feeders with ten members each, of which two are not declared; every feeder falls `falls` times in 60 days, every site also
    /// alone. Hubs with six children, of which two are not declared; hubs fall with all they carry.
    private static func world(seed: UInt64, falls count: Int) -> (Topology, FallBook, truth: Set<String>) {
        var random = Random(seed: seed)
        var (topology, book, truth) = (Topology(), FallBook(), Set<String>())
        let days = 60.0 * 86_400
        func alone(_ kind: FallBook.Kind, _ site: Int32, _ times: Int) {
            for _ in 0..<times { book.note(kind, site: site, at: at(random.unit() * days)) }
        }
        for group in 0..<6 {
            var members: [Int32] = []
            for member in 0..<10 {
                let name = "G\(group)-\(member)"
                let hidden = member < 2
                topology.upsert(
                    Site(siteID: SiteID(name), tenantID: TenantID("t"), name: name, feederID: hidden ? nil : "F-\(group)"))
                if hidden { truth.insert("\(name)>F-\(group)") }
                members.append(topology.find(name)!)
                alone(.grid, members[member], 2)
            }
            for _ in 0..<count {
                let fall = random.unit() * days
                for member in members where random.unit() < 0.9 { book.note(.grid, site: member, at: at(fall + random.unit() * 90)) }
            }
        }
        for group in 0..<6 {
            let hub = "H\(group)"
            topology.upsert(TopologyLink(tenantID: TenantID("t"), a: hub, b: "CORE", kind: .fibre, parent: "CORE"))
            var children = [topology.find(hub)!]
            for child in 0..<6 {
                let name = "\(hub)-\(child)"
                if child < 2 {
                    _ = topology.site(name)
                    truth.insert("\(name)>\(hub)")
                } else {
                    topology.upsert(TopologyLink(tenantID: TenantID("t"), a: name, b: hub, kind: .hop, parent: hub))
                }
                children.append(topology.find(name)!)
                alone(.reach, children.last!, 2)
            }
            for _ in 0..<count {
                let fall = random.unit() * days
                for child in children where random.unit() < 0.95 { book.note(.reach, site: child, at: at(fall + random.unit() * 120)) }
            }
        }
        return (topology, book, truth)
    }

    @Test func whatFellTogetherAgainAndAgainIsProposedAndLittleElse() {
        var (right, proposed, all) = (0, 0, 0)
        for seed in UInt64(1)...20 {
            let (topology, book, truth) = Self.world(seed: seed, falls: 6)
            let found = LinkProposer.propose(book, topology).map { "\($0.site)>\($0.other)" }
            #expect(Set(found).count == found.count)
            right += Set(found).intersection(truth).count
            proposed += found.count
            all += truth.count
        }
        #expect(Double(right) >= 0.98 * Double(proposed), "\(right) of \(proposed)")
        #expect(Double(right) >= 0.8 * Double(all), "\(right) of \(all)")
    }

    @Test func twiceIsChance() {
        let (topology, book, _) = Self.world(seed: 5, falls: 2)
        #expect(LinkProposer.propose(book, topology).isEmpty)
    }

    @Test func sitesThatFallOnTheirOwnAreNotProposed() {
        var random = Random(seed: 3)
        var (topology, book) = (Topology(), FallBook())
        for index in 0..<200 {
            let name = "S-\(index)"
            topology.upsert(Site(siteID: SiteID(name), tenantID: TenantID("t"), name: name, feederID: index < 100 ? "F-\(index / 10)" : nil))
            for _ in 0..<20 {
                book.note(.grid, site: topology.find(name)!, at: Self.at(random.unit() * 30 * 86_400))
                book.note(.reach, site: topology.find(name)!, at: Self.at(random.unit() * 30 * 86_400))
            }
        }
        #expect(LinkProposer.propose(book, topology).isEmpty)
    }

    @Test func declaredSitesAreLeftAlone() {
        var (topology, book, truth) = Self.world(seed: 9, falls: 6)
        for pair in truth.sorted() {
            let ends = pair.split(separator: ">").map(String.init)
            topology.upsert(
                TopologyLink(
                    tenantID: TenantID("t"), a: ends[0], b: ends[1], kind: ends[1].hasPrefix("F") ? .feeder : .hop,
                    parent: ends[1].hasPrefix("F") ? nil : ends[1]))
        }
        truth = []
        #expect(LinkProposer.propose(book, topology).isEmpty)
    }

    // MARK: Hubs and siblings

    /// A core with the hubs P and S on it and, maybe, H; each carries two sites. `truth` says what falls with what.
    private static func tree(isDeclared: Bool, parent: String = "P") -> Topology {
        var topology = Topology()
        func hang(_ site: String, on hub: String) {
            topology.upsert(TopologyLink(tenantID: TenantID("t"), a: site, b: hub, kind: .hop, parent: hub))
        }
        hang("P", on: "CORE")
        hang("S", on: "P")
        for hub in ["P", "S", "H"] { for child in 0..<2 { hang("\(hub)-\(child)", on: hub) } }
        if isDeclared { hang("H", on: parent) }
        return topology
    }

    private static func fall(_ book: inout FallBook, _ topology: Topology, _ sites: [String], day: Int) {
        for (place, site) in sites.enumerated() {
            book.note(.reach, site: topology.find(site)!, at: at(Double(day) * 86_400 + Double(place) * 10))
        }
    }

    @Test func aHubWithoutAParentIsProposedWithItsChildrenBelowIt() {
        let topology = Self.tree(isDeclared: false)
        var book = FallBook()
        for day in 0..<6 { Self.fall(&book, topology, ["P", "P-0", "P-1", "S", "S-0", "H", "H-0", "H-1"], day: day * 5) }
        // S falls alone as well, so that it is not S that takes H along.
        for day in 0..<2 { Self.fall(&book, topology, ["S", "S-0", "S-1"], day: day * 5 + 2) }
        #expect(LinkProposer.propose(book, topology).map { "\($0.site)>\($0.other)" } == ["H>P"])
        #expect(LinkProposer.propose(book, Self.tree(isDeclared: true)).isEmpty)
    }

    @Test func ofASiblingThatAlsoFallsAloneAndTheParentTheParentIsProposed() {
        var topology = Self.tree(isDeclared: true)
        let leaf = topology.site("L")
        var book = FallBook()
        for day in 0..<8 { Self.fall(&book, topology, ["P", "S", "H", "L"], day: day * 4) }
        for day in 0..<2 { Self.fall(&book, topology, ["S"], day: day * 4 + 2) }
        let found = LinkProposer.propose(book, topology)
        #expect(found.map { "\($0.site)>\($0.other)" } == ["\(topology.name(leaf))>P"])
    }

    @Test(arguments: [(0, 0, false), (0, 6, true), (6, 0, false), (5, 5, false)])
    func ofTwoOpenHubsTheOneThatAlsoFallsAloneIsBelow(upperAlone: Int, lowerAlone: Int, isTold: Bool) {
        var topology = Topology()
        for hub in ["UP", "LOW"] {
            for child in 0..<2 {
                topology.upsert(TopologyLink(tenantID: TenantID("t"), a: "\(hub)-\(child)", b: hub, kind: .hop, parent: hub))
            }
        }
        var book = FallBook()
        for day in 0..<12 { Self.fall(&book, topology, ["UP", "LOW"], day: day * 3) }
        for day in 0..<upperAlone { Self.fall(&book, topology, ["UP"], day: day * 3 + 1) }
        for day in 0..<lowerAlone { Self.fall(&book, topology, ["LOW"], day: day * 3 + 2) }
        let found = LinkProposer.propose(book, topology).map { "\($0.site)>\($0.other)" }
        #expect(found.contains("LOW>UP") == isTold)
        #expect(found.contains("UP>LOW") == (upperAlone > lowerAlone && upperAlone >= 5))
    }

    @Test func aRejectedPairGivesWayToTheNextBest() {
        let (topology, book, _) = Self.world(seed: 5, falls: 6)
        let first = LinkProposer.propose(book, topology)
        let rejected = first[0]
        let rest = LinkProposer.propose(book, topology) { $0 == rejected.kind && $1 == rejected.site && $2 == rejected.other }
        #expect(!rest.contains { $0.site == rejected.site && $0.other == rejected.other })
        #expect(first.dropFirst().allSatisfy { rest.contains($0) })
    }

    // MARK: What is known of falls

    @Test func whatIsOnlyKnownToAnHourCoincidesByChance() {
        func proposals(grain: Double) -> [LinkProposal] {
            var topology = Topology()
            for child in 0..<2 { topology.upsert(TopologyLink(tenantID: TenantID("t"), a: "C-\(child)", b: "HUB", kind: .hop, parent: "HUB")) }
            let site = topology.site("S")
            var book = FallBook()
            for fall in 0..<3 {
                book.note(.reach, site: topology.find("HUB")!, at: Self.at(Double(fall) * 40_000), grain: grain)
                book.note(.reach, site: site, at: Self.at(Double(fall) * 40_000 + 5), grain: grain)
            }
            book.note(.reach, site: topology.find("C-0")!, at: Self.at(400_000))
            return LinkProposer.propose(book, topology)
        }
        #expect(proposals(grain: 0).map(\.site) == ["S"])
        #expect(proposals(grain: 3_600).isEmpty)
    }

    @Test func theRateOfASiteThatFallsAllTheTimeIsThatOfWhatIsKept() {
        var topology = Topology()
        for child in 0..<2 { topology.upsert(TopologyLink(tenantID: TenantID("t"), a: "C-\(child)", b: "HUB", kind: .hop, parent: "HUB")) }
        let site = topology.site("S")
        var random = Random(seed: 7)
        var book = FallBook()
        book.note(.reach, site: topology.find("C-0")!, at: Self.at(0))
        // A year of quiet, then both fall every hour or so with nothing between them.
        let year = 365.0 * 86_400
        for _ in 0..<400 {
            book.note(.reach, site: site, at: Self.at(year + random.unit() * 10 * 86_400))
            book.note(.reach, site: topology.find("HUB")!, at: Self.at(year + random.unit() * 10 * 86_400))
        }
        #expect(LinkProposer.propose(book, topology).isEmpty)
    }

    @Test func aStateRememberedIsTheSameBook() throws {
        var book = FallBook()
        for fall in 0..<5 { book.note(.reach, site: Int32(fall % 2), at: Self.at(Double(fall) * 10_000), grain: Double(fall) * 100) }
        var writer = StateWriter()
        book.encode(into: &writer)
        var reader = StateReader(writer.bytes)
        let again = try FallBook(decoding: &reader)
        for site in Int32(0)..<2 {
            #expect(again.falls(.reach, of: site) == book.falls(.reach, of: site))
            #expect(again.grain(.reach, of: site) == book.grain(.reach, of: site))
        }
    }

    @Test func theOrderInWhichFallsAreHeardDoesNotMatter() {
        var random = Random(seed: 11)
        let falls = (0..<40).map { (Int32($0 % 4), Self.at(Double($0 / 4) * 20_000 + random.unit() * 60)) }
        var one = FallBook()
        for fall in falls { one.note(.grid, site: fall.0, at: fall.1) }
        var other = FallBook()
        for fall in falls.reversed() { other.note(.grid, site: fall.0, at: fall.1) }
        for site in Int32(0)..<4 { #expect(one.falls(.grid, of: site) == other.falls(.grid, of: site)) }
    }

    @Test(arguments: [(3, 3, 0.1, -6.9078), (1, 2, 0.5, -0.2877), (0, 5, 0.2, 0.0), (5, 5, 1.0, 0.0)])
    func theTailIsTheBinomials(_ count: Int, _ total: Int, _ p: Double, _ expected: Double) {
        #expect(abs(LinkProposer.logTail(count, of: total, p) - expected) < 1e-3)
    }
}
