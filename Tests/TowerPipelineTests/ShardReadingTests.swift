import Testing
import TowerModel
import TowerStreaming
import TowerTestKit

@testable import TowerPipeline

/// A group of one shard: what is of other tenants is left out, and what stands in a wrong partition is brought to where it belongs.
@Suite struct ShardReadingTests {
    /// A log in memory as one shard's readers would see it, with everything in its partition from some offset on.
    private struct Shard: LogDecorator, ShardedLog {
        let base: any EventLog
        let shard: TenantShard
        var settled: Int64 = 0
        func isStray(_ place: TopicName, partition: Int32, offset: Int64) -> Bool { offset >= settled }
        func append(_ records: [Record]) async throws -> [StoredPosition] { try await base.append(records) }
        func append(_ block: RecordBlock) async throws -> [StoredPosition] { try await base.append(block) }
    }
    private let log: InMemoryLog
    private let symbols = SymbolTable()
    private static let mine = TenantShard(0, of: 2)
    /// By shard.
    private static let tenants = [(0..<9).map { "t-\($0)" }.filter(mine.holds(tenant:)), (0..<9).map { "t-\($0)" }.filter { !mine.holds(tenant: $0) }]

    init() {
        let clock = ManualClock()
        log = InMemoryLog(clock: clock.milliseconds)
    }

    private func reader(_ log: any EventLog, moves: Bool = true) -> DecodedLog {
        DecodedLog(
            log: log, symbols: symbols, kinds: [.siteEvents, .alerts, .incidents, .heartbeats],
            configuration: .init(repeatWindow: 1024, movesStrays: moves))
    }

    private static func event(_ number: Int, of tenant: String, headers: [Record.Header] = []) -> Record {
        var record = World.event(number, "telemetry.metric", site: "S-1", tenant: tenant)
        record.headers = headers
        return record
    }

    private func tenants(_ slice: EventSlice) -> [String] {
        var found: [String] = []
        slice.forEachRun { run in
            guard run.kind == .siteEvent, run.isReadable else { return }
            for event in run.events.events { found.append(symbols.name(run.piece.batch.tenants[Int(event)])) }
        }
        return found
    }

    private func slice(_ reader: DecodedLog, from cursor: LogCursor = .start) async throws -> EventSlice {
        try await reader.slice(of: reader.kinds, from: cursor, maxRecords: 1000, maxBytes: 1 << 20)
    }

    private func everything() async throws -> [StoredRecord] {
        try await log.fetch(matching: [.siteEvents], from: .start, maxRecords: 1000, maxBytes: 1 << 20).records
    }

    @Test func onlyWhatIsOfTheShardsTenantsIsRead() async throws {
        let all = Self.tenants[0] + Self.tenants[1]
        _ = try await log.append(all.enumerated().map { Self.event($0.offset, of: $0.element) })
        for (number, tenant) in all.enumerated() {
            var alert = World.event(100 + number, "alert.raised", site: "S-1", tenant: tenant)
            alert.topic = Topic.alerts(tenant: tenant)
            _ = try await log.append([alert, Record(topic: Topic.incidents(tenant: tenant), key: nil, value: Array("{}".utf8))])
        }
        _ = try await log.append([Record(topic: Topic.heartbeat, key: nil, value: Array("{}".utf8))])
        // History of before tenants were dealt out: nothing is a stray.
        let decoded = reader(Shard(base: log, shard: Self.mine, settled: .max))
        let slice = try await slice(decoded)
        #expect(tenants(slice) == Self.tenants[0])
        #expect(slice.count == 3 * Self.tenants[0].count + 1)
        #expect(slice.next == (await log.end()))
        #expect(decoded.counters.strays == 0 && decoded.counters.repeats == 0)
        #expect(try await everything().count == all.count)
    }

    @Test(arguments: [true, false]) func aStrayIsCountedAndOneGroupBringsItWhereItBelongs(moves: Bool) async throws {
        let (own, other) = (Self.tenants[0][0], Self.tenants[1][0])
        // The header lies; what the event says counts.
        _ = try await log.append([
            Self.event(0, of: other), Self.event(1, of: own), Self.event(2, of: other, headers: [.init("type", "x"), .init("tenant", own)]),
        ])
        let decoded = reader(Shard(base: log, shard: Self.mine, settled: 1), moves: moves)
        let first = try await slice(decoded)
        #expect(tenants(first) == [own])
        // The one before the settled place had its reader.
        #expect(decoded.counters.strays == 1)
        let written = try await everything()
        guard moves else {
            #expect(written.count == 3)
            return
        }
        #expect(written.count == 4)
        let copy = try #require(written.last?.record)
        #expect(copy.value == written[2].record.value && copy.topic == Topic.siteEvents(site: "S-1") && copy.key == Array("S-1".utf8))
        #expect(copy.headers == [.init("type", "x"), .init("tenant", other), .init("towerco-moved", "1")])
        // Should the copy come back, it is counted and stays; the shard that it belongs to reads it once.
        let second = try await slice(decoded, from: first.next)
        #expect(second.isEmpty && decoded.counters.strays == 2)
        #expect(try await everything().count == 4)
        let theirs = reader(Shard(base: log, shard: TenantShard(1, of: 2), settled: .max))
        #expect(tenants(try await slice(theirs)) == [other, other])
        #expect(theirs.counters.repeats == 1)
    }
}
