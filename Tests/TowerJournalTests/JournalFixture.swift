import TowerJournal
import TowerStreaming
import TowerTestKit

/// What the tests of the journal share.
enum JournalFixture {
    static let directory = "/log"

    static func configuration(segmentBytes: Int = 2048) -> JournalConfiguration {
        var configuration = JournalConfiguration()
        configuration.firstSegmentBytes = segmentBytes
        configuration.maxSegmentBytes = segmentBytes
        configuration.maxRecordBytes = 64 << 10
        // So small that the ring wraps all the time.
        configuration.tailBytes = 16 << 10
        configuration.isHousekeepingInline = true
        return configuration
    }

    static func open(
        _ disk: FaultyDisk, _ configuration: JournalConfiguration = configuration(), clock: ManualClock = ManualClock()
    )
        async throws -> Journal
    {
        try await Journal.open(directory: directory, configuration: configuration, disk: disk, clock: clock.milliseconds)
    }

    static func record(_ topic: TopicName, _ value: String) -> Record {
        Record(topic: topic, key: Array("k".utf8), value: Array(value.utf8))
    }

    static func site(_ number: Int) -> TopicName { Topic.siteEvents(site: "S\(number)") }

    static func everything(_ log: Journal) async throws -> [StoredRecord] {
        var records: [StoredRecord] = []
        var cursor = LogCursor.start
        while cursor < (await log.end()) {
            let slice = try await log.fetch(matching: [TopicPattern("*")], from: cursor, maxRecords: 1000, maxBytes: 1 << 20)
            records += slice.records
            guard slice.next > cursor else { break }
            cursor = slice.next
        }
        return records
    }

    static func values(_ log: Journal) async throws -> [String] {
        try await everything(log).map { String(decoding: $0.record.value, as: UTF8.self) }
    }

    /// What reading topic by topic gives, in sequence order.
    static func everythingByTopic(_ log: Journal) async throws -> [StoredRecord] {
        var records: [StoredRecord] = []
        for topic in try await log.topics(matching: nil) {
            var at = topic.startOffset
            while true {
                let piece = try await log.fetch(topic: topic.topic, from: at, maxBytes: 1 << 20)
                guard let last = piece.last else { break }
                records += piece
                at = last.offset + 1
            }
        }
        return records.sorted { $0.sequence < $1.sequence }
    }
}
