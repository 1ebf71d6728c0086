import Foundation
import Testing
import TowerStreaming

@Suite struct LogCursorTests {
    static let parts = LogCursor(parts: [
        LogPart(name: "towerco.sites.events/2", next: 7), LogPart(name: "towerco.sites.events/10", next: 5), LogPart(name: "a:b/0", next: 0),
    ])

    @Test func partsAreSortedAndSummed() {
        #expect(Self.parts.sequence == 12)
        #expect(Self.parts.parts.map(\.name) == ["a:b/0", "towerco.sites.events/10", "towerco.sites.events/2"])
        #expect(Self.parts.next(in: "towerco.sites.events/2") == 7 && Self.parts.next(in: "towerco.sites.events/1") == nil)
        #expect(LogCursor(parts: []) == .start)
        #expect(LogCursor(parts: [LogPart(name: "t/0", next: 9), LogPart(name: "t/0", next: 3)]).parts == [LogPart(name: "t/0", next: 9)])
    }

    @Test(arguments: [LogCursor.start, LogCursor(sequence: 17), LogCursor(sequence: -3), LogCursor(sequence: .max), LogCursorTests.parts])
    func theTextAndTheStoredFormLeadBack(cursor: LogCursor) throws {
        #expect(LogCursor(cursor.description) == cursor)
        let stored = try JSONEncoder().encode([cursor])
        #expect(try JSONDecoder().decode([LogCursor].self, from: stored) == [cursor])
    }

    /// What was written before there were parts.
    @Test(arguments: [("{\"sequence\":41}", 41), ("41", 41), ("\"41\"", 41)] as [(String, Int64)])
    func olderStoredFormsAreRead(json: String, sequence: Int64) throws {
        #expect(try JSONDecoder().decode(LogCursor.self, from: Data(json.utf8)) == LogCursor(sequence: sequence))
    }

    @Test(arguments: [
        "", "x", "t=1", "t/0", "t/0=", "t/0=-1", "t/-1=3", "t/0=1,", ",t/0=1", "t/0=1,t/0=2", "t t/0=1", "/0=1",
        "t/0=9223372036854775807,t/1=1", "t/0=1.5", "99999999999999999999",
    ])
    func otherTextsAreRefused(text: String) {
        #expect(LogCursor(text) == nil)
    }

    @Test func aPlainCursorCoversBySequenceAndOneWithPartsByOffset() {
        let position = StoredPosition(offset: 6, sequence: 11, timestampMs: 0, partition: 2)
        let topic = TopicName("towerco.sites.events")
        #expect(LogCursor(sequence: 12).covers(position, in: topic) && !LogCursor(sequence: 11).covers(position, in: topic))
        #expect(Self.parts.covers(position, in: topic))
        #expect(!Self.parts.covers(topic: topic, partition: 2, offset: 7) && !Self.parts.covers(topic: topic, partition: 3, offset: 0))
        #expect(!LogCursor(sequence: 100).covers(StoredPosition(offset: 1, sequence: -1, timestampMs: 0), in: topic))
    }

    @Test func mergingTakesTheOthersParts() {
        let other = LogCursor(parts: [LogPart(name: "towerco.sites.events/2", next: 9), LogPart(name: "x/0", next: 1)])
        #expect(Self.parts.merging(other).description == "a:b/0=0,towerco.sites.events/10=5,towerco.sites.events/2=9,x/0=1")
        #expect(LogCursor.start.merging(other) == other && other.merging(.start) == other)
        #expect(LogCursor(sequence: 3).merging(LogCursor(sequence: 2)) == LogCursor(sequence: 3))
    }

    @Test func aSlotGoesOnInItsOwnPartAndNeverBack() {
        let slot = GroupSlot(slot: 1, since: 1, next: LogCursor(parts: [LogPart(name: "t/1", next: 5)]))
        let place = LogCursor(parts: [LogPart(name: "t/0", next: 50), LogPart(name: "t/1", next: 8)])
        #expect(slot.advanced(to: place).next.description == "t/1=8")
        #expect(slot.advanced(to: LogCursor(parts: [LogPart(name: "t/1", next: 2)])).next.description == "t/1=5")
        #expect(slot.advanced(to: LogCursor(parts: [LogPart(name: "t/9", next: 2)])).next.description == "t/1=5")
        let plain = GroupSlot(slot: 1, since: 1, next: LogCursor(sequence: 5))
        #expect(plain.advanced(to: LogCursor(sequence: 7)).next.sequence == 7)
        #expect(plain.advanced(to: LogCursor(sequence: 3)).next.sequence == 5)
    }
}
