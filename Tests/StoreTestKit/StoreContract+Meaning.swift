import Testing
import TowerModel
package import TowerStores

extension StoreContract {
    package static func numbers(_ store: any Store) async throws {
        let (acme, rival) = (Fleet(), Fleet("rival"))
        var batch = ProjectionBatch(group: group, position: 1)
        batch.incidents = [
            acme.engine("incident.opened", acme.snapshot(1)), rival.engine("incident.opened", rival.snapshot(1)),
            acme.engine("incident.opened", acme.snapshot(2)),
        ]
        _ = try await store.apply(batch)
        #expect(try await store.incident(tenant: acme.tenant, id: "INC-2")?.snapshot.incidentID == acme.id(2))
        #expect(try await store.incident(tenant: rival.tenant, id: "inc-1")?.snapshot.incidentID == rival.id(1))
        #expect(try await store.incident(tenant: rival.tenant, id: "INC-2") == nil)
    }

    package static func staleAlarm(_ store: any Store) async throws {
        let acme = Fleet()
        var batch = ProjectionBatch(group: group, position: 1)
        batch.alarms = [acme.alarm(1, site: "S-1", state: .cleared, raised: 0, changed: 9)]
        _ = try await store.apply(batch)
        batch.position = 2
        batch.alarms = [acme.alarm(1, site: "S-1", state: .raised, raised: 0)]
        let changes = try await store.apply(batch)
        #expect(changes.isEmpty)
        #expect(try await store.alarm(tenant: acme.tenant, id: acme.id(1))?.alarm.state == .cleared)
        #expect(try await store.site(tenant: acme.tenant, id: SiteID("S-1"))?.state == .inService)
    }

    package static func verdictAndSplit(_ store: any Store) async throws {
        let acme = Fleet()
        var batch = acme.everything()
        let wide = acme.snapshot(60, affected: [("S-1", .down), ("S-3", .down)], alarms: [1, 2])
        var judged = acme.person("incident.cause_judged", 60, minute: 4)
        judged.verdict = CauseVerdict(
            word: .corrected, candidate: .init(siteID: "S-1", condition: "dg.start_failed"),
            cause: .init(siteID: "S-1", managedObject: "fuel", condition: "fuel.exhausted", label: "Dry"), reason: "seen", actor: "ada",
            at: Fleet.at(4))
        var split = acme.person("incident.split", 60, minute: 5, text: "far away")
        split.split = IncidentCut(into: acme.id(61), alarmIDs: [acme.id(2)], siteIDs: [SiteID("S-3")], eventIDs: [])
        var opened = acme.engine("incident.opened", wide.part(split.split!, severity: .major, at: Fleet.at(5), reason: "split off"))
        opened.actor = "ada"
        opened.target = acme.id(60).description
        batch.incidents += [acme.engine("incident.opened", wide), judged, opened, split]
        _ = try await store.apply(batch)
        let view = try #require(try await store.incident(tenant: acme.tenant, id: acme.id(60).description))
        #expect(view.verdict == judged.verdict && view.cuts == split.split.map { [$0] })
        #expect(view.snapshot.affectedSites.map(\.siteID.rawValue) == ["S-1"] && view.snapshot.alarmIDs == [acme.id(1)])
        #expect(view.history?.map(\.text).suffix(2) == ["corrected: Dry, S-1: seen", "1 alarm, 1 site: far away"])
        let part = try #require(try await store.incident(tenant: acme.tenant, id: acme.id(61).description))
        #expect(part.splitFrom == acme.id(60) && part.snapshot.affectedSites.map(\.siteID.rawValue) == ["S-3"] && part.history?.first?.actor == "ada")
        let listed = try await store.incidents(tenant: acme.tenant, filter: IncidentFilter(), limit: 10, cursor: nil).items
        #expect(listed.first { $0.snapshot.incidentID == acme.id(60) }?.cuts == nil)
        #expect(listed.first { $0.snapshot.incidentID == acme.id(60) }?.verdict == judged.verdict)
        // A revision that the engine made before it heard of it.
        var next = ProjectionBatch(group: group, position: 11, after: 10)
        next.incidents = [
            acme.engine("incident.updated", acme.snapshot(60, revision: 2, affected: [("S-1", .down), ("S-3", .down)], alarms: [1, 2], minute: 6))
        ]
        _ = try await store.apply(next)
        let later = try #require(try await store.incident(tenant: acme.tenant, id: acme.id(60).description))
        #expect(later.snapshot.revision == 2 && later.snapshot.alarmIDs == [acme.id(1)] && later.verdict == judged.verdict)
        #expect(try await store.alarms(tenant: acme.tenant, filter: AlarmFilter(incident: acme.id(61)), limit: 10, cursor: nil).items.map(\.alarm.alarmID) == [acme.id(2)])
    }

