import Testing
import TowerJournal
import TowerStreaming
import TowerTestKit

/// `log repair`: what it says, what it does, and that no byte is gone afterwards.
@Suite struct JournalRepairTests {
    private typealias Fixture = JournalFixture
    private static let path = "/log/telemetry-0000000002.seg"

    private func store(isCompressed: Bool) async throws -> (disk: FaultyDisk, records: [StoredRecord]) {
        let disk = FaultyDisk()
        var configuration = Fixture.configuration(segmentBytes: 1500)
        configuration.compressionDelayMs = 0
        let log = try await Fixture.open(disk, configuration)
        for number in 0..<40 {
            _ = try await log.append([
                Fixture.record(Fixture.site(number % 3), "value \(number)" + String(repeating: "z", count: 80)),
                Fixture.record(Topic.incidents(tenant: "t"), "i \(number)"),
            ])
        }
        if isCompressed { try await log.compressSealed(now: .max) }
        let records = try await Fixture.everything(log)
        try await log.close()
        return (disk, records)
    }

    private func contents(_ disk: FaultyDisk) -> [String: [UInt8]] {
        Dictionary(uniqueKeysWithValues: disk.paths.filter { !$0.hasSuffix("LOCK") }.map { ($0, disk.content($0)) })
    }

    private func repair(_ disk: FaultyDisk, isDryRun: Bool) async throws -> JournalRepair {
        try await Journal.repair(directory: Fixture.directory, isDryRun: isDryRun, disk: disk, clock: { 1_000 })
    }

    @Test(arguments: [false, true])
    func aWholeJournalNeedsNothing(isCompressed: Bool) async throws {
        let (disk, _) = try await store(isCompressed: isCompressed)
        let before = contents(disk)
        for isDryRun in [true, false] { #expect(try await repair(disk, isDryRun: isDryRun).isClean) }
        #expect(contents(disk) == before)
    }

    /// One bit turned round, at many places: the dry run says so and changes nothing; the repair keeps the old file and leaves a
    /// journal in which everything that was readable is, and verifies.
    @Test(arguments: [false, true])
    func damageIsCutOutAndKept(isCompressed: Bool) async throws {
        let (store, records) = try await store(isCompressed: isCompressed)
        let content = store.content(Self.path)
        let expected = Dictionary(uniqueKeysWithValues: records.map { ($0.sequence, $0) })
        for place in stride(from: 3, to: content.count, by: 29) {
            let disk = store.restarted(.synced)
            disk.flip(Self.path, bit: place * 8 + 3)
            if try Journal.verify(directory: Fixture.directory, disk: disk).isIntact { continue }
            let damaged = disk.content(Self.path)
            let before = contents(disk)
            let plan = try await repair(disk, isDryRun: true)
            #expect(!plan.isClean && contents(disk) == before, "byte \(place)")
            let readable = try await read(disk.restarted(.synced))
            #expect(try await repair(disk, isDryRun: false).steps == plan.steps, "byte \(place)")
            #expect(
                disk.paths.contains { $0.hasPrefix("/log/quarantine/") && disk.content($0) == damaged }, "byte \(place): the old bytes")
            #expect(try Journal.verify(directory: Fixture.directory, disk: disk).isIntact, "byte \(place)")
            let after = try await read(disk)
            #expect(after.map(\.sequence) == readable.map(\.sequence), "byte \(place)")
            for record in after { #expect(expected[record.sequence] == record) }
            #expect(try await repair(disk, isDryRun: true).isClean, "byte \(place): once is enough")
        }
    }

    private func read(_ disk: FaultyDisk) async throws -> [StoredRecord] {
        let log = try await Fixture.open(disk, Fixture.configuration(segmentBytes: 1500))
        defer { withExtendedLifetime(log) {} }
        let records = try await Fixture.everything(log)
        #expect(try await Fixture.everythingByTopic(log) == records)
        try await log.close()
        return records
    }

    @Test func leftoversAndUnreadableFilesAreMovedNotRemoved() async throws {
        let (disk, records) = try await store(isCompressed: false)
        disk.setContent("/log/telemetry-0000000001.seg.tmp", Array("half a file".utf8))
        let junk = [UInt8](repeating: 0x5A, count: disk.content(Self.path).count)
        disk.setContent(Self.path, junk)
        let done = try await repair(disk, isDryRun: false)
        #expect(done.steps.count == 2)
        #expect(disk.content("/log/quarantine/telemetry-0000000001.seg.tmp") == Array("half a file".utf8))
        #expect(disk.content("/log/quarantine/telemetry-0000000002.seg") == junk)
        let after = try await read(disk)
        #expect(after.count < records.count && after.last == records.last)
    }

    @Test func aNewerFormatAndARunningJournalAreRefusedUntouched() async throws {
        let (disk, _) = try await store(isCompressed: true)
        var content = disk.content(Self.path)
        for place in [0, content.count - 64] {
            content[place + 12] = 3
            let checksum = Castagnoli.checksum(content[place + 12..<place + 64])
            for index in 0..<4 { content[place + 8 + index] = UInt8(truncatingIfNeeded: checksum >> UInt32(8 * index)) }
        }
        disk.setContent(Self.path, content)
        let before = contents(disk)
        for isDryRun in [true, false] {
            do {
                _ = try await repair(disk, isDryRun: isDryRun)
                Issue.record("a newer format was repaired")
            } catch let error as EventLogError {
                #expect(error.code == .corrupt && error.message.contains("version 3"))
            }
        }
        #expect(contents(disk) == before)
        let (running, _) = try await store(isCompressed: false)
        let log = try await Fixture.open(running)
        do {
            _ = try await repair(running, isDryRun: false)
            Issue.record("a running journal was repaired")
        } catch let error as EventLogError {
            #expect(error.code == .locked)
        }
        try await log.close()
    }
}
