import Foundation
import Testing
package import TowerModel
package import TowerStores

/// What every `Store` promises, as checks on a fresh, empty one. Each adapter's tests call them all.
package enum StoreContract {
    package static let group = "dashboard-service"
    package static let checks: [(name: String, run: @Sendable (any Store) async throws -> Void)] = [
        ("an empty store answers empty", emptyStore), ("everything written is read back", roundTrip),
        ("a slice met again changes nothing", sliceTwice), ("an older position changes nothing", olderPosition),
        ("a reset empties read models and keeps accounts", reset), ("a replay writes the same again", replay),
        ("site lists page, filter and count", sitePages), ("alarm lists page, filter and count", alarmPages),
        ("incident lists page and filter", incidentPages), ("numbers count per tenant", numbers),
        ("a foreign or broken cursor is refused", badCursors), ("a stale alarm state has no effect", staleAlarm),
        ("a resolve by a person sticks", personResolve), ("a verdict and a split are kept", verdictAndSplit), ("a cleared site is in service again", recovery),
        ("the fleet adds up", fleet), ("two tenants with the same site ids never meet", tenancy),
        ("samples thin to extremes and drop by age", samples), ("accounts", accounts),
        ("changes are coalesced per key", coalesced), ("unheard devices become bare sites", bareSites),
        ("KPIs page", kpiPages), ("forecasts page, and the newest wins", forecastPages), ("a move from elsewhere is refused whole", movedElsewhere),
        ("the network is answered as it was", pastNetwork), ("a decommissioned site is gone until it returns", retiredSite),
        ("parts of a log move apart", parts), ("text of any kind is kept", anyText),
    ]

    package static func json(_ value: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(value), as: UTF8.self)
    }

    /// Everything that a tenant can be told, as text, to compare two stores.
    package static func dump(_ store: any Store, _ tenant: TenantID) async throws -> String {
        var lines: [String] = []
        lines.append(try json(try await store.fleet(tenant: tenant, now: Fleet.at(30))))
        lines.append(try json(try await store.topology(tenant: tenant)))
        for view in try await store.topology(tenant: tenant).sites {
            lines.append(try json(try await store.site(tenant: tenant, id: view.site.siteID)))
            let series = try await store.series(
                tenant: tenant, site: view.site.siteID, metrics: ["m"], from: .distantPast, to: .distantFuture, maxPoints: 1000)
            lines.append(try json(series))
        }
        lines.append(try json(try await store.alarms(tenant: tenant, filter: AlarmFilter(), limit: 1000, cursor: nil)))
        let all = IncidentFilter(statuses: [.open, .acknowledged, .resolved, .autoClosed, .merged])
        for incident in try await store.incidents(tenant: tenant, filter: all, limit: 1000, cursor: nil).items {
            lines.append(try json(try await store.incident(tenant: tenant, id: incident.number)))
        }
        lines.append(try json(try await store.kpis(tenant: tenant, kpi: nil, site: nil, limit: 1000, cursor: nil)))
        return lines.joined(separator: "\n")
    }

    package static func emptyStore(_ store: any Store) async throws {
        let tenant = TenantID("acme")
        #expect(try await store.position(of: group) == 0)
        let fleet = try await store.fleet(tenant: tenant, now: Fleet.at(0))
        #expect(fleet.totalSites == 0 && fleet.powerAvailability == nil && fleet.stormSince == nil)
        #expect(Set(fleet.states.keys) == Set(SiteState.allCases.map(\.rawValue)))
        #expect(try await store.sites(tenant: tenant, filter: SiteFilter(), limit: 10, cursor: nil).items.isEmpty)
        #expect(try await store.site(tenant: tenant, id: SiteID("S")) == nil)
        #expect(try await store.incident(tenant: tenant, id: "INC-1") == nil)
        #expect(try await store.incident(tenant: tenant, id: "no such thing") == nil)
        #expect(try await store.alarm(tenant: tenant, id: EventID(high: 1, low: 1)) == nil)
        #expect(try await store.kpis(tenant: tenant, kpi: nil, site: nil, limit: 1, cursor: nil).total == 0)
    }

    package static func roundTrip(_ store: any Store) async throws {
        let acme = Fleet()
        _ = try await store.apply(acme.everything())
        #expect(try await store.position(of: group) == 10)

        let site = try #require(try await store.site(tenant: acme.tenant, id: SiteID("S-1")))
        #expect(site.site == acme.site("S-1", isHub: true))
        #expect(site.state == .onBattery)
        #expect(site.stateReason == "grid lost 03:00 UTC, generator did not start, on battery, INC-1")
        #expect(site.severity == .critical)
        #expect(site.activeAlarms == 2)
        #expect(site.incidentNumber == "INC-1" && site.incidentID == acme.id(50))
        #expect(site.autonomy?.minutesP50 == 47)
        #expect(site.lastEventAt == Fleet.at(4))
        #expect(site.dependents == 2)
        #expect(site.latest?.map(\.metric) == ["battery.i", "power.dc.bus_v"])
        #expect(site.latest?.first?.value == -31)

        let alarm = try #require(try await store.alarm(tenant: acme.tenant, id: acme.id(2)))
        #expect(alarm.alarm == acme.alarm(2, site: "S-1", type: "dg.start_failed", severity: .critical, raised: 1, incident: acme.id(50)))
        #expect(alarm.siteName == "acme S-1" && alarm.incidentNumber == "INC-1")

        let incident = try #require(try await store.incident(tenant: acme.tenant, id: "INC-1"))
        #expect(try await store.incident(tenant: acme.tenant, id: acme.id(50).description) == incident)
        #expect(incident.status == .acknowledged && incident.acknowledgedBy == "ada" && incident.assignee == "bob")
        #expect(incident.snapshot == acme.engine("", acme.snapshot(
            50, revision: 2, affected: [("S-1", .onBattery), ("S-2", .atRisk)], alarms: [1, 2], minute: 3)).snapshot)
        #expect(incident.history?.map(\.eventType) == [
            "incident.opened", "incident.updated", "incident.acknowledged", "incident.assigned", "incident.commented",
        ])
        #expect(incident.history?.map(\.text) == ["revision 1", "revision 2", "", "bob", "on my way"])

        let topology = try await store.topology(tenant: acme.tenant)
        #expect(topology.sites.map(\.site.siteID.rawValue) == ["S-1", "S-2", "S-3", "S-9"])
        #expect(topology.links == acme.everything().links.sorted { $0.a < $1.a })
        #expect(topology.sites[1].state == .watch)
        #expect(topology.sites[2].state == .inService)
    }

    package static func sliceTwice(_ store: any Store) async throws {
        let acme = Fleet()
        let first = try await store.apply(acme.everything())
        #expect(!first.isEmpty)
        let before = try await dump(store, acme.tenant)
        #expect(try await store.apply(acme.everything()).isEmpty)
        #expect(try await dump(store, acme.tenant) == before)
        // The same records under a later position: a second copy on the log.
        _ = try await store.apply(acme.everything(position: 20, after: 10))
        #expect(try await dump(store, acme.tenant) == before)
        #expect(try await store.position(of: group) == 20)
    }

    package static func olderPosition(_ store: any Store) async throws {
        let acme = Fleet()
        _ = try await store.apply(ProjectionBatch(group: group, position: 30))
        #expect(try await store.apply(acme.everything(position: 30)).isEmpty)
        #expect(try await store.site(tenant: acme.tenant, id: SiteID("S-1")) == nil)
        // Another group has its own position.
        _ = try await store.apply(ProjectionBatch(group: "other", position: 3))
        #expect(try await store.position(of: "other") == 3)
        #expect(try await store.position(of: group) == 30)
    }

    package static func reset(_ store: any Store) async throws {
        let acme = Fleet()
        try await store.createTenant(acme.tenant, name: "Acme", at: Fleet.at(0))
        try await store.saveUser(tenant: acme.tenant, name: "ada", role: .admin, passwordHash: "h")
        let empty = try await dump(store, acme.tenant)
        _ = try await store.apply(acme.everything())
        let sample = StoredSample(tenantID: acme.tenant, siteID: SiteID("S-1"), metric: "m", at: Fleet.at(0), value: 1)
        try await store.store(samples: [sample], .analytics(5))
        try await store.resetReadModels()
        #expect(try await dump(store, acme.tenant) == empty)
        #expect(try await store.position(of: group) == 0)
        #expect(try await store.position(of: "analytics-service") == 0)
        #expect(try await store.tenants() == [acme.tenant])
        #expect(try await store.user(name: "ada")?.passwordHash == "h")
    }

    package static func replay(_ store: any Store) async throws {
        let acme = Fleet()
        var later = ProjectionBatch(group: group, position: 11, after: 10)
        later.alarms = [acme.alarm(1, site: "S-1", state: .cleared, changed: 9)]
        later.incidents = [acme.engine("incident.resolved", acme.snapshot(50, revision: 3, status: .resolved, minute: 9))]
        later.heard = [acme.heard("S-2", 9)]
        _ = try await store.apply(acme.everything())
        _ = try await store.apply(later)
        let before = try await dump(store, acme.tenant)
        try await store.resetReadModels()
        _ = try await store.apply(acme.everything())
        _ = try await store.apply(later)
        #expect(try await dump(store, acme.tenant) == before)
    }
}
