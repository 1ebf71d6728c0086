import KafkaTestKit
import Testing
import TowerKafka
import TowerStreaming
import TowerTestKit

/// One member of a group at a time, over processes: two logs are two processes here.
@Suite struct KafkaElectionTests {
    private let cluster: MockCluster
    private let clock = ManualClock()

    init() throws {
        cluster = try MockCluster(brokers: 3)
        try cluster.createKeyedTopics()
    }

    private func process(_ change: (inout KafkaConfiguration) -> Void = { _ in }) throws -> KafkaLog {
        var configuration = cluster.configuration()
        configuration.electsSingleMembers = true
        change(&configuration)
        return try KafkaLog(configuration, clock: clock.milliseconds)
    }

    private static func record(_ text: String, site: String = "S-1") -> Record {
        Record(topic: Topic.siteEvents(site: site), key: nil, value: Array(text.utf8))
    }

    @Test func theNextOneWaitsAndGoesOnWhereTheFirstCommitted() async throws {
        let (one, two) = (try process(), try process())
        #expect(one.takesTurns)
        let first = try await one.join(group: "g", patterns: [.siteEvents])
        try await one.standBy(first)
        _ = try await one.append([Self.record("0"), Self.record("1")])
        let slice = try await one.fetch(matching: [.siteEvents], from: first.committed, maxRecords: 1, maxBytes: 1 << 20)
        #expect(slice.records.count == 1)
        let next = Task { try await two.join(group: "g", patterns: [.siteEvents]) }
        // The second is one of the brokers' group by the time that the first commits.
        try await one.commit(first, cursor: slice.next)
        #expect(try await two.groups().allSatisfy { $0.group != "g" || $0.members == 0 })
        try await one.leave(first)
        let second = try await next.value
        #expect(second.committed.covers(topic: TopicName("towerco.sites.events"), partition: partition("S-1"), offset: 0))
        #expect(!second.committed.covers(topic: TopicName("towerco.sites.events"), partition: partition("S-1"), offset: 1))
        try await two.commit(second, cursor: second.committed)
        let error = await #expect(throws: EventLogError.self) { try await one.commit(first, cursor: slice.next) }
        #expect(error?.code == .staleMember)
        try await one.close()
        try await two.close()
    }

    @Test func whoWaitsCanBeStoppedAndANewerOneHereTakesOver() async throws {
        let (one, two) = (try process(), try process())
        let first = try await one.join(group: "g", patterns: [.siteEvents])
        let waiting = Task { try await two.join(group: "g", patterns: [.siteEvents]) }
        waiting.cancel()
        await #expect(throws: (any Error).self) { try await waiting.value }
        let newer = try await one.join(group: "g", patterns: [.siteEvents])
        await #expect(throws: EventLogError.self) { try await one.standBy(first) }
        try await one.standBy(newer)
        try await one.close()
        try await two.close()
    }

    private func partition(_ site: String) -> Int32 { KafkaTopicLayout.partition(of: Topic.siteEvents(site: site), count: 12) }

    /// Sites that lie in partitions of their own.
    private func sites(_ count: Int) -> [String] {
        var found: [Int32: String] = [:]
        var number = 0
        while found.count < count {
            found[partition("T-\(number)")] = "T-\(number)"
            number += 1
        }
        return found.values.sorted()
    }

    @Test func aBodysRecordsKeepTheirOrderOverPartitions() async throws {
        let log = try process { $0.readsInOrderOfTime = true }
        var expected: [String] = []
        for turn in 0..<20 {
            let numbers = (turn * 50)..<(turn * 50 + 50)
            _ = try await log.append(numbers.map { Self.record("\($0)", site: "S-\($0 * 7 % 31)") })
            expected += numbers.map(String.init)
            // All of three bodies at one time, then later.
            if turn % 3 == 2 { clock.advance(byMs: 1) }
        }
        var found: [String] = []
        var cursor = LogCursor.start
        while found.count < expected.count {
            let slice = try await log.fetch(matching: [.siteEvents], from: cursor, maxRecords: 77, maxBytes: 1 << 20)
            found += slice.records.map { String(decoding: $0.record.value, as: UTF8.self) }
            #expect(slice.records.allSatisfy { $0.record.headers.isEmpty })
            cursor = slice.next
        }
        #expect(found == expected)
        try await log.close()
    }

    @Test func partitionsAreReadByTheTimeOfTheirRecords() async throws {
        let sites = sites(4)
        // A door for each site, with a clock of its own; the first is far ahead in the log and behind in time.
        for (number, site) in sites.enumerated() {
            let clock = ManualClock()
            let log = try KafkaLog(cluster.configuration(), clock: clock.milliseconds)
            clock.advance(byMs: Int64(number * 3))
            for turn in 0..<60 {
                clock.advance(byMs: 10)
                let count = number == 0 ? 40 : 1
                _ = try await log.append((0..<count).map { Self.record("\(turn)/\($0)", site: site) })
            }
            try await log.close()
        }
        let log = try process { $0.readsInOrderOfTime = true }
        var cursor = LogCursor.start
        var newest = Int64.min
        var counts: [String: Int] = [:]
        while counts.values.reduce(0, +) < 60 * 43 {
            let slice = try await log.fetch(matching: [.siteEvents], from: cursor, maxRecords: 333, maxBytes: 1 << 20)
            for record in slice.records {
                #expect(record.timestampMs >= newest)
                newest = max(newest, record.timestampMs)
                counts[record.record.topic.rawValue, default: 0] += 1
            }
            #expect(slice.next > cursor)
            cursor = slice.next
        }
        #expect(Set(counts.values) == [60, 2400])
        // Nothing more, and what comes is seen.
        #expect(try await log.fetch(matching: [.siteEvents], from: cursor, maxRecords: 9, maxBytes: 1 << 20).records.isEmpty)
        let end = cursor
        let waiting = Task { try await log.waitForRecords(at: end) }
        _ = try await log.append([Self.record("late", site: sites[3])])
        try await waiting.value
        let late = try await log.fetch(matching: [.siteEvents], from: cursor, maxRecords: 9, maxBytes: 1 << 20)
        #expect(late.records.map { String(decoding: $0.record.value, as: UTF8.self) } == ["late"])
        try await log.close()
    }
}
