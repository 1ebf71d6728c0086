import Testing
import TowerModel

@testable import TowerCausality

@Suite struct TopologyTests {
    private func topology(_ links: [(String, String, TopologyLink.Kind, String?)]) -> Topology {
        var topology = Topology()
        for (a, b, kind, parent) in links {
            topology.upsert(TopologyLink(tenantID: TenantID("t"), a: a, b: b, kind: kind, parent: parent))
        }
        return topology
    }

    private func names(_ sites: [Int32], _ topology: Topology) -> [String] { sites.map { topology.name($0) } }

    @Test func aChainLosesEverythingBehind() {
        let chain = topology([("B", "A", .hop, "A"), ("C", "B", .hop, "B"), ("D", "C", .hop, "C")])
        #expect(names(chain.dependents(of: chain.find("A")!), chain) == ["B", "C", "D"])
        #expect(names(chain.dependents(of: chain.find("C")!), chain) == ["D"])
        #expect(names(chain.dependents(ofLink: 1), chain) == ["C", "D"])
    }

    @Test func aClosedRingLosesNobodyByOneCutAndTheRestByTwo() {
        let ring = topology([("B", "A", .fibre, "A"), ("C", "B", .fibre, "B"), ("C", "A", .ring, "A"), ("X", "B", .hop, "B")])
        for link in Int32(0)..<3 { #expect(ring.dependents(ofLink: link).isEmpty, "link \(link)") }
        #expect(names(ring.dependents(of: ring.find("B")!), ring) == ["X"])
    }

    @Test func aSecondParentFeedsASite() {
        let two = topology([("B", "A", .hop, "A"), ("C", "A", .hop, "A"), ("D", "B", .hop, "B"), ("D", "C", .hop, "C")])
        #expect(names(two.dependents(of: two.find("B")!), two).isEmpty)
        #expect(names(two.dependents(of: two.find("A")!), two) == ["B", "C", "D"])
    }

    @Test func linksWithoutParentsHaveNoDependents() {
        let graph = topology([("A", "B", .adjacent, nil), ("B", "C", .adjacent, nil)])
        #expect(graph.dependents(of: graph.find("B")!).isEmpty)
        #expect(names(graph.neighbours(of: graph.find("B")!), graph) == ["A", "C"])
    }

    @Test func aLoopOfParentsEnds() {
        let loop = topology([("B", "A", .hop, "A"), ("C", "B", .hop, "B"), ("A", "C", .hop, "C")])
        #expect(names(loop.dependents(of: loop.find("A")!), loop) == ["B", "C"])
        #expect(loop.path(of: loop.find("A")!).count <= 6)
    }

    @Test func inventoryMayComeInAnyOrderAndChange() {
        var topology = Topology()
        topology.upsert(TopologyLink(tenantID: TenantID("t"), a: "B", b: "A", kind: .hop, parent: "A"))
        topology.upsert(Site(siteID: SiteID("B"), tenantID: TenantID("t"), name: "Bako", feederID: "F-1"))
        let site = topology.find("B")!
        #expect(topology.title(site) == "Bako")
        #expect(topology.feeder(of: site).map { topology.members(ofFeeder: $0) } == [site])
        topology.upsert(Site(siteID: SiteID("B"), tenantID: TenantID("t"), name: "Bako", feederID: "F-2"))
        #expect(topology.feeder(of: site).map { topology.feederName($0) } == "F-2")
        #expect(topology.members(ofFeeder: 0).isEmpty)
        topology.upsert(TopologyLink(tenantID: TenantID("t"), a: "A", b: "B", kind: .fibre, parent: "B"))
        #expect(topology.links.count == 1)
        #expect(topology.dependents(of: site).map { topology.name($0) } == ["A"])
    }
}
