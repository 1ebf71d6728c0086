import Testing
@testable import TowerJournal
import TowerStreaming
import TowerTestKit

/// Work counted, not time: reading every topic in turn must not read the indexes of all segments for each of them.
@Suite struct JournalTopicWorkTests {
    private static let topics = 60
    private static let rounds = 120

    private static func filled(_ disk: FaultyDisk) async throws -> Journal {
        var configuration = JournalFixture.configuration(segmentBytes: 32 << 10)
        configuration.cachedIndexes = 2
        let log = try await JournalFixture.open(disk, configuration)
        for round in 0..<rounds {
            _ = try await log.append((0..<topics).map { JournalFixture.record(JournalFixture.site($0), "\(round)") })
        }
        try await log.close()
        return try await JournalFixture.open(disk, configuration)
    }

    @Test("topic after topic through more segments than the cache holds loads no index again and again")
    func topicAfterTopic() async throws {
        let log = try await Self.filled(FaultyDisk())
        let segments = log.catalog.read { $0.series[0].count }
        try #require(segments > 8)
        for topic in 0..<Self.topics {
            let records = try await log.fetch(topic: JournalFixture.site(topic), from: 0, maxBytes: 1 << 20)
            #expect(records.map(\.record.value) == (0..<Self.rounds).map { Array("\($0)".utf8) })
        }
        // Before, each of the topics loaded each of the segments' indexes: their product.
        #expect(log.cache.insertions <= segments)
        try await log.close()
    }

    @Test("a topic with many sections in a segment is found in the whole index, which is kept")
    func busyTopic() async throws {
        let disk = FaultyDisk()
        let configuration = JournalFixture.configuration(segmentBytes: 1 << 20)
        var log = try await JournalFixture.open(disk, configuration)
        for number in 0..<3 * IndexLinks.maxSteps {
            _ = try await log.append([JournalFixture.record(JournalFixture.site(0), "\(number)")])
        }
        _ = try await log.append((0..<20).map { JournalFixture.record(JournalFixture.site($0), String(repeating: "x", count: 60_000)) })
        try await log.close()
        log = try await JournalFixture.open(disk, configuration)
        for offset in 0..<Int64(3 * IndexLinks.maxSteps) {
            let records = try await log.fetch(topic: JournalFixture.site(0), from: offset, maxBytes: 0)
            #expect(records.first?.offset == offset && records.first?.record.value == Array("\(offset)".utf8))
        }
        #expect(log.cache.insertions == 1)
        try await log.close()
    }

    @Test("an index whose bytes changed is not followed: it is rebuilt, and the records are there", arguments: [0, 4, 12, 24, 32])
    func damagedIndex(_ field: Int) async throws {
        let disk = FaultyDisk()
        try await Self.filled(disk).close()
        let path = try #require(disk.paths.first { $0.hasSuffix("telemetry-0000000002.seg") })
        let content = disk.content(path)
        let footer = try #require(
            content.suffix(SegmentFooter.size).withUnsafeBytes { SegmentFooter($0, fileSize: Int64(content.count)) })
        // In the middle of the index, so that some topics' links pass it.
        let entry = Int(footer.entriesPosition) + footer.entryCount / 2 * SectionEntry.size
        disk.flip(path, bit: (entry + field) * 8 + 1)
        var configuration = JournalFixture.configuration(segmentBytes: 32 << 10)
        configuration.cachedIndexes = 2
        let log = try await JournalFixture.open(disk, configuration)
        for topic in 0..<Self.topics {
            let records = try await log.fetch(topic: JournalFixture.site(topic), from: 0, maxBytes: 1 << 20)
            #expect(records.map(\.record.value) == (0..<Self.rounds).map { Array("\($0)".utf8) })
        }
        #expect(log.damage.contains { $0.file == path })
        try await log.close()
    }
}
