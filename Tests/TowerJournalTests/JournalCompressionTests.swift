import Glibc
import Testing
import TowerJournal
import TowerStreaming
import TowerTestKit

/// Sealed segments in their compressed form: the same records at the same places, whatever happens on the way there.
@Suite struct JournalCompressionTests {
    private typealias Fixture = JournalFixture

    private func configuration(segmentBytes: Int = 2048, delayMs: Int64 = 0) -> JournalConfiguration {
        var configuration = Fixture.configuration(segmentBytes: segmentBytes)
        configuration.compressionDelayMs = delayMs
        return configuration
    }

    private func fill(_ log: Journal, _ appends: Range<Int>, valueBytes: Int = 90) async throws {
        for number in appends {
            _ = try await log.append([
                Fixture.record(Fixture.site(number % 3), "value \(number) " + String(repeating: "x", count: valueBytes)),
                Fixture.record(Topic.incidents(tenant: "t"), "incident \(number)"),
            ])
        }
    }

    private func isCompressed(_ disk: FaultyDisk, _ path: String) -> Bool {
        let content = disk.content(path)
        return content.count > 12 && content[12] == 2
    }

    private func segments(_ disk: FaultyDisk) -> [String] { disk.paths.filter { $0.hasSuffix(".seg") } }

    @Test func recordsPlacesAndTopicsStayTheSame() async throws {
        let disk = FaultyDisk()
        let clock = ManualClock()
        var log = try await Fixture.open(disk, configuration(), clock: clock)
        try await fill(log, 0..<60)
        let records = try await Fixture.everything(log)
        let topics = try await log.topics(matching: nil)
        let before = disk.usedBytes
        let outcome = try await log.compressSealed(now: clock.nowMs)
        #expect(outcome.segments > 8 && outcome.bytesAfter < outcome.bytesBefore)
        #expect(Int64(before - disk.usedBytes) == outcome.bytesBefore - outcome.bytesAfter)
        #expect(try await log.compressSealed(now: clock.nowMs) == CompressionOutcome(), "nothing more to do")
        for round in 0..<2 {
            #expect(try await Fixture.everything(log) == records, "round \(round)")
            #expect(try await Fixture.everythingByTopic(log) == records)
            #expect(try await log.topics(matching: nil) == topics)
            let batches = try await log.recordBatches(topic: Fixture.site(1), from: 3, maxBytes: 4000)
            #expect(!batches.isEmpty)
            try await log.close()
            let verified = try Journal.verify(directory: Fixture.directory, disk: disk)
            #expect(verified.isIntact && verified.records == 120)
            log = try await Fixture.open(disk, configuration(), clock: clock)
            #expect(log.recovery.scannedSegments == 2, "sealed segments are taken at their footer's word")
        }
        let position = try await log.append([Fixture.record(Fixture.site(0), "after")])
        #expect(position[0].offset == 20 && position[0].sequence == 120)
        try await log.close()
    }

    @Test func nothingIsCompressedBeforeItsTimeNorWhenSwitchedOff() async throws {
        let disk = FaultyDisk()
        let clock = ManualClock(startMs: 1_000_000)
        let log = try await Fixture.open(disk, configuration(delayMs: 60_000), clock: clock)
        try await fill(log, 0..<40)
        #expect(try await log.compressSealed(now: clock.nowMs + 59_999) == CompressionOutcome())
        #expect(try await log.compressSealed(now: clock.nowMs + 60_000).segments > 0)
        try await log.close()
        var off = configuration()
        off.compression = .none
        let reopened = try await Fixture.open(disk, off, clock: clock)
        try await fill(reopened, 40..<80)
        let before = segments(disk).filter { isCompressed(disk, $0) }
        #expect(try await reopened.compressSealed(now: .max) == CompressionOutcome())
        #expect(segments(disk).filter { isCompressed(disk, $0) } == before)
        #expect(try await Fixture.everything(reopened).count == 160, "both forms are read together")
        try await reopened.close()
    }

