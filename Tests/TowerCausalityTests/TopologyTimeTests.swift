import Testing
import TowerModel

@testable import TowerCausality

@Suite struct TopologyTimeTests {
    private static func at(_ minute: Int) -> Timestamp { Timestamp("2026-03-01T00:00:00Z")!.adding(seconds: Double(minute) * 60) }

    /// `minute link A B parent [kind]`, `minute gone A B`, `minute site S [feeder]`, `minute retired S`; `=` before the minute: exact.
    private static func insert(_ line: String, into topology: inout Topology) {
        let words = line.split(separator: " ").map(String.init)
        let isExact = words[0].hasPrefix("=")
        let minute = Int(isExact ? String(words[0].dropFirst()) : words[0])!
        let id = EventID.derived(from: .platformNamespace, line)
        switch words[1] {
        case "link", "gone":
            let isRemoved = words[1] == "gone"
            let link = TopologyLink(
                tenantID: TenantID("t"), a: words[2], b: words[3],
                kind: words.count > 5 ? TopologyLink.Kind(rawValue: words[5])! : isRemoved ? .adjacent : .hop,
                parent: isRemoved || words[4] == "-" ? nil : words[4])
            topology.take(LinkVersion(link, at: at(minute), id: id, isRemoved: isRemoved, isOfAnyKind: isRemoved, isExact: isExact))
        default:
            let site = Site(
                siteID: SiteID(words[2]), tenantID: TenantID("t"), name: words[2], feederID: words.count > 3 ? words[3] : nil)
            topology.take(SiteVersion(site, at: at(minute), id: id, isRemoved: words[1] == "retired", isExact: isExact))
        }
    }

    private static func topology(_ lines: [String]) -> Topology {
        var topology = Topology()
        for line in lines { insert(line, into: &topology) }
        return topology
    }

    private static func below(_ site: String, _ topology: Topology) -> [String] {
        topology.find(site).map { topology.dependents(of: $0).map { topology.name($0) } } ?? []
    }

    private static let rehome = ["0 link B A A", "0 link C A A", "0 link S B B", "60 gone S B", "60 link S C C"]

    @Test func aRehomedSiteFellWithItsOldHubAndFallsWithItsNewOne() {
        let now = Self.topology(Self.rehome)
        #expect(Self.below("B", now) == [])
        #expect(Self.below("C", now) == ["S"])
        let then = now.asOf(Self.at(59))
        #expect(Self.below("B", then) == ["S"])
        #expect(Self.below("C", then) == [])
        #expect(then.path(of: then.find("S")!).compactMap { $0.kind == .site ? then.name($0.number) : nil } == ["B", "A"])
        #expect(Self.below("C", now.asOf(Self.at(60))) == ["S"])
        // Numbers are the same ones.
        #expect(then.siteCount == now.siteCount && then.links.count == now.links.count)
    }

    @Test func whatIsFirstWrittenDownWasThereBeforeUnlessItSaysSinceWhen() {
        #expect(Self.below("B", Self.topology(Self.rehome).asOf(Self.at(-1_000))) == ["S"])
        let exact = Self.topology(["=0 link S B B"])
        #expect(Self.below("B", exact.asOf(Self.at(-1))) == [])
        #expect(Self.below("B", exact.asOf(Self.at(0))) == ["S"])
    }

    @Test func aSiteKeepsItsOwnHomeWhereItsOwnTimeIsAsked() {
        let now = Self.topology(Self.rehome + ["90 gone C A", "90 link C B B"])
        let mixed = now.asOf(Self.at(100), homes: ["S": Self.at(10)])
        #expect(Self.below("B", mixed) == ["C", "S"])
        #expect(Self.below("C", mixed) == [])
    }

    @Test func theOrderOfArrivalDoesNotMatter() {
        var lines = Self.rehome + [
            "30 site S F-1", "70 site S F-2", "80 retired C", "85 site C F-9", "40 link S D D fibre", "45 gone S D", "20 site B", "10 link D A A",
        ]
        var seed: UInt64 = 42
        func described(_ topology: Topology) -> [String] {
            [-10, 5, 35, 42, 50, 61, 75, 82, 90].flatMap { minute in
                let past = topology.asOf(Self.at(minute))
                return ["A", "B", "C", "D"].map { "\(minute) \($0): \(Self.below($0, past))" }
                    + ["S", "C"].map { site in "\(site) \(past.feeder(of: past.find(site)!).map { past.feederName($0) } ?? "-")" }
            } + ["A", "B", "C", "D"].map { "now \($0): \(Self.below($0, topology))" }
        }
        let first = described(Self.topology(lines))
        var bytes = StateWriter()
        Self.topology(lines).history.encode(into: &bytes)
        for _ in 0..<40 {
            for index in stride(from: lines.count - 1, to: 0, by: -1) {
                seed = seed &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                lines.swapAt(index, Int(seed >> 33) % (index + 1))
            }
            let other = Self.topology(lines)
            #expect(described(other) == first)
            var writer = StateWriter()
            other.history.encode(into: &writer)
            #expect(writer.bytes == bytes.bytes)
        }
    }

    @Test func aFeederHoldsForItsTime() {
        let now = Self.topology(["0 site S F-1", "60 site S F-2", "0 site T F-1"])
        let s = now.find("S")!
        #expect(now.feeder(of: s).map { now.feederName($0) } == "F-2")
        let then = now.asOf(Self.at(30))
        #expect(then.feeder(of: s).map { then.feederName($0) } == "F-1")
        #expect(then.members(ofFeeder: then.feeder(of: s)!).count == 2)
    }

    @Test func aDecommissionedSiteCarriesNobodyUntilItReturns() {
        let lines = ["0 link B A A", "0 link S B B", "50 retired B"]
        let now = Self.topology(lines)
        #expect(Self.below("A", now) == [])
        #expect(Self.below("A", now.asOf(Self.at(49))) == ["B", "S"])
        #expect(Self.below("A", Self.topology(lines + ["70 site B"])) == ["B", "S"])
    }

    @Test func onlyRealChangesCount() {
        let same = Self.topology(["0 link S B B", "60 link S B B", "0 site S F", "60 site S F"])
        #expect(same.history.lastChange == .distantPast)
        #expect(Self.topology(Self.rehome).history.lastChange == Self.at(60))
    }

    @Test func anInventoryWrittenEveryNightCostsNoMore() {
        var topology = Topology()
        for night in 0..<2_000 { Self.insert("\(night * 1_440) link S B B", into: &topology) }
        var writer = StateWriter()
        topology.history.encode(into: &writer)
        #expect(writer.bytes.count < 1_000)
        #expect(topology.history.lastChange == .distantPast)
    }

    @Test func stateIsRestored() throws {
        let topology = Self.topology(Self.rehome + ["0 site S F-1", "80 retired C"])
        var writer = StateWriter()
        topology.encode(into: &writer)
        var reader = StateReader(writer.bytes)
        let restored = try Topology(decoding: &reader)
        var again = StateWriter()
        restored.encode(into: &again)
        #expect(again.bytes == writer.bytes)
        #expect(Self.below("B", restored.asOf(Self.at(59))) == ["S"])
    }
}
