import Glibc
import Testing
import TowerJournal
import TowerStreaming
import TowerTestKit

/// Compaction by key: of each key the newest record stays where it was; readers skip the holes.
@Suite struct JournalCompactionTests {
    private typealias Fixture = JournalFixture
    private let topic = Topic.incidents(tenant: "t")
    private let other = Topic.alerts(tenant: "t")

    private func configuration() -> JournalConfiguration {
        var configuration = Fixture.configuration(segmentBytes: 1500)
        configuration.compressionDelayMs = 0
        configuration.compactionMinSaving = 0
        return configuration
    }

    private func record(_ topic: TopicName, _ key: String?, _ value: String) -> Record {
        Record(topic: topic, key: key.map { Array($0.utf8) }, value: Array(value.utf8), headers: [.init("n", value)])
    }

    /// Keys a to e over and over in a compacted topic, several to an append; another topic beside it.
    private func filled(_ disk: FaultyDisk, _ clock: ManualClock) async throws -> Journal {
        let log = try await Fixture.open(disk, configuration(), clock: clock)
        try await log.createTopic(topic, TopicConfiguration(cleanup: .compact))
        _ = try await log.append([record(topic, "gone", "was here"), record(topic, nil, "no key"), record(topic, "once", "kept")])
        _ = try await log.append([record(topic, "gone", "")])
        for number in 0..<30 {
            let keys = ["a", "b", "c", "d", "e"]
            _ = try await log.append([
                record(topic, keys[number % 5], "\(number).0"), record(topic, number < 3 ? "early\(number)" : "a", "\(number).1"),
                record(topic, keys[(number + 2) % 5], "\(number).2"), record(other, "x", "other \(number)"),
            ])
            clock.advance(byMs: 1000)
        }
        return log
    }

    private func newest(_ records: [StoredRecord]) -> [[UInt8]: StoredRecord] {
        Dictionary(records.filter { $0.record.topic == topic && $0.record.key != nil }.map { ($0.record.key ?? [], $0) }) { $1 }
    }

