import KafkaTestKit
import Testing
import TowerKafka
import TowerStreaming
import TowerTestKit

/// Groups of several members over the mock's coordinator; members in processes of their own are `KafkaFaults groups`.
@Suite struct KafkaGroupTests {
    private func make() async throws -> (MockCluster, KafkaLog, ManualClock) {
        let cluster = try MockCluster(brokers: 3)
        try cluster.createKeyedTopics()
        let clock = ManualClock()
        let log = try KafkaLog(cluster.configuration(), clock: clock.milliseconds)
        return (cluster, log, clock)
    }

    private func append(_ log: KafkaLog, _ numbers: Range<Int>) async throws {
        for number in numbers {
            _ = try await log.append([Record(topic: Topic.siteEvents(site: "S-\(number % 40)"), key: nil, value: Array("\(number)".utf8))])
        }
    }

    private func reader(_ log: KafkaLog, _ name: String) async throws -> GroupReader {
        try await GroupReader(log: log, group: "shared", patterns: [.siteEvents], member: name, sessionMs: 6000)
    }

    private func all(_ reader: inout GroupReader) async throws -> Set<String> {
        var found: Set<String> = []
        while true {
            let batch = try await reader.next(maxRecords: 1000, maxBytes: 1 << 20)
            if batch.records.isEmpty { return found }
            for record in batch.records { found.insert(String(decoding: record.record.value, as: UTF8.self)) }
        }
    }

    @Test func membersShareThePartitionsAndTakeOverWhatOneLeaves() async throws {
        let (cluster, log, _) = try await make()
        try await append(log, 0..<80)
        var one = try await reader(log, "one")
        #expect(try await all(&one) == Set((0..<80).map(String.init)))
        try await one.commit()
        var two = try await reader(log, "two")
        // The brokers move partitions in two steps; until then the first has them.
        var slots: [Int] = []
        while slots != [6, 6] { slots = try await log.groups().first?.shares.map(\.slots.count) ?? [] }
        try await append(log, 80..<160)
        let ofOne = try await all(&one)
        let ofTwo = try await all(&two)
        #expect(ofOne.isDisjoint(with: ofTwo) && ofOne.union(ofTwo) == Set((80..<160).map(String.init)))
        try await two.commit()
        try await one.leave()
        // What the first had read and not committed comes to the second.
        var again: Set<String> = []
        while again.count < ofOne.count { again.formUnion(try await all(&two)) }
        #expect(again == ofOne)
        try await two.commit()
        let group = try await log.groups()[0]
        #expect(group.offsetLag == 0 && group.members == 1)
        await #expect(throws: EventLogError.self) { try await one.commit() }
        try await log.close()
        withExtendedLifetime(cluster) {}
    }

    @Test func aSilentMemberLosesItsPlaceAndAPartitionThatWentIsNotCommitted() async throws {
        let (cluster, log, clock) = try await make()
        try await append(log, 0..<40)
        let member = try await log.join(group: "shared", patterns: [.siteEvents], member: "one", sessionMs: 6000)
        let slots = try await log.assignment(of: member).slots
        #expect(slots.count == 12)
        // Under another right than its own a commit has no effect.
        let odd = slots.map { slot in
            GroupSlot(slot: slot.slot, since: slot.since + 1, next: LogCursor(parts: slot.next.parts.map { LogPart(name: $0.name, next: 1) }))
        }
        #expect(try await log.commit(member, slots: odd).slots == slots)
        clock.advance(byMs: 6001)
        let error = await #expect(throws: EventLogError.self) { try await log.commit(member, slots: slots) }
        #expect(error?.code == .staleMember)
        #expect(try await log.groups()[0].members == 0)
        try await log.close()
        withExtendedLifetime(cluster) {}
    }
}
