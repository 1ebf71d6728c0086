import Testing
@testable import TowerJournal
import TowerStreaming
import TowerTestKit

@Suite struct JournalTopicSearchTests {
    private static let busy = Topic.siteEvents(site: "BUSY")
    private static let appends = 200
    private static let each = 500
    private static let stepMs: Int64 = 10

    /// Every second record of an append is of one topic, the others go over ten thousand.
    private static func fill(_ log: Journal, _ clock: ManualClock) async throws {
        for number in 0..<appends {
            var records: [Record] = []
            for part in 0..<each {
                records.append(Record(topic: busy, key: nil, value: Array("\(number * each + part)".utf8)))
                records.append(JournalFixture.record(JournalFixture.site((number * each + part) % 10_000), "x"))
            }
            _ = try await log.append(records)
            clock.advance(byMs: stepMs)
        }
    }

    private static func check(_ log: Journal, begin: Int64) async throws {
        let count = Int64(appends * each)
        for offset in [0, 1, 499, 500, 31_337, 77_777, count - 65, count - 64, count - 1] {
            let found = try await log.fetch(topic: busy, from: offset, maxBytes: 0)
            #expect(found.map(\.offset) == [offset])
            #expect(found.map(\.record.value) == [Array("\(offset)".utf8)])
        }
        #expect(try await log.fetch(topic: busy, from: count, maxBytes: 1).isEmpty)
        for append in [0, 1, 99, 150, appends - 1] {
            let time = begin + Int64(append) * stepMs
            #expect(try await log.offset(topic: busy, atOrAfterMs: time) == Int64(append * each))
            #expect(try await log.offset(topic: busy, atOrAfterMs: time + 1) == Int64((append + 1) * each))
            #expect(try await log.cursor(atOrAfterMs: time) == LogCursor(sequence: Int64(append * each * 2)))
        }
        var next: Int64 = 0
        while next < count {
            let piece = try await log.fetch(topic: busy, from: next, maxBytes: 20_000)
            try #require(piece.first?.offset == next)
            next += Int64(piece.count)
            #expect(piece.last?.offset == next - 1)
        }
    }

    @Test(
        "a hundred thousand records of one topic among ten thousand topics are found by offset and by time",
        arguments: [1 << 20, 64 << 20])
    func findsRecordsOfABusyTopic(segmentBytes: Int) async throws {
        let disk = FaultyDisk()
        let clock = ManualClock()
        let begin = clock.milliseconds()
        let configuration = JournalFixture.configuration(segmentBytes: segmentBytes)
        var log = try await JournalFixture.open(disk, configuration, clock: clock)
        try await Self.fill(log, clock)
        try await Self.check(log, begin: begin)
        try await log.close()
        log = try await JournalFixture.open(disk, configuration, clock: clock)
        try await Self.check(log, begin: begin)
        try await log.close()
    }

    /// Sections of topics 0, 1 and 2 in turn; those below `broken` do not say where the one before is.
    private static func index(_ count: UInt32, brokenBelow broken: UInt32 = 0) -> SectionIndex {
        SectionIndex(
            (0..<count).map { number in
                SectionEntry(
                    position: number, length: 64, topic: number % 3,
                    previous: number < 3 || number < broken ? SectionEntry.none : number - 3, sequence: number, time: number,
                    count: number % 5 == 0 ? 0 : 1, flags: 0, baseOffset: Int64(number / 3))
            })
    }

    @Test func sectionsOfATopicAreWalkedOverOnce() {
        let places = TopicPlaces()
        func expected(_ topic: UInt32, _ count: UInt32) -> [UInt32] { (0..<count).filter { $0 % 3 == topic && $0 % 5 != 0 } }
        #expect(places.withPlaces(of: 1, last: 298, in: Self.index(300)) { $0 } == expected(1, 300))
        // Only what came since is looked at: the rest could not be found any more.
        let grown = Self.index(600, brokenBelow: 298)
        #expect(places.withPlaces(of: 1, last: 598, in: grown) { $0 } == expected(1, 600))
        #expect(places.withPlaces(of: 2, last: 599, in: Self.index(600)) { $0 } == expected(2, 600))
    }

    @Test(arguments: 0...7)
    func bisectionFindsTheFirstThatIsNotBefore(bound: UInt32) {
        let places: [UInt32] = [1, 3, 5]
        #expect(places.firstPosition { $0 < bound } == places.filter { $0 < bound }.count)
    }
}