    @Test func whatDoesNotShrinkStaysAsItIs() async throws {
        let disk = FaultyDisk()
        let log = try await Fixture.open(disk, configuration(segmentBytes: 4096))
        var generator = SeededGenerator(seed: 7)
        for _ in 0..<20 {
            let noise = (0..<900).map { _ in UInt8.random(in: 0...255, using: &generator) }
            _ = try await log.append([Record(topic: Fixture.site(1), key: nil, value: noise)])
        }
        #expect(try await log.compressSealed(now: .max) == CompressionOutcome())
        #expect(!disk.paths.contains { $0.hasSuffix(".tmp") })
        let calls = disk.calls
        #expect(try await log.compressSealed(now: .max) == CompressionOutcome())
        #expect(disk.calls == calls, "not tried twice")
        try await log.close()
    }

    /// Every disk call of a pass fails in turn, once or from then on, and the machine restarts with any of what was under way.
    @Test(arguments: [false, true])
    func aPassCutOffAnywhereLosesNothing(isLasting: Bool) async throws {
        let clock = ManualClock()
        let healthy = FaultyDisk()
        let log = try await Fixture.open(healthy, configuration(), clock: clock)
        try await fill(log, 0..<40)
        let expected = try await Fixture.everything(log)
        let calls = healthy.calls
        #expect(try await log.compressSealed(now: clock.nowMs).segments > 3)
        let needed = healthy.calls
        try await log.close()
        #expect(needed - calls > 30)
        for call in calls + 1...needed {
            for fault in [FaultyDisk.Fault.short(EIO), .error(ENOSPC)] {
                let disk = FaultyDisk()
                let log = try await Fixture.open(disk, configuration(), clock: clock)
                try await fill(log, 0..<40)
                disk.fail(call: call, with: fault, isLasting: isLasting)
                _ = try? await log.compressSealed(now: clock.nowMs)
                disk.heal()
                #expect(try await Fixture.everything(log) == expected, "call \(call): readers of the running journal")
                for survival in [FaultyDisk.Survival.synced, .everything, .random(seed: UInt64(call)), .random(seed: UInt64(call) + 999)] {
                    let after = disk.restarted(survival)
                    let reopened = try await Fixture.open(after, configuration(), clock: clock)
                    #expect(try await Fixture.everything(reopened) == expected, "\(fault) at call \(call), \(survival)")
                    #expect(reopened.recovery.quarantined.isEmpty, "\(fault) at call \(call): \(reopened.recovery.quarantined)")
                    #expect(!after.paths.contains { $0.hasSuffix(".tmp") }, "leftovers are removed")
                    try await reopened.close()
                }
                try await log.close()
            }
        }
    }

    private struct Large {
        var disk: FaultyDisk
        var records: [StoredRecord]
        var path: String
        var configuration: JournalConfiguration
    }

    /// A compressed segment of several blocks.
    private func large() async throws -> Large {
        let disk = FaultyDisk()
        let configuration = configuration(segmentBytes: 600 << 10)
        let log = try await Fixture.open(disk, configuration)
        var generator = SeededGenerator(seed: 3)
        for number in 0..<320 {
            let text = (0..<30).map { _ in String(UInt8.random(in: 0...9, using: &generator)) }.joined()
            _ = try await log.append(
                (0..<8).map { Fixture.record(Fixture.site($0), "\(number).\($0) \(text)" + String(repeating: "y", count: 250)) })
        }
        _ = try await log.compressSealed(now: .max)
        let records = try await Fixture.everything(log)
        try await log.close()
        return Large(disk: disk, records: records, path: "/log/telemetry-0000000001.seg", configuration: configuration)
    }