    package static func personResolve(_ store: any Store) async throws {
        let acme = Fleet()
        var batch = acme.everything()
        batch.incidents.append(acme.person("incident.resolved", 50, minute: 5, text: "reset it"))
        _ = try await store.apply(batch)
        #expect(try await store.site(tenant: acme.tenant, id: SiteID("S-2"))?.state == .inService)
        var next = ProjectionBatch(group: group, position: 11, after: 10)
        next.incidents = [acme.engine("incident.updated", acme.snapshot(50, revision: 3, affected: [("S-2", .down)], minute: 6))]
        _ = try await store.apply(next)
        #expect(try await store.incident(tenant: acme.tenant, id: "INC-1")?.status == .resolved)
        #expect(try await store.site(tenant: acme.tenant, id: SiteID("S-2"))?.state == .inService)
        next.position = 12
        next.incidents = [acme.engine("incident.reopened", acme.snapshot(50, revision: 4, affected: [("S-2", .down)], minute: 7))]
        _ = try await store.apply(next)
        #expect(try await store.incident(tenant: acme.tenant, id: "INC-1")?.status == .open)
        let site = try await store.site(tenant: acme.tenant, id: SiteID("S-2"))
        #expect(site?.state == .down && site?.incidentNumber == "INC-1")
    }

    package static func recovery(_ store: any Store) async throws {
        let acme = Fleet()
        _ = try await store.apply(acme.everything())
        var batch = ProjectionBatch(group: group, position: 11, after: 10)
        batch.alarms = [
            acme.alarm(1, site: "S-1", state: .cleared, changed: 20),
            acme.alarm(2, site: "S-1", type: "dg.start_failed", severity: .critical, state: .cleared, raised: 1, changed: 21),
        ]
        batch.latest = [acme.latest("S-1", "battery.i", 12, 22)]
        batch.heard = [acme.heard("S-1", 22)]
        batch.incidents = [acme.engine("incident.resolved", acme.snapshot(50, revision: 3, status: .resolved, alarms: [1, 2], minute: 22))]
        let changes = try await store.apply(batch)
        let site = try #require(try await store.site(tenant: acme.tenant, id: SiteID("S-1")))
        #expect(site.state == .inService && site.stateReason.isEmpty && site.severity == .cleared && site.activeAlarms == 0)
        #expect(site.incidentID == nil && site.incidentNumber == nil && site.autonomy == nil)
        #expect(site.stateSince == nil)
        #expect(try await store.fleet(tenant: acme.tenant, now: Fleet.at(23)).shortestAutonomy == nil)
        #expect(changes.contains { if case .site(let view) = $0.change { view.state == .inService } else { false } })
    }

    package static func fleet(_ store: any Store) async throws {
        let acme = Fleet()
        _ = try await store.apply(acme.everything())
        let fleet = try await store.fleet(tenant: acme.tenant, now: Fleet.at(30))
        #expect(fleet.totalSites == 4)
        #expect(fleet.states == ["in_service": 2, "watch": 1, "on_battery": 1, "degraded": 0, "down": 0, "blind": 0])
        #expect(fleet.openIncidents == 1 && fleet.needsPerson == 1 && fleet.oldestUnownedAt == nil)
        #expect(fleet.shortestAutonomy?.siteID == SiteID("S-1"))
        #expect(fleet.nextToFall.map(\.siteName) == ["acme S-1"] && fleet.nextToFall.first?.takes == 2)
        #expect(fleet.regions.map(\.region) == ["", "North", "South"])
        #expect(fleet.regions[1].sites == 2 && fleet.regions[1].onBattery == 1 && fleet.regions[1].availability == 0.75)
        #expect(fleet.regions[2].availability == nil)
        #expect(fleet.powerAvailability == 0.9)
        #expect(fleet.activeAlarms == 2)
        #expect(fleet.alarmsPerBin.count == 72 && fleet.alarmsPerBin.reduce(0, +) == 3)
        #expect(fleet.binsStartAt.map { $0 <= Fleet.at(0) } == true)
        // A day later nothing of it is today's.
        let tomorrow = try await store.fleet(tenant: acme.tenant, now: Fleet.at(3 * 1440))
        #expect(tomorrow.powerAvailability == nil && tomorrow.alarmsPerBin.allSatisfy { $0 == 0 })
    }

