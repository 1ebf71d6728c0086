import StoreTestKit
import Testing
import TowerModel
import TowerSQLite
import TowerStores

/// A foreign stream's size: it must work whole. A debug build, ten times slower, takes a tenth of it.
@Suite struct ScaleTests {
    #if DEBUG
        static let total = 6_500
    #else
        static let total = 65_000
    #endif

    @Test func manyAlarmsOfDevicesNobodyListed() async throws {
        let folder = try TemporaryFolder()
        let store = try SQLiteStore(path: folder.path + "/store.sqlite")
        let acme = Fleet()
        var generator = SplitMix(state: 7)
        let total = Self.total
        var position: Int64 = 0
        var active = 0
        let types = ["TX_LOSS", "RSL_LOW", "power.grid.outage", "ran.cell_down"]
        for start in stride(from: 0, to: total, by: 2000) {
            position += 2000
            var batch = ProjectionBatch(group: StoreContract.group, position: position, after: position - 2000)
            for index in start..<min(start + 2000, total) {
                let device = "dev-\(generator.next() % 439)"
                let isCleared = generator.next() % 3 != 0
                let type = types[Int(generator.next() % 4)]
                batch.heard.append(acme.heard(device, index / 40))
                batch.alarms.append(acme.alarm(index, site: device, type: type, severity: .major, raised: index / 40))
                if isCleared {
                    batch.alarms.append(
                        acme.alarm(index, site: device, type: type, severity: .major, state: .cleared, raised: index / 40, changed: index / 40 + 1))
                } else {
                    active += 1
                }
            }
            let slice = start / 2000
            let affected = (0..<40).map { ("dev-\((slice * 7 + $0) % 439)", IncidentSnapshot.AffectedSite.Impact.degraded) }
            batch.incidents = [
                acme.engine(
                    "incident.opened", acme.snapshot(1_000_000 + slice, affected: affected, alarms: Array(start..<start + 1500), minute: start / 40))
            ]
            let changes = try await store.apply(batch)
            #expect(changes.count >= min(2000, total - start))
        }
        let fleet = try await store.fleet(tenant: acme.tenant, now: Fleet.at(total / 40))
        #expect(fleet.totalSites == 439)
        #expect(fleet.activeAlarms == active)
        #expect(fleet.openIncidents == (total + 1999) / 2000)
        #expect(fleet.alarmsPerBin.reduce(0, +) == min(total, 355 * 40), "the newest of the 72 bins is empty")
        let page = try await store.alarms(tenant: acme.tenant, filter: AlarmFilter(isActive: true), limit: 1000, cursor: nil)
        #expect(page.total == active && page.items.count == 1000)
        let inIncident = try await store.alarms(tenant: acme.tenant, filter: AlarmFilter(incident: acme.id(1_000_000)), limit: 1, cursor: nil)
        #expect(inIncident.total == 1500)
    }
}
