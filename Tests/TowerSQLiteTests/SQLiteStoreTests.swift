import Foundation
import StoreTestKit
import Testing
import TowerModel
import TowerSQLite
import TowerStores

/// A folder of its own for one test, removed with it.
final class TemporaryFolder: Sendable {
    let path: String
    init() throws {
        path = FileManager.default.temporaryDirectory.appendingPathComponent("towerco-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }
    deinit { try? FileManager.default.removeItem(atPath: path) }
}

@Suite struct SQLiteStoreTests {
    @Test(arguments: StoreContract.checks.map(\.name)) func keepsTheContract(_ name: String) async throws {
        let folder = try TemporaryFolder()
        let store = try SQLiteStore(path: folder.path + "/store.sqlite")
        let check = try #require(StoreContract.checks.first { $0.name == name })
        try await check.run(store)
        try store.close()
    }

    @Test func aReopenedFileAnswersTheSame() async throws {
        let folder = try TemporaryFolder()
        let acme = Fleet()
        let first = try SQLiteStore(path: folder.path + "/store.sqlite")
        _ = try await first.apply(acme.everything())
        let before = try await StoreContract.dump(first, acme.tenant)
        try first.close()
        let second = try SQLiteStore(path: folder.path + "/store.sqlite")
        #expect(try await StoreContract.dump(second, acme.tenant) == before)
        #expect(try await second.position(of: StoreContract.group) == 10)
    }

    /// A file as the first version wrote it, when a group had one position and no parts.
    @Test func aFileOfVersionOneIsReadAndGoesOn() async throws {
        let folder = try TemporaryFolder()
        let path = folder.path + "/store.sqlite"
        let fixture = try #require(Bundle.module.url(forResource: "Fixtures/version-1", withExtension: "sqlite"))
        try FileManager.default.copyItem(at: fixture, to: URL(fileURLWithPath: path))
        let store = try SQLiteStore(path: path)
        let acme = TenantID("acme")
        #expect(try await store.position(of: "dashboard-service") == StorePosition(sequence: 5))
        #expect(try await store.position(of: "analytics-service") == StorePosition(sequence: 5))
        let site = try #require(try await store.site(tenant: acme, id: SiteID("S-1")))
        #expect(site.site.name == "Hill" && site.state == .onBattery && site.latest?.count == 2)
        #expect(try await store.tenants() == [acme])
        await #expect { try await store.apply(ProjectionBatch(group: StoreContract.group, position: 9, after: 4)) } throws: {
            ($0 as? StoreError)?.code == .conflict
        }
        var batch = ProjectionBatch(group: StoreContract.group, position: 9, after: 5)
        batch.heard = [Fleet().heard("S-3", 1)]
        _ = try await store.apply(batch)
        #expect(try await store.position(of: "dashboard-service") == 9)
        #expect(try await store.topology(tenant: acme).sites.count == 3)
    }

    @Test func aFileThatIsNoDatabaseIsRefusedWithItsName() throws {
        let folder = try TemporaryFolder()
        let path = folder.path + "/store.sqlite"
        try Data(repeating: 0x41, count: 8192).write(to: URL(fileURLWithPath: path))
        #expect { try SQLiteStore(path: path) } throws: { error in
            (error as? StoreError)?.code == .corrupt && "\(error)".contains(path)
        }
    }

    @Test func aFolderThatIsNotThereIsRefused() throws {
        #expect { try SQLiteStore(path: "/nowhere/at/all/store.sqlite") } throws: { ($0 as? StoreError)?.code == .unavailable }
    }

    @Test func nothingOfAFailedSliceStays() async throws {
        let folder = try TemporaryFolder()
        let store = try SQLiteStore(path: folder.path + "/store.sqlite")
        let acme = Fleet()
        // JSON has no infinity: encoding this forecast fails after sites, alarms and incidents were written.
        var batch = acme.everything()
        batch.forecasts[0].forecast.minutesP90 = .infinity
        await #expect(throws: StoreError.self) { try await store.apply(batch) }
        #expect(try await store.position(of: StoreContract.group) == 0)
        #expect(try await store.topology(tenant: acme.tenant).sites.isEmpty)
        #expect(try await store.incident(tenant: acme.tenant, id: "INC-1") == nil)
        _ = try await store.apply(acme.everything())
        #expect(try await store.incident(tenant: acme.tenant, id: "INC-1") != nil)
    }

    /// Slices of any size give the same answers: what a crash between slices leaves is never a different world.
    @Test(arguments: [1, 2, 3, 100]) func theCutOfTheSlicesDoesNotShow(_ size: Int) async throws {
        let acme = Fleet()
        let whole = acme.everything()
        func records() -> [(inout ProjectionBatch) -> Void] {
            whole.sites.map { site in { $0.sites.append(site) } } + whole.links.map { link in { $0.links.append(link) } }
                + whole.heard.map { heard in { $0.heard.append(heard) } } + whole.latest.map { value in { $0.latest.append(value) } }
                + whole.alarms.map { alarm in { $0.alarms.append(alarm) } }
                + whole.incidents.map { record in { $0.incidents.append(record) } }
                + whole.forecasts.map { forecast in { $0.forecasts.append(forecast) } }
                + whole.kpis.map { kpi in { $0.kpis.append(kpi) } }
        }
        let folder = try TemporaryFolder()
        let store = try SQLiteStore(path: folder.path + "/store.sqlite")
        let all = records()
        for start in stride(from: 0, to: all.count, by: size) {
            var batch = ProjectionBatch(group: StoreContract.group, position: Int64(start + 1), after: Int64(max(start - size + 1, 0)))
            for add in all[start..<min(start + size, all.count)] { add(&batch) }
            _ = try await store.apply(batch)
            // Power fails after the store's commit and before the group's: the slice comes again.
            _ = try await store.apply(batch)
        }
        let reference = try SQLiteStore(path: folder.path + "/reference.sqlite")
        _ = try await reference.apply(whole)
        #expect(try await StoreContract.dump(store, acme.tenant) == StoreContract.dump(reference, acme.tenant))
    }
}
