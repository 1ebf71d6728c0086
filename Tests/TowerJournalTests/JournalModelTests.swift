import Testing
import TowerJournal
import TowerStreaming
import TowerTestKit

/// Random lives against a log that is an array.
@Suite struct JournalModelTests {
    private typealias Fixture = JournalFixture

    /// The naive log: what the journal must look like from outside.
    private struct Model {
        struct Entry: Equatable {
            var topic: TopicName
            var offset: Int64
            var sequence: Int64
            var value: [UInt8]
        }
        var entries: [Entry] = []
        var next: [TopicName: Int64] = [:]
        var start: [TopicName: Int64] = [:]
        var listed: Set<TopicName> = []
        var committed: [String: Int64] = [:]
        var end: Int64 = 0

        func readable(_ isWanted: (TopicName) -> Bool) -> [Entry] {
            entries.filter { listed.contains($0.topic) && $0.offset >= start[$0.topic] ?? 0 && isWanted($0.topic) }
        }
    }

    private static func entry(_ record: StoredRecord) -> Model.Entry {
        Model.Entry(topic: record.record.topic, offset: record.offset, sequence: record.sequence, value: record.record.value)
    }

    private static let topics: [TopicName] =
        (0..<5).map { JournalFixture.site($0) } + [Topic.incidents(tenant: "t"), Topic.alerts(tenant: "t"), TopicName("misc")]

    private func compare(_ log: Journal, _ model: Model, _ generator: inout SeededGenerator, _ what: String) async throws {
        #expect(await log.end().sequence == model.end, "\(what)")
        let listed = try await log.topics(matching: nil)
        #expect(listed.map(\.topic) == model.listed.sorted(), "\(what)")
        for topic in listed {
            #expect(topic.endOffset == model.next[topic.topic] ?? 0, "\(what)")
            #expect(topic.startOffset == model.start[topic.topic] ?? 0, "\(what)")
        }
        let topic = Self.topics[Int.random(in: 0..<Self.topics.count, using: &generator)]
        if model.listed.contains(topic) {
            let expected = model.readable { $0 == topic }
            let from = Int64.random(in: 0...(model.next[topic] ?? 0), using: &generator)
            let read = try await log.fetch(topic: topic, from: from, maxBytes: Int.random(in: 0...3000, using: &generator))
            let rest = expected.filter { $0.offset >= from }
            #expect(read.map(Self.entry) == Array(rest.prefix(read.count)), "\(what)")
            #expect(read.isEmpty == rest.isEmpty, "\(what)")
        }
        let pattern =
            [TopicPattern.siteEvents, TopicPattern("*"), .incidents, TopicPattern("misc")].randomElement(using: &generator)
            ?? .siteEvents
        let expected = model.readable { pattern.matches($0) }
        let from = Int64.random(in: 0...max(model.end, 1), using: &generator)
        var cursor = LogCursor(sequence: from)
        var forward: [Model.Entry] = []
        while cursor.sequence < model.end {
            let slice = try await log.fetch(
                matching: [pattern], from: cursor, maxRecords: Int.random(in: 1...20, using: &generator),
                maxBytes: Int.random(in: 0...2000, using: &generator))
            forward += slice.records.map(Self.entry)
            guard slice.next > cursor else {
                Issue.record("\(what): the cursor stands still")
                break
            }
            cursor = slice.next
        }
        #expect(forward == expected.filter { $0.sequence >= from }, "\(what)")
        var backward: [Model.Entry] = []
        cursor = LogCursor(sequence: from)
        while cursor > .start {
            let slice = try await log.fetchBackward(
                matching: [pattern], before: cursor, maxRecords: Int.random(in: 1...20, using: &generator),
                maxScanned: Int.random(in: 1...50, using: &generator))
            backward += slice.records.map(Self.entry)
            guard slice.next < cursor else {
                Issue.record("\(what): the cursor stands still downwards")
                break
            }
            cursor = slice.next
        }
        #expect(backward == expected.filter { $0.sequence < from }.reversed(), "\(what)")
        for group in try await log.groups() {
            #expect(group.committed.sequence == model.committed[group.group], "\(what)")
            let unread = model.readable { topic in group.patterns.contains { $0.matches(topic) } }.filter {
                $0.sequence >= group.committed.sequence
            }
            #expect(group.offsetLag == Int64(unread.count), "\(what)")
        }
    }

    @Test(arguments: 0..<24)
    func randomLives(seed: Int) async throws {
        var generator = SeededGenerator(seed: UInt64(seed))
        let configuration = Fixture.configuration(segmentBytes: [700, 1500, 6000, 1 << 16][seed % 4])
        let clock = ManualClock()
        var disk = FaultyDisk()
        var log = try await Fixture.open(disk, configuration, clock: clock)
        var model = Model()
        for step in 0..<60 {
            let what = "seed \(seed), step \(step)"
            clock.advance(byMs: Int64.random(in: 0...50, using: &generator))
            switch Int.random(in: 0..<20, using: &generator) {
            case 0..<11:
                let records = (0..<Int.random(in: 1...12, using: &generator)).map { _ in
                    let topic = Self.topics[Int.random(in: 0..<Self.topics.count, using: &generator)]
                    let size = Int.random(in: 0...120, using: &generator)
                    return Record(
                        topic: topic, key: Bool.random(using: &generator) ? nil : [1, 2],
                        value: (0..<size).map { _ in UInt8.random(in: 0...255, using: &generator) })
                }
                let positions = try await log.append(records)
                for (record, position) in zip(records, positions) {
                    let next = model.next[record.topic] ?? 0
                    model.entries.append(
                        Model.Entry(topic: record.topic, offset: next, sequence: model.end, value: record.value))
                    #expect(position.offset == next && position.sequence == model.end, "\(what)")
                    model.next[record.topic] = next + 1
                    model.listed.insert(record.topic)
                    model.end += 1
                }
            case 11:
                let topic = Self.topics[Int.random(in: 0..<Self.topics.count, using: &generator)]
                try await log.createTopic(topic)
                model.listed.insert(topic)
            case 12:
                guard let topic = model.listed.sorted().randomElement(using: &generator) else { continue }
                try await log.deleteTopic(topic)
                model.listed.remove(topic)
                model.start[topic] = model.next[topic] ?? 0
            case 13, 14:
                let name = "g\(Int.random(in: 0..<3, using: &generator))"
                let member = try await log.join(group: name, patterns: [.siteEvents, TopicPattern("misc")])
                #expect(member.committed.sequence == model.committed[name] ?? 0, "\(what)")
                let cursor = Int64.random(in: 0...model.end, using: &generator)
                try await log.commit(member, cursor: LogCursor(sequence: cursor))
                model.committed[name] = cursor
            default:
                // A clean end, a kill, or a power cut: what was answered is the same after each.
                let kind = Int.random(in: 0..<3, using: &generator)
                if kind == 0 { try await log.close() }
                disk = disk.restarted(kind == 1 ? .everything : kind == 2 ? .random(seed: UInt64(step)) : .synced)
                log = try await Fixture.open(disk, configuration, clock: clock)
                #expect(log.recovery.quarantined.isEmpty, "\(what): \(log.recovery.quarantined)")
            }
            try await compare(log, model, &generator, what)
        }
        try await log.close()
    }
}
