import KafkaTestKit
import Testing
import TowerStreaming
import TowerTestKit

@testable import TowerKafka

/// Tenants dealt out to shards: where their events lie, who reads what, and who runs which.
@Suite struct KafkaShardTests {
    private static let events = TopicName("towerco.sites.events")
    private let cluster: MockCluster
    private let clock = ManualClock()

    init() throws {
        cluster = try MockCluster(brokers: 3)
        var plan = KafkaTopicPlan()
        plan.shards = 2
        try cluster.createKeyedTopics(plan)
    }

    private func process(shards: Int32 = 2, _ change: (inout KafkaConfiguration) -> Void = { _ in }) throws -> KafkaLog {
        var configuration = cluster.configuration()
        configuration.electsSingleMembers = true
        configuration.readsInOrderOfTime = true
        configuration.topics.shards = shards
        change(&configuration)
        return try KafkaLog(configuration, clock: clock.milliseconds)
    }

    private static func record(_ tenant: String?, site: String, _ text: String = "v") -> Record {
        Record(
            topic: Topic.siteEvents(site: site), key: Array(site.utf8), value: Array(text.utf8),
            headers: tenant.map { [Record.Header("type", "t"), Record.Header("tenant", $0)] } ?? [])
    }

    private static let tenants = (0..<12).map { "tenant-\($0)" }

    private func read(_ log: any EventLog, from cursor: LogCursor = .start, _ pattern: TopicPattern = .siteEvents) async throws -> (
        records: [StoredRecord], next: LogCursor
    ) {
        var records: [StoredRecord] = []
        var cursor = cursor
        while true {
            let slice = try await log.fetch(matching: [pattern], from: cursor, maxRecords: 37, maxBytes: 1 << 20)
            records += slice.records
            guard slice.next != cursor else { return (records, cursor) }
            cursor = slice.next
        }
    }

    private func tenants(of records: [StoredRecord]) -> Set<String> { Set(records.compactMap { $0.record.header("tenant") }) }

    @Test(arguments: [false, true]) func eventsLieInAPartitionOfTheirTenantsShard(asBlock: Bool) async throws {
        let log = try process()
        let records = Self.tenants.flatMap { tenant in (0..<20).map { Self.record(tenant, site: "S-\($0)") } }
        let positions = asBlock ? try await log.append(RecordBlock.of(records)) : try await log.append(records)
        for (record, position) in zip(records, positions) {
            let tenant = try #require(record.header("tenant"))
            #expect(TenantShard(position.partition % 2, of: 2).holds(tenant: tenant))
            #expect(position.partition == KafkaTopicLayout.partition(of: record.topic, tenant: tenant, count: 12, shards: 2))
        }
        #expect(Set(positions.map(\.partition)).count == 12)
        // Without a tenant, and in other topics, nothing changes.
        let plain = try process(shards: 1)
        let others = [Self.record(nil, site: "S-3")] + Self.tenants.map { Record(topic: Topic.alerts(tenant: $0), key: nil, value: [1]) }
        #expect(try await log.append(others).map(\.partition) == (try await plain.append(others).map(\.partition)))
        try await plain.close()
        try await log.close()
    }

    @Test func aShardReadsItsOwnPartitionsAndAllOfTheTopicsThatAreNotDealtOut() async throws {
        let log = try process()
        _ = try await log.append(Self.tenants.flatMap { tenant in (0..<9).map { Self.record(tenant, site: "S-\($0)") } })
        _ = try await log.append(Self.tenants.map { Record(topic: Topic.incidents(tenant: $0), key: nil, value: [2]) })
        _ = try await log.append([Record(topic: Topic.heartbeat, key: nil, value: [3])])
        var seen: [StoredRecord] = []
        for shard in log.shards {
            let view = log.shard(shard)
            let (events, next) = try await read(view)
            #expect(tenants(of: events) == Set(Self.tenants.filter(shard.holds(tenant:))))
            #expect(next.parts.allSatisfy { $0.place.map { shard.holds(partition: $0.partition) } ?? false })
            let incidents = try await read(view, .incidents)
            #expect(Set(incidents.records.map(\.record.topic)) == Set(Self.tenants.filter(shard.holds(tenant:)).map(Topic.incidents)))
            #expect(try await read(view, TopicPattern(Topic.heartbeat.rawValue)).records.count == 1)
            // What comes for the other shard does not wake it, what comes for it does.
            let other = try #require(Self.tenants.first { !shard.holds(tenant: $0) })
            let own = try #require(Self.tenants.first(where: shard.holds(tenant:)))
            _ = try await log.append([Self.record(other, site: "S-1"), Self.record(own, site: "S-1")])
            try await view.waitForRecords(at: next)
            let more = try await read(view, from: next).records
            #expect(tenants(of: more) == [own])
            seen += events
            try await view.close()
        }
        #expect(seen.count == 12 * 9 + 1)
        try await log.close()
    }