    /// Every query of one tenant, before and after another one with the same names wrote everything.
    package static func tenancy(_ store: any Store) async throws {
        let (acme, rival) = (Fleet(), Fleet("rival"))
        let sample = { (fleet: Fleet, value: Double) in
            StoredSample(tenantID: fleet.tenant, siteID: SiteID("S-1"), metric: "m", at: Fleet.at(1), value: value)
        }
        _ = try await store.apply(acme.everything(position: 1))
        try await store.store(samples: [sample(acme, 1)], .analytics(1))
        let before = try await dump(store, acme.tenant)
        #expect(!before.contains("rival"))

        var batch = rival.everything(position: 2, after: 1)
        batch.incidents.append(rival.person("incident.resolved", 50, minute: 8))
        // Ids of the other tenant's, on purpose.
        var stolen = rival.alarm(1, site: "S-1", severity: .minor, state: .cleared, changed: 25)
        stolen.alarmID = acme.id(1)
        batch.alarms.append(stolen)
        var record = rival.person("incident.resolved", 50, minute: 9)
        record.incidentID = acme.id(50)
        batch.incidents.append(record)
        var snapshot = rival.snapshot(50, revision: 9, status: .resolved)
        snapshot.incidentID = acme.id(50)
        snapshot.alarmIDs = [acme.id(1), acme.id(2)]
        batch.incidents.append(rival.engine("incident.opened", snapshot))
        let changes = try await store.apply(batch)
        try await store.store(samples: [sample(rival, 2)], .analytics(2, after: 1))
        #expect(changes.allSatisfy { $0.tenantID == rival.tenant })
        #expect(try await dump(store, acme.tenant) == before)
        #expect(!(try await dump(store, rival.tenant)).contains("acme"))
        #expect(try await store.site(tenant: TenantID("nobody"), id: SiteID("S-1")) == nil)
        #expect(try await store.alarm(tenant: TenantID("nobody"), id: acme.id(1)) == nil)
        #expect(try await store.incident(tenant: TenantID("nobody"), id: acme.id(50).description) == nil)
    }

    package static func samples(_ store: any Store) async throws {
        let acme = Fleet()
        let site = SiteID("S-1")
        func sample(_ second: Int, _ value: Double) -> StoredSample {
            StoredSample(tenantID: acme.tenant, siteID: site, metric: "m", at: Fleet.at(0).adding(seconds: Double(second)), value: value)
        }
        var values = (0..<1000).map { sample($0, Double($0 % 10)) }
        values[500].value = 1000
        values[700].value = -1000
        values.append(sample(3, .nan))
        try await store.store(samples: values, .analytics(7))
        try await store.store(samples: [sample(0, 77)], .analytics(7))
        func points(_ maxPoints: Int, from: Int = 0, to: Int = 60) async throws -> [[Double]] {
            let series = try await store.series(
                tenant: acme.tenant, site: site, metrics: ["m", "none"], from: Fleet.at(from), to: Fleet.at(to), maxPoints: maxPoints)
            #expect(series.map(\.metric) == ["m", "none"])
            #expect(series[1].points.isEmpty)
            return series[0].points
        }
        let all = try await points(2000)
        #expect(all.count == 1000)
        #expect(all[0] == [Double(Fleet.at(0).milliseconds), 0])
        let thin = try await points(100)
        #expect(thin.count <= 100 && thin.count > 10)
        #expect(thin.map { $0[1] }.max() == 1000 && thin.map { $0[1] }.min() == -1000)
        #expect(thin.map { $0[0] } == thin.map { $0[0] }.sorted())
        #expect(thin.allSatisfy { point in all.contains(point) })
        #expect(try await points(2000, from: 1, to: 2).count == 60)
        #expect(try await points(2000, from: 2, to: 1).isEmpty)
        try await store.dropSamples(before: Fleet.at(10))
        #expect(try await points(2000).count == 400)
        #expect(try await store.position(of: "analytics-service") == 7)
    }

