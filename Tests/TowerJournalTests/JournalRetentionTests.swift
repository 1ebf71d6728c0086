import Testing
import TowerJournal
import TowerStreaming
import TowerTestKit

@Suite struct JournalRetentionTests {
    private typealias Fixture = JournalFixture

    private func configuration(hours: Int64? = nil, bytes: Int64? = nil) -> JournalConfiguration {
        var configuration = Fixture.configuration(segmentBytes: 1000)
        configuration.retentionMs = hours.map { [.telemetry: $0 * 3_600_000] } ?? [:]
        configuration.retentionBytes = bytes.map { [.telemetry: $0] } ?? [:]
        return configuration
    }

    /// One record an hour in S1 for 100 hours, one in S0 at the beginning, one incident an hour.
    private func filled(_ disk: FaultyDisk, _ configuration: JournalConfiguration, _ clock: ManualClock) async throws -> Journal {
        let log = try await Fixture.open(disk, configuration, clock: clock)
        _ = try await log.append([Fixture.record(Fixture.site(0), "idle since")])
        for hour in 0..<100 {
            _ = try await log.append([
                Fixture.record(Fixture.site(1), "hour \(hour)"), Fixture.record(Topic.incidents(tenant: "t"), "incident \(hour)"),
            ])
            clock.advance(byMs: 3_600_000)
        }
        return log
    }

    @Test func whatItsOneReaderIsDoneWithGivesItsRoomBack() async throws {
        let disk = FaultyDisk()
        let clock = ManualClock(startMs: 1_700_000_000_000)
        var keeping = configuration(hours: 24)
        keeping.retentionMs = [:]
        let log = try await filled(disk, keeping, clock)
        let all = try await Fixture.everything(log)
        let stored = log.storedBytes
        let middle = LogCursor(sequence: all[all.count / 2].sequence)
        let outcome = try await log.release(before: middle)
        #expect(outcome.segments > 2)
        #expect(log.storedBytes < stored)
        let left = try await Fixture.everything(log)
        #expect(left.filter { $0.sequence >= middle.sequence } == all.filter { $0.sequence >= middle.sequence }, "nothing unread goes")
        #expect(left.count < all.count)
        try await log.release(before: await log.end())
        try await log.close()
        let reopened = try await Fixture.open(disk.restarted(.synced), keeping, clock: clock)
        #expect(await reopened.end().sequence == all.count && reopened.storedBytes < stored / 2)
        _ = try await reopened.append([Fixture.record(Fixture.site(1), "on")])
        try await reopened.close()
    }

    @Test func oldSegmentsGoAndOffsetsStayWhatTheyWere() async throws {
        let disk = FaultyDisk()
        let clock = ManualClock(startMs: 1_700_000_000_000)
        let log = try await filled(disk, configuration(hours: 24), clock)
        let before = try await Fixture.everything(log)
        let end = await log.end()
        let outcome = try await log.enforceRetention(now: clock.nowMs)
        #expect(outcome.segments > 5 && outcome.bytes > 5000)
        let topics = try await log.topics(matching: nil)
        let idle = try #require(topics.first { $0.topic == Fixture.site(0) })
        #expect(idle.startOffset == 1 && idle.endOffset == 1 && idle.firstTimestampMs == nil)
        let busy = try #require(topics.first { $0.topic == Fixture.site(1) })
        #expect(busy.endOffset == 100)
        #expect((60...77).contains(busy.startOffset), "a day and at most a segment more is kept")
        let read = try await log.fetch(topic: Fixture.site(1), from: 0, maxBytes: 1 << 20)
        #expect(read.first?.offset == busy.startOffset)
        #expect(read.first?.timestampMs == busy.firstTimestampMs)
        #expect(
            read.map(\.sequence)
                == before.filter { $0.record.topic == Fixture.site(1) && $0.offset >= busy.startOffset }.map(\.sequence))
        let incidents = try await log.fetch(topic: Topic.incidents(tenant: "t"), from: 0, maxBytes: 1 << 20)
        #expect(incidents.count == 100, "business records are kept")
        #expect(await log.end() == end)
        #expect(try await log.enforceRetention(now: clock.nowMs) == RetentionOutcome(), "nothing more to do")
        let all = try await Fixture.everything(log)
        try await log.close()

        let reopened = try await Fixture.open(disk.restarted(.synced), configuration(hours: 24), clock: clock)
        #expect(try await Fixture.everything(reopened) == all)
        #expect(reopened.recovery.quarantined.isEmpty)
        let position = try await reopened.append([Fixture.record(Fixture.site(0), "awake")])
        #expect(position[0].offset == 1, "the idle topic's offsets go on")
        try await reopened.close()
    }

    @Test func aBoundInBytesKeepsTheNewest() async throws {
        let disk = FaultyDisk()
        let clock = ManualClock()
        let log = try await filled(disk, configuration(bytes: 4000), clock)
        try await log.enforceRetention(now: clock.nowMs)
        let read = try await log.fetch(topic: Fixture.site(1), from: 0, maxBytes: 1 << 20)
        #expect(read.last?.offset == 99)
        #expect(read.count > 10 && read.count < 40)
        try await log.close()
    }

    @Test func withoutABoundNothingGoes() async throws {
        let disk = FaultyDisk()
        let clock = ManualClock()
        let log = try await filled(disk, configuration(), clock)
        #expect(try await log.enforceRetention(now: .max) == RetentionOutcome())
        try await log.close()
    }

    /// Every disk call of a retention fails in turn: no readable record is lost that was to be kept.
    @Test func aRetentionCutOffAnywhereLosesNothingItShouldKeep() async throws {
        let clock = ManualClock(startMs: 1_700_000_000_000)
        let healthy = FaultyDisk()
        let log = try await filled(healthy, configuration(hours: 24), clock)
        let calls = healthy.calls
        try await log.enforceRetention(now: clock.nowMs)
        let kept = Set(try await Fixture.everything(log).map(\.sequence))
        let needed = healthy.calls
        try await log.close()
        for call in stride(from: calls + 1, through: needed, by: 3) {
            let disk = FaultyDisk()
            let other = ManualClock(startMs: 1_700_000_000_000)
            let log = try await filled(disk, configuration(hours: 24), other)
            disk.fail(call: call, with: .error(5), isLasting: true)
            _ = try? await log.enforceRetention(now: other.nowMs)
            let reopened = try await Fixture.open(
                disk.restarted(.random(seed: UInt64(call))), configuration(hours: 24), clock: other)
            #expect(kept.isSubset(of: Set(try await Fixture.everything(reopened).map(\.sequence))), "call \(call)")
            #expect(reopened.recovery.quarantined.isEmpty, "call \(call): \(reopened.recovery.quarantined)")
            #expect(try await reopened.append([Fixture.record(Fixture.site(0), "awake")])[0].offset == 1)
            try await reopened.close()
            try await log.close()
        }
    }
}
