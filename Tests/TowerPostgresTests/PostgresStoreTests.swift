import Foundation
import StoreTestKit
import Testing
import TowerModel
import TowerPostgres
import TowerSQLite
import TowerStores

@Suite struct PostgresStoreTests {
    /// A store in a database of its own.
    static func fresh(_ options: PostgresStore.Options = .init(connections: 4)) async throws -> (store: PostgresStore, url: String) {
        let server = try await PostgresServer.shared.get()
        let url = server.url(try server.newDatabase())
        return (try await PostgresStore.open(url: url, options: options), url)
    }

    @Test(arguments: StoreContract.checks.map(\.name)) func keepsTheContract(_ name: String) async throws {
        let (store, _) = try await Self.fresh()
        let check = try #require(StoreContract.checks.first { $0.name == name })
        try await check.run(store)
        await store.close()
    }

    @Test func answersWhatSQLiteAnswers() async throws {
        let (store, _) = try await Self.fresh()
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("towerco-\(UUID().uuidString).sqlite").path
        defer { for end in ["", "-wal", "-shm"] { try? FileManager.default.removeItem(atPath: path + end) } }
        let reference = try SQLiteStore(path: path)
        let (acme, rival) = (Fleet(), Fleet("rival"))
        var random = SplitMix(state: 11)
        for slice in 0..<12 {
            let batch = Self.batch(slice, acme, rival, &random)
            let told = try await store.apply(batch)
            let expected = try await reference.apply(batch)
            #expect(try told.map(Self.text).sorted() == expected.map(Self.text).sorted(), "slice \(slice)")
        }
        for tenant in [acme.tenant, rival.tenant] {
            #expect(try await StoreContract.dump(store, tenant) == StoreContract.dump(reference, tenant))
        }
        await store.close()
        try reference.close()
    }

    private static func text(_ change: TenantChange) throws -> String {
        switch change.change {
        case .site(let view): try "\(change.tenantID) site " + StoreContract.json(view)
        case .alarm(let view): try "\(change.tenantID) alarm " + StoreContract.json(view)
        case .incident(let view): try "\(change.tenantID) incident " + StoreContract.json(view)
        }
    }

    /// A slice of everything, with repeats, late states and two tenants.
    static func batch(_ slice: Int, _ acme: Fleet, _ rival: Fleet, _ random: inout SplitMix) -> ProjectionBatch {
        var batch = ProjectionBatch(group: StoreContract.group, position: Int64(slice + 1) * 10, after: Int64(slice) * 10)
        for fleet in [acme, rival] {
            if slice == 0 { batch.sites = [acme, rival].flatMap { fleet in (0..<20).map { fleet.site("S-\($0)", isHub: $0 == 0) } } }
            if slice % 3 == 0 {
                batch.links += (1..<20).map {
                    TopologyLink(
                        tenantID: fleet.tenant, a: "S-\($0)", b: "S-\(random.below($0))", kind: .hop, parent: "S-\(random.below($0))",
                        frequencyGHz: 18, lengthKilometres: Double($0))
                }
            }
            for _ in 0..<60 {
                let (site, minute) = ("S-\(random.below(24))", slice * 5 + random.below(8))
                batch.heard.append(fleet.heard(site, minute))
                batch.latest.append(fleet.latest(site, "battery.i", Double(random.below(80)) - 40, minute))
                batch.latest.append(fleet.latest(site, "power.dc.bus_v", 48 + Double(random.below(9)), minute))
                let state: Alarm.State = [.raised, .changed, .cleared][random.below(3)]
                batch.alarms.append(
                    fleet.alarm(
                        random.below(40), site: site, type: ["power.grid.outage", "rms.offline", "battery.low"][random.below(3)],
                        severity: [.minor, .major, .critical][random.below(3)], state: state, raised: slice * 5, changed: minute,
                        incident: random.below(4) == 0 ? fleet.id(500 + random.below(3)) : nil))
            }
            for number in 0..<3 {
                var affected: [(String, IncidentSnapshot.AffectedSite.Impact)] = []
                for site in Set((0..<4).map { _ in random.below(20) }).sorted() { affected.append(("S-\(site)", .degraded)) }
                let snapshot = fleet.snapshot(
                    500 + number, revision: slice + 1, status: slice == 9 && number == 1 ? .resolved : .open,
                    severity: [.major, .critical][random.below(2)], affected: affected,
                    alarms: (0..<random.below(30)).map { $0 }, minute: slice * 5)
                batch.incidents.append(fleet.engine(slice == 0 ? "incident.opened" : "incident.updated", snapshot))
                if random.below(3) == 0 { batch.incidents.append(fleet.person("incident.commented", 500 + number, minute: slice, text: "c\(slice)")) }
            }
            batch.forecasts.append(fleet.forecast("S-\(random.below(20))", minute: slice * 5, p50: Double(20 + random.below(300))))
            for hour in 0..<3 {
                batch.kpis.append(fleet.kpi("site_availability", "S-\(random.below(20))", Double(random.below(5)) / 4, hour: slice + hour))
                batch.kpis.append(fleet.kpi("power_availability", "S-\(random.below(20))", hour == 1 ? nil : 0.5, hour: slice + hour))
            }
        }
        return batch
    }