    package static func accounts(_ store: any Store) async throws {
        let (acme, rival) = (TenantID("acme"), TenantID("rival"))
        try await store.createTenant(rival, name: "Rival", at: Fleet.at(0))
        try await store.createTenant(acme, name: "Acme", at: Fleet.at(0))
        try await store.createTenant(acme, name: "Acme Towers", at: Fleet.at(1))
        #expect(try await store.tenants() == [acme, rival])
        try await store.saveUser(tenant: acme, name: "ada", role: .viewer, passwordHash: "1")
        try await store.saveUser(tenant: acme, name: "ada", role: .admin, passwordHash: "2")
        let user = try await store.user(name: "ada")
        #expect(user?.principal == Principal(tenantID: acme, name: "ada", role: .admin) && user?.passwordHash == "2")
        #expect(try await store.user(name: "eve") == nil)
        await #expect { try await store.saveUser(tenant: rival, name: "ada", role: .admin, passwordHash: "3") } throws: {
            ($0 as? StoreError)?.code == .conflict
        }
        let key = Principal(tenantID: acme, name: "ci", role: .ingest)
        try await store.saveToken(hash: "k", principal: key, isSession: false, expiresAt: nil)
        try await store.saveToken(hash: "s", principal: key, isSession: true, expiresAt: Fleet.at(5))
        await #expect(throws: StoreError.self) {
            try await store.saveToken(
                hash: "k", principal: Principal(tenantID: rival, name: "x", role: .admin), isSession: false, expiresAt: nil)
        }
        #expect(try await store.principal(tokenHash: "k", now: Fleet.at(99)) == key)
        #expect(try await store.principal(tokenHash: "s", now: Fleet.at(4)) == key)
        #expect(try await store.principal(tokenHash: "s", now: Fleet.at(5)) == nil)
        try await store.revokeToken(hash: "k")
        #expect(try await store.principal(tokenHash: "k", now: Fleet.at(0)) == nil)
        await #expect(throws: StoreError.self) {
            try await store.saveUser(tenant: TenantID("nobody"), name: "x", role: .admin, passwordHash: "")
        }
    }

    package static func coalesced(_ store: any Store) async throws {
        let acme = Fleet()
        let changes = try await store.apply(acme.everything())
        var (sites, alarms, incidents): ([SiteView], [AlarmView], [IncidentView]) = ([], [], [])
        for change in changes {
            switch change.change {
            case .site(let view): sites.append(view)
            case .alarm(let view): alarms.append(view)
            case .incident(let view): incidents.append(view)
            }
        }
        #expect(sites.map(\.site.siteID.rawValue) == ["S-1", "S-2", "S-3", "S-9"])
        #expect(alarms.map(\.alarm.alarmID) == [1, 2, 3].map(acme.id))
        #expect(alarms.map(\.alarm.state) == [.raised, .raised, .cleared])
        #expect(incidents.map(\.number) == ["INC-1"])
        #expect(incidents.first?.assignee == "bob")
        let stored = try await store.topology(tenant: acme.tenant).sites
        #expect(sites == stored)

        // Only heard: told of once a minute of event time.
        var batch = ProjectionBatch(group: group, position: 11, after: 10)
        batch.heard = [ProjectionBatch.SiteHeard(tenantID: acme.tenant, siteID: SiteID("S-1"), at: Fleet.at(4).adding(seconds: 5))]
        #expect(try await store.apply(batch).isEmpty)
        batch.position = 12
        batch.heard[0].at = Fleet.at(5)
        #expect(try await store.apply(batch).count == 1)
        #expect(try await store.site(tenant: acme.tenant, id: SiteID("S-1"))?.lastEventAt == Fleet.at(5))
    }

    package static func bareSites(_ store: any Store) async throws {
        let acme = Fleet()
        var batch = ProjectionBatch(group: group, position: 1)
        batch.heard = [acme.heard("dev-1", 1)]
        batch.alarms = [acme.alarm(1, site: "dev-2", type: "TX_LOSS", severity: .critical)]
        batch.forecasts = [acme.forecast("dev-3", minute: 1, p50: 5)]
        batch.latest = [acme.latest("dev-4", "x", 1, 1)]
        batch.links = [TopologyLink(tenantID: acme.tenant, a: "dev-5", b: "dev-6"), TopologyLink(tenantID: acme.tenant, a: "dev-5", b: "F", kind: .feeder)]
        _ = try await store.apply(batch)
        let sites = try await store.topology(tenant: acme.tenant).sites
        #expect(sites.map(\.site.name) == (1...6).map { "dev-\($0)" })
        #expect(sites[1].state == .watch && sites[1].stateReason == "TX_LOSS 03:00 UTC")
        // The inventory that comes later completes it and keeps what is known.
        batch = ProjectionBatch(group: group, position: 2, after: 1)
        batch.sites = [acme.site("dev-2", name: "Hill")]
        _ = try await store.apply(batch)
        let site = try await store.site(tenant: acme.tenant, id: SiteID("dev-2"))
        #expect(site?.site.name == "Hill" && site?.state == .watch)
    }
}