    @Test func theNewestOfEachKeyStaysWhereItWas() async throws {
        let disk = FaultyDisk()
        let clock = ManualClock(startMs: 1_700_000_000_000)
        var log = try await filled(disk, clock)
        let before = try await Fixture.everything(log)
        let described = try #require(try await log.topics(matching: TopicPattern(topic.rawValue)).first)
        let outcome = try await log.compactTopics(now: clock.nowMs)
        #expect(outcome.segments > 2 && outcome.records > 30 && outcome.bytes > 1000)
        let expected = Dictionary(uniqueKeysWithValues: before.map { ($0.sequence, $0) })
        for round in 0..<3 {
            let after = try await Fixture.everything(log)
            #expect(Int64(before.count - after.count) == outcome.records, "round \(round)")
            for record in after { #expect(expected[record.sequence] == record) }
            #expect(newest(after) == newest(before))
            #expect(after.filter { $0.record.topic == other } == before.filter { $0.record.topic == other }, "others lose nothing")
            #expect(after.contains { $0.record.key == nil && $0.record.topic == topic })
            #expect(try await Fixture.everythingByTopic(log) == after)
            let now = try #require(try await log.topics(matching: TopicPattern(topic.rawValue)).first)
            #expect(now.endOffset == described.endOffset && now.bytes < described.bytes)
            // From any offset, cursor or time the next record that is there is found.
            let kept = after.filter { $0.record.topic == topic }
            for offset in 0..<described.endOffset {
                let first = try await log.fetch(topic: topic, from: offset, maxBytes: 1).first
                #expect(first?.offset == kept.first { $0.offset >= offset }?.offset, "offset \(offset)")
            }
            for sequence in Int64(0)..<Int64(before.count) {
                let slice = try await log.fetch(
                    matching: [TopicPattern("*")], from: LogCursor(sequence: sequence), maxRecords: 1, maxBytes: 1 << 20)
                #expect(slice.records.first?.sequence == after.first { $0.sequence >= sequence }?.sequence, "sequence \(sequence)")
            }
            let newestFirst = try await log.fetchBackward(
                matching: [.incidents], before: await log.end(), maxRecords: 1000, maxScanned: 100_000)
            #expect(newestFirst.records.map(\.sequence) == kept.map(\.sequence).reversed())
            for second in stride(from: Int64(0), to: 30, by: 3) {
                let time = 1_700_000_000_000 + second * 1000
                let cursor = try await log.cursor(atOrAfterMs: time)
                #expect(after.first { $0.sequence >= cursor.sequence }?.sequence == after.first { $0.timestampMs >= time }?.sequence)
            }
            let member = try await log.join(group: "g\(round)", patterns: [.incidents])
            try await log.commit(member, cursor: LogCursor(sequence: 1))
            let lag = try #require(try await log.groups().first { $0.group == "g\(round)" })
            #expect(lag.offsetLag == Int64(kept.filter { $0.sequence >= 1 }.count), "the lag counts what is there")
            if round == 1 { #expect(try await log.compressSealed(now: .max).segments > 0) }
            try await log.close()
            #expect(try Journal.verify(directory: Fixture.directory, disk: disk).isIntact)
            log = try await Fixture.open(disk, configuration(), clock: clock)
            #expect(log.recovery.quarantined.isEmpty)
            #expect(log.configuration(of: topic).cleanup == .compact && log.configuration(of: other).cleanup == .delete)
        }
        try await log.close()
    }

    @Test func aKeyThatIsGoneIsForgottenAfterItsGrace() async throws {
        let disk = FaultyDisk()
        let clock = ManualClock(startMs: 1_700_000_000_000)
        let log = try await filled(disk, clock)
        func hasTombstone() async throws -> Bool {
            try await Fixture.everything(log).contains { $0.record.key == Array("gone".utf8) }
        }
        try await log.compactTopics(now: clock.nowMs, graceMs: 3_600_000)
        #expect(try await Fixture.values(log).contains("was here") == false)
        #expect(try await hasTombstone(), "readers must be able to see it")
        clock.advance(byMs: 7_200_000)
        for number in 0..<20 { _ = try await log.append([record(topic, "a", "later \(number)")]) }
        try await log.compactTopics(now: clock.nowMs, graceMs: 3_600_000)
        #expect(try await hasTombstone() == false)
        #expect(try await Fixture.values(log).contains("kept"))
        try await log.close()
    }

    @Test func withoutACompactedTopicNothingIsTouched() async throws {
        let disk = FaultyDisk()
        let log = try await Fixture.open(disk, configuration())
        for number in 0..<40 { _ = try await log.append([record(topic, "k", "value \(number)")]) }
        let calls = disk.calls
        #expect(try await log.compactTopics(now: .max) == CompactionOutcome())
        #expect(disk.calls == calls)
        try await log.createTopic(topic, TopicConfiguration(cleanup: .compact))
        try await log.deleteTopic(topic)
        #expect(log.configuration(of: topic).cleanup == .delete, "a topic made anew begins without it")
        try await log.close()
    }

    /// Every disk call of a pass fails in turn, and the machine restarts: what the pass keeps is never lost.
    @Test func aPassCutOffAnywhereLosesNothing() async throws {
        let healthy = FaultyDisk()
        let clock = ManualClock(startMs: 1_700_000_000_000)
        let log = try await filled(healthy, clock)
        let before = try await Fixture.everything(log)
        let calls = healthy.calls
        try await log.compactTopics(now: clock.nowMs)
        let kept = try await Fixture.everything(log)
        let needed = healthy.calls
        try await log.close()
        let expected = Dictionary(uniqueKeysWithValues: before.map { ($0.sequence, $0) })
        for call in calls + 1...needed {
            let disk = FaultyDisk()
            let log = try await filled(disk, ManualClock(startMs: 1_700_000_000_000))
            disk.fail(call: call, with: .short(EIO), isLasting: call % 2 == 0)
            _ = try? await log.compactTopics(now: clock.nowMs)
            disk.heal()
            var states = [try await Fixture.everything(log)]
            for survival in [FaultyDisk.Survival.synced, .random(seed: UInt64(call)), .random(seed: UInt64(call) + 500)] {
                let reopened = try await Fixture.open(disk.restarted(survival), configuration(), clock: clock)
                states.append(try await Fixture.everything(reopened))
                #expect(reopened.recovery.quarantined.isEmpty, "call \(call): \(reopened.recovery.quarantined)")
                try await reopened.close()
            }
            for state in states {
                for record in state { #expect(expected[record.sequence] == record, "call \(call)") }
                #expect(Set(kept.map(\.sequence)).isSubset(of: Set(state.map(\.sequence))), "call \(call)")
            }
            try await log.close()
        }
    }

    /// Holes are known to be meant even when the footer that lists the sections is lost.
    @Test func aLostFooterOfACompactedSegmentIsNoDamageToOthers() async throws {
        let disk = FaultyDisk()
        let clock = ManualClock(startMs: 1_700_000_000_000)
        let log = try await filled(disk, clock)
        try await log.compactTopics(now: clock.nowMs)
        let records = try await Fixture.everything(log)
        try await log.close()
        for path in disk.paths where path.contains("business") && path.hasSuffix(".seg") {
            let content = disk.content(path)
            guard content.suffix(80).starts(with: Array("TOWEREND".utf8)) else { continue }
            let after = disk.restarted(.synced)
            after.flip(path, bit: (content.count - 40) * 8)
            let reopened = try await Fixture.open(after, configuration(), clock: clock)
            #expect(try await Fixture.everything(reopened) == records, "\(path)")
            #expect(reopened.recovery.droppedBytes == 0 && reopened.recovery.rebuiltFooters == [path])
            try await reopened.close()
        }
    }
}