    /// One bit turned round anywhere: no wrong byte is served; only the records of that block are missing, and that is told.
    @Test func aDamagedBlockCostsOnlyWhatLiesInIt() async throws {
        let store = try await large()
        let content = store.disk.content(store.path)
        #expect(content.count > 40_000 && content.count < 400_000)
        let expected = Dictionary(uniqueKeysWithValues: store.records.map { ($0.sequence, $0) })
        var losses: Set<Int> = []
        for place in stride(from: 1, to: content.count, by: content.count / 61) {
            let disk = store.disk.restarted(.synced)
            disk.flip(store.path, bit: place * 8 + place % 8)
            let log = try await Fixture.open(disk, store.configuration)
            let read = try await Fixture.everything(log)
            for record in read { #expect(expected[record.sequence] == record, "byte \(place): wrong bytes served") }
            let lost = store.records.count - read.count
            losses.insert(lost)
            #expect(lost * 3 < store.records.count, "byte \(place): \(lost) records lost")
            if lost > 0 { #expect(!log.damage.isEmpty, "byte \(place): \(lost) records lost unnoticed") }
            #expect(try await Fixture.everythingByTopic(log).count == read.count)
            let next = try await log.append([Fixture.record(Fixture.site(0), "after")])
            #expect(next[0].sequence >= Int64(store.records.count))
            try await log.close()
            let verified = try Journal.verify(directory: Fixture.directory, disk: disk)
            if place < content.count, content[place] != 0 || lost > 0 { #expect(!verified.isIntact, "byte \(place)") }
        }
        #expect(losses.count > 2, "different blocks were met: \(losses)")
    }

    @Test func eitherEndOfTheFileIsEnoughToReadIt() async throws {
        let store = try await large()
        let content = store.disk.content(store.path)
        for range in [0..<16, 40..<100, content.count - 100..<content.count - 70, content.count - 20..<content.count] {
            let disk = store.disk.restarted(.synced)
            disk.setContent(store.path, content.enumerated().map { range.contains($0.offset) ? ~$0.element : $0.element })
            let log = try await Fixture.open(disk, store.configuration)
            #expect(try await Fixture.everything(log) == store.records, "\(range)")
            try await log.close()
            #expect(!(try Journal.verify(directory: Fixture.directory, disk: disk)).isIntact, "\(range)")
        }
    }

    @Test func aFileCutShortIsReadAsFarAsItGoes() async throws {
        let store = try await large()
        let content = store.disk.content(store.path)
        let expected = Set(store.records.map(\.sequence))
        for cut in stride(from: 0, to: content.count, by: content.count / 13) {
            let disk = store.disk.restarted(.synced)
            disk.setContent(store.path, Array(content[..<cut]))
            let log = try await Fixture.open(disk, store.configuration)
            #expect(Set(try await Fixture.everything(log).map(\.sequence)).isSubset(of: expected))
            let next = try await log.append([Fixture.record(Fixture.site(0), "after")])
            #expect(next[0].sequence >= Int64(store.records.count), "cut at \(cut)")
            #expect(try await Fixture.values(log).last == "after")
            try await log.close()
        }
    }

    /// Retention removes compressed segments as it removes others.
    @Test func retentionTakesCompressedSegments() async throws {
        let disk = FaultyDisk()
        let clock = ManualClock(startMs: 1_700_000_000_000)
        var bounded = configuration()
        bounded.retentionMs = [.telemetry: 3_600_000]
        let log = try await Fixture.open(disk, bounded, clock: clock)
        try await fill(log, 0..<40)
        try await log.compressSealed(now: clock.nowMs)
        clock.advance(byMs: 7_200_000)
        try await fill(log, 40..<60)
        let held = segments(disk).filter { $0.contains("telemetry") && isCompressed(disk, $0) }.count
        #expect(try await log.enforceRetention(now: clock.nowMs).segments >= held)
        #expect(segments(disk).filter { $0.contains("telemetry") && isCompressed(disk, $0) }.isEmpty)
        #expect(try await Fixture.values(log).filter { $0.hasPrefix("incident") }.count == 60)
        try await log.close()
    }
}
