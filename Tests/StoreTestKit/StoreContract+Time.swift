import Testing
import TowerModel
package import TowerStores

extension StoreContract {
    private static func link(
        _ acme: Fleet, _ number: UInt64, _ a: String, _ b: String, kind: TopologyLink.Kind = .hop, at minute: Int, isRemoved: Bool = false
    ) -> LinkVersion {
        LinkVersion(
            TopologyLink(tenantID: acme.tenant, a: a, b: b, kind: kind, parent: b), at: Fleet.at(minute), id: EventID(high: 7, low: number),
            isRemoved: isRemoved, isOfAnyKind: isRemoved)
    }

    private static func site(_ acme: Fleet, _ name: String, at minute: Int, isRemoved: Bool = false) -> SiteVersion {
        SiteVersion(acme.site(name), at: Fleet.at(minute), id: EventID(high: 8, low: UInt64(minute)), isRemoved: isRemoved)
    }

    /// S-3 hangs on S-1 until minute 20 and on S-2 from then on; what came in which order does not matter.
    package static func pastNetwork(_ store: any Store) async throws {
        let acme = Fleet()
        var batches = [ProjectionBatch(group: group, position: 5, after: 0), ProjectionBatch(group: group, position: 9, after: 5)]
        batches[0].linkVersions = [link(acme, 3, "S-3", "S-2", at: 20), link(acme, 2, "S-3", "S-1", at: 20, isRemoved: true)]
        batches[0].siteVersions = [site(acme, "S-1", at: 0), site(acme, "S-2", at: 0), site(acme, "S-3", at: 0)]
        batches[0].alarms = [
            acme.alarm(1, site: "S-3", type: "battery.discharging"),
            acme.alarm(1, site: "S-3", type: "battery.discharging", state: .cleared, changed: 10),
        ]
        batches[1].linkVersions = [link(acme, 1, "S-3", "S-1", at: 0), link(acme, 4, "S-2", "S-1", kind: .fibre, at: 0)]
        for batch in batches { _ = try await store.apply(batch) }

        func links(_ view: TopologyView) -> [String] { view.links.map { "\($0.a)-\($0.b) \($0.kind.rawValue)" } }
        #expect(links(try await store.topology(tenant: acme.tenant)) == ["S-2-S-1 fibre", "S-3-S-2 hop"])
        let then = try await store.topology(tenant: acme.tenant, at: Fleet.at(5))
        #expect(links(then) == ["S-2-S-1 fibre", "S-3-S-1 hop"])
        #expect(then.at == Fleet.at(5))
        #expect(then.sites.map(\.dependents) == [2, 0, 0])
        #expect(then.sites.map(\.state) == [.inService, .inService, .onBattery])
        #expect(then.links.last?.validFrom == Fleet.at(0))
        #expect(links(try await store.topology(tenant: acme.tenant, at: Fleet.at(-60))) == ["S-2-S-1 fibre", "S-3-S-1 hop"])
        let after = try await store.topology(tenant: acme.tenant, at: Fleet.at(20))
        #expect(links(after) == ["S-2-S-1 fibre", "S-3-S-2 hop"])
        #expect(after.sites.map(\.dependents) == [2, 1, 0])
        #expect(after.sites.map(\.state) == [.inService, .inService, .inService])
    }

    package static func retiredSite(_ store: any Store) async throws {
        let acme = Fleet()
        var first = ProjectionBatch(group: group, position: 5, after: 0)
        first.siteVersions = [site(acme, "S-1", at: 0), site(acme, "S-2", at: 0)]
        first.linkVersions = [link(acme, 1, "S-2", "S-1", at: 0)]
        _ = try await store.apply(first)
        var second = ProjectionBatch(group: group, position: 6, after: 5)
        second.siteVersions = [site(acme, "S-2", at: 30, isRemoved: true)]
        _ = try await store.apply(second)
        // A late word of the site, and an older inventory, do not bring it back.
        var third = ProjectionBatch(group: group, position: 7, after: 6)
        third.heard = [acme.heard("S-2", 31)]
        third.siteVersions = [site(acme, "S-2", at: 10)]
        _ = try await store.apply(third)
        let now = try await store.topology(tenant: acme.tenant)
        #expect(now.sites.map(\.site.siteID.rawValue) == ["S-1"] && now.links.isEmpty)
        #expect(now.sites.map(\.dependents) == [0])
        #expect(try await store.site(tenant: acme.tenant, id: SiteID("S-2")) == nil)
        #expect(try await store.fleet(tenant: acme.tenant, now: Fleet.at(40)).totalSites == 1)
        let then = try await store.topology(tenant: acme.tenant, at: Fleet.at(29))
        #expect(then.sites.count == 2 && then.links.count == 1)

        var fourth = ProjectionBatch(group: group, position: 8, after: 7)
        fourth.siteVersions = [site(acme, "S-2", at: 50)]
        _ = try await store.apply(fourth)
        let again = try await store.topology(tenant: acme.tenant)
        #expect(again.sites.count == 2 && again.links.count == 1)
        #expect(again.sites.first?.dependents == 1)
    }
}
