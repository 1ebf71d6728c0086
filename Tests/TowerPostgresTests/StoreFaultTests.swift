import Foundation
import StoreTestKit
import Synchronization
import Testing
import TowerModel
import TowerPostgres
import TowerSQLite
import TowerStores

/// The server dies, freezes or is cut off in the middle of what is being written, and everything is there once afterwards.
///
/// `TOWERCO_TEST_STORE_ROUNDS` sets the number of faults; every round prints its seed when it fails.
@Suite(.serialized) struct StoreFaultTests {
    enum Fault: Int, CaseIterable { case killed, frozen, reset }

    static let rounds = ProcessInfo.processInfo.environment["TOWERCO_TEST_STORE_ROUNDS"].flatMap { Int($0) } ?? 10

    @Test func everythingIsThereOnceAfterFaultsInMidBatch() async throws {
        let server = try PostgresServer()
        try server.start()
        defer { server.remove() }
        let proxy = try FaultyProxy(to: server.port)
        defer { proxy.close() }
        let database = try server.newDatabase()
        // Short, so that a frozen server is given up soon.
        let options = PostgresStore.Options(connections: 3, connectTimeoutMs: 500, statementTimeoutMs: 1500)
        let store = try await PostgresStore.open(url: server.url(database, port: proxy.port), options: options)
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("towerco-\(UUID().uuidString).sqlite").path
        defer { for end in ["", "-wal", "-shm"] { try? FileManager.default.removeItem(atPath: path + end) } }
        let reference = try SQLiteStore(path: path)
        let (acme, rival) = (Fleet(), Fleet("rival"))
        var random = SplitMix(state: 5)
        var met: [Fault: Int] = [:]

        for round in 0..<Self.rounds {
            let batch = PostgresStoreTests.batch(round, acme, rival, &random)
            let samples = SampleBatch(Self.samples(round, acme))
            let move = PositionMove.analytics(Int64(round + 1) * 10, after: Int64(round) * 10)
            let fault = try #require(Fault(rawValue: round % Fault.allCases.count))
            let progress = Progress()
            // Anywhere in what a slice and its samples send, from the first byte to the commit.
            proxy.trap(after: random.below(100_000)) {
                switch fault {
                case .killed: server.killHard()
                case .frozen: server.signal(SIGSTOP)
                case .reset: proxy.cut()
                }
                progress.hasHappened.withLock { $0 = true }
            }
            async let projected: Void = Self.persist("round \(round)", progress) { _ = try await store.apply(batch) }
            async let stored: Void = Self.persist("round \(round)", progress) { try await store.store(samples, move) }
            while !progress.hasHappened.withLock({ $0 }) {
                // Too late to hurt: both were written before. A trap that is gone is being sprung right now.
                if progress.written.withLock({ $0 }) == 2, proxy.disarm() { break }
                try await Self.pause(5)
            }
            if progress.hasHappened.withLock({ $0 }) {
                met[fault, default: 0] += 1
                switch fault {
                case .killed: try server.start()
                case .frozen:
                    // Longer than anybody waits for an answer: what was under way is given up first.
                    try await Self.pause(3600)
                    server.signal(SIGCONT)
                case .reset: break
                }
            }
            _ = try await (projected, stored)
            _ = try await reference.apply(batch)
            try await reference.store(samples, move)

            // A process that was thought dead wakes with the slice that it held before somebody else finished it.
            var zombie = ProjectionBatch(group: StoreContract.group, position: Int64(round) * 10 + 7, after: Int64(round) * 10)
            zombie.alarms = [acme.alarm(900_000 + round, site: "S-1")]
            let held = zombie
            await #expect {
                try await Self.persist("zombie \(round)", Progress()) { _ = try await store.apply(held) }
            } throws: { ($0 as? StoreError)?.code == .conflict }
        }
        print("faults met: \(met.map { "\($0.key) \($0.value)" }.sorted().joined(separator: ", ")) in \(Self.rounds) rounds")
        for tenant in [acme.tenant, rival.tenant] {
            let expected = try await StoreContract.dump(reference, tenant)
            let found = try await StoreContract.dump(store, tenant)
            #expect(found == expected)
        }
        #expect(try await store.position(of: StoreContract.group) == StorePosition(sequence: Int64(Self.rounds) * 10))
        #expect(try server.sql("SELECT count(*), sum(value) FROM samples", database: database) == "\(Self.rounds * 2000)|\(Self.sum)")
        #expect(met.values.reduce(0, +) > Self.rounds / 2)
        await store.close()
        try reference.close()
    }

    private static var sum: Int { (0..<rounds * 2000).reduce(0, +) }

    private static func samples(_ round: Int, _ fleet: Fleet) -> [StoredSample] {
        (0..<2000).map { index in
            StoredSample(
                tenantID: fleet.tenant, siteID: SiteID("S-\(index % 20)"), metric: "m", at: Fleet.at(round * 100 + index / 20),
                value: Double(round * 2000 + index))
        }
    }

    private final class Progress: Sendable {
        let hasHappened = Mutex(false)
        let written = Mutex(0)
    }

    /// Writes until it is written. Only what may pass is tried again.
    private static func persist(_ what: String, _ progress: Progress, _ body: () async throws -> Void) async throws {
        for _ in 0..<3000 {
            do {
                try await body()
                progress.written.withLock { $0 += 1 }
                return
            } catch let error as StoreError where error.isRetriable {
                // The store answers at once while it waits for its server; asking it in a loop would only warm the room.
                try await pause(20)
            }
        }
        throw PostgresServer.Failure(description: "\(what) was never written")
    }

    private static func pause(_ milliseconds: Int) async throws { try await ContinuousClock().sleep(for: .milliseconds(milliseconds)) }
}
