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