    @Test func aSecondProcessSeesTheSameAndIsFencedOff() async throws {
        let (first, url) = try await Self.fresh()
        let second = try await PostgresStore.open(url: url, options: .init(connections: 3))
        let acme = Fleet()
        _ = try await first.apply(acme.everything())
        #expect(try await StoreContract.dump(second, acme.tenant) == StoreContract.dump(first, acme.tenant))
        #expect(try await second.position(of: StoreContract.group) == 10)
        _ = try await second.apply(ProjectionBatch(group: StoreContract.group, position: 20, after: 10))
        // The first was believed dead and wakes with a slice of its own.
        await #expect { try await first.apply(ProjectionBatch(group: StoreContract.group, position: 15, after: 10)) } throws: {
            ($0 as? StoreError)?.code == .conflict
        }
        // Emptied elsewhere: what the first remembers of its series counts no more.
        let sample = StoredSample(tenantID: acme.tenant, siteID: SiteID("S-1"), metric: "m", at: Fleet.at(1), value: 4)
        let batch = SampleBatch([sample])
        try await first.store(batch, .analytics(1))
        try await second.resetReadModels()
        try await first.store(batch, .analytics(1))
        let series = try await second.series(
            tenant: acme.tenant, site: SiteID("S-1"), metrics: ["m"], from: Fleet.at(0), to: Fleet.at(9), maxPoints: 9)
        #expect(series[0].points.map { $0[1] } == [4])
        await first.close()
        await second.close()
    }

    @Test func manyRolesStartAtOnceOnAnEmptyDatabase() async throws {
        let server = try await PostgresServer.shared.get()
        let database = try server.newDatabase()
        let url = server.url(database)
        let stores = try await withThrowingTaskGroup(of: PostgresStore.self) { group in
            for _ in 0..<6 { group.addTask { try await PostgresStore.open(url: url, options: .init(connections: 3)) } }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(Set(stores.map(\.facts.schemaVersion)) == [PostgresStore.schemaVersion])
        #expect(try server.sql("SELECT count(*) FROM towerco_schema", database: database) == "\(PostgresStore.schemaVersion)")
        for store in stores { await store.close() }
    }

    @Test func aNewerSchemaIsRefused() async throws {
        let server = try await PostgresServer.shared.get()
        let database = try server.newDatabase()
        try await PostgresStore.open(url: server.url(database), options: .init(connections: 3)).close()
        try server.sql("INSERT INTO towerco_schema(version, name) VALUES (9999, 'of tomorrow')", database: database)
        await #expect { try await PostgresStore.open(url: server.url(database)) } throws: { error in
            (error as? StoreError)?.code == .corrupt && "\(error)".contains("9999") && "\(error)".contains("newer")
        }
    }

    @Test func aServerThatIsNotThereIsUnavailableAndNeverSaysThePassword() async throws {
        let port = try PostgresServer.freePort()
        for url in [
            "postgres://ada:sesame@127.0.0.1:\(port)/x", "postgres://ada:sesame@[::1/x", "postgres://ada:sesame@127.0.0.1:port/x",
            "host=127.0.0.1 port=\(port) password=sesame dbname",
        ] {
            await #expect { try await PostgresStore.open(url: url, options: .init(connections: 3)) } throws: { error in
                let error = error as? StoreError
                return error?.code == .unavailable && error?.isRetriable == true && !"\(String(describing: error))".contains("sesame")
            }
        }
    }

    @Test func aDatabaseThatIsNotUTF8IsRefused() async throws {
        let server = try await PostgresServer.shared.get()
        try server.sql("CREATE DATABASE latin TEMPLATE template0 ENCODING 'LATIN1' LOCALE 'C'")
        await #expect { try await PostgresStore.open(url: server.url("latin")) } throws: { error in
            (error as? StoreError)?.code == .corrupt && "\(error)".contains("UTF8")
        }
    }

    @Test func lookingChangesNothing() async throws {
        let server = try await PostgresServer.shared.get()
        let database = try server.newDatabase()
        let facts = try await PostgresStore.look(url: server.url(database))
        #expect(facts.schemaVersion == 0 && facts.timescaleVersion == nil && (Double(facts.serverVersion) ?? 0) >= 15)
        #expect(facts.name == "127.0.0.1:\(server.port)/\(database)")
        #expect(try server.sql("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'", database: database) == "0")
    }
}

/// SplitMix64: the same numbers in every run.
struct SplitMix {
    var state: UInt64
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
    mutating func below(_ bound: Int) -> Int { Int(next() % UInt64(bound)) }
}