    @Test func readingOneSiteByOffsetIsRefusedBecauseItsNameIsInAPartitionOfEachShard() async throws {
        let log = try process()
        _ = try await log.append([Self.record("tenant-0", site: "S-1")])
        let error = await #expect(throws: EventLogError.self) {
            try await log.fetch(topic: Topic.siteEvents(site: "S-1"), from: 0, maxBytes: 1)
        }
        #expect(error?.code == .unsupported)
        #expect(try await read(log, TopicPattern(Topic.siteEvents(site: "S-1").rawValue)).records.count == 1)
        try await log.close()
    }

    @Test func anotherNumberThanTheBrokersIsRefused() async throws {
        for (shards, isFine) in [(2, true), (1, false), (4, false)] as [(Int32, Bool)] {
            let log = try process(shards: shards)
            let error = await Self.error { try await log.checkShards() }
            #expect((error == nil) == isFine)
            if let error {
                #expect(error.code == .badSetting && error.message.contains("2 partitions") && error.message.contains("deployment.md"))
                #expect(try await log.drift().drifts.contains { $0.topic == Topic.shards && $0.what == "partitions" && $0.found == "2" })
            }
            try await log.close()
        }
    }

    private static func error(_ body: () async throws -> Void) async -> EventLogError? {
        do { try await body() } catch { return error as? EventLogError }
        return nil
    }

    @Test func aTopicWhosePartitionsDoNotDivideIsReadByAllShards() async throws {
        let odd = try MockCluster(brokers: 3)
        for (topic, partitions) in [(Self.events.rawValue, 12), ("towerco.alerts.notifications", 5), (Topic.heartbeat.rawValue, 1)] {
            try odd.createTopic(topic, partitions: partitions)
        }
        var configuration = odd.configuration()
        configuration.topics.shards = 2
        let log = try KafkaLog(configuration, clock: clock.milliseconds)
        _ = try await log.append(Self.tenants.map { Record(topic: Topic.alerts(tenant: $0), key: nil, value: [2]) })
        for shard in log.shards {
            let view = log.shard(shard)
            #expect(try await read(view, .alerts).records.count == 12)
            try await view.close()
        }
        try await log.close()
        withExtendedLifetime(odd) {}
    }

    // MARK: Another number of shards

    @Test func aShardTakesOverWhereTheUndividedGroupStoodAndReadsItsTenantsHistory() async throws {
        // Before: one group, and partitions by site alone.
        let before = try process(shards: 1)
        _ = try await before.append(Self.tenants.flatMap { tenant in (0..<6).map { Self.record(tenant, site: "S-\($0)", "old") } })
        let all = try await before.join(group: "g", patterns: [.siteEvents])
        let end = try await read(before).next
        try await before.commit(all, cursor: end)
        try await before.leave(all)
        try await before.close()

        let log = try process()
        clock.advance(byMs: 10)
        _ = try await log.append(Self.tenants.flatMap { tenant in (0..<6).map { Self.record(tenant, site: "S-\($0)", "new") } })
        for shard in log.shards {
            let view = log.shard(shard)
            let membership = try await view.join(group: shard.group("g"), patterns: [.siteEvents])
            // Nothing is decided again: its own partitions stand where the undivided group stood.
            #expect(membership.committed.parts == end.parts)
            let (records, next) = try await read(view)
            let texts = Dictionary(grouping: records, by: { String(decoding: $0.record.value, as: UTF8.self) })
            // All of the old ones, as its tenants' may be in any partition; of the new ones its own, of which none is a stray.
            #expect(texts["old"]?.count == 72)
            #expect(tenants(of: texts["new"] ?? []) == Set(Self.tenants.filter(shard.holds(tenant:))))
            let strays = records.filter { record in
                let partition = KafkaTopicLayout.partition(of: record.record.topic, count: 12)
                return record.record.value == Array("old".utf8) && view.isStray(Self.events, partition: partition, offset: record.offset)
            }
            #expect(strays.isEmpty)
            #expect(view.isStray(Self.events, partition: shard.number, offset: next.next(in: "towerco.sites.events/\(shard.number)") ?? -1))
            #expect(!view.isStray(Self.events, partition: 1 - shard.number, offset: 1 << 40))
            // Foreign partitions end where the undivided group stood.
            for part in next.parts {
                guard let place = part.place, !shard.holds(partition: place.partition) else { continue }
                #expect(part.next == end.next(in: part.name))
            }
            try await view.commit(membership, cursor: next)
            let described = try await log.groups().first { $0.group == shard.group("g") }
            #expect(described?.offsetLag == 0 && described?.members == 1)
            try await view.leave(membership)
            try await view.close()
        }
        try await log.close()
    }

    // MARK: Who runs which

    @Test func processesShareTheShardsAndOneThatLeavesGivesItsOwnBack() async throws {
        let (one, two) = (try process(), try process())
        let first = try await one.joinShards(of: "g", member: "one")
        try await until { try await one.shards(of: first) == one.shards }
        let second = try await two.joinShards(of: "g", member: "two")
        try await until {
            let (mine, theirs) = (try await one.shards(of: first), try await two.shards(of: second))
            return mine.count == 1 && theirs.count == 1 && mine != theirs
        }
        try await one.leave(first)
        try await until { try await two.shards(of: second) == two.shards }
        await #expect(throws: EventLogError.self) { try await one.shards(of: first) }
        try await two.close()
        try await one.close()
    }

    /// Asks, which is also the members' sign of life.
    private func until(_ condition: () async throws -> Bool) async throws {
        while !(try await condition()) { await cluster.hold(ms: 20) }
    }
}

extension RecordBlock {
    /// The records one behind the other.
    static func of(_ records: [Record]) -> RecordBlock {
        var block = RecordBlock(bytes: records.flatMap { ($0.key ?? []) + $0.value })
        var at = 0
        for record in records {
            let (key, value) = (at..<at + (record.key?.count ?? 0), at + (record.key?.count ?? 0)..<at + (record.key?.count ?? 0) + record.value.count)
            let topic = block.addTopic(record.topic)
            let headers = record.headers.isEmpty ? -1 : block.addHeaders(record.headers)
            block.append(topic: topic, key: record.key.map { _ in key }, value: value, headers: headers)
            at = value.upperBound
        }
        return block
    }
}
