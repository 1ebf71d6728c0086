import Testing
import TowerJournal
import TowerStreaming
import TowerTestKit

@Suite struct JournalRecoveryTests {
    private typealias Fixture = JournalFixture

    /// Appends of one to four records over sites and incidents; returns the values of each append.
    private func fill(_ log: Journal, appends: Int, isMixed: Bool = true) async throws -> [[String]] {
        var all: [[String]] = []
        for number in 0..<appends {
            let values = (0...number % 4).map { "\(number).\($0)" + String(repeating: "x", count: number * 7 % 40) }
            _ = try await log.append(
                values.enumerated().map { index, value in
                    Fixture.record(
                        isMixed && (number + index) % 5 == 0 ? Topic.incidents(tenant: "t") : Fixture.site((number + index) % 3),
                        value)
                })
            all.append(values)
        }
        return all
    }

    @Test(arguments: [512, 2048, 1 << 20])
    func reopeningGivesTheSameRecords(segmentBytes: Int) async throws {
        let disk = FaultyDisk()
        let configuration = Fixture.configuration(segmentBytes: segmentBytes)
        var log = try await Fixture.open(disk, configuration)
        var expected: [[String]] = []
        for round in 0..<5 {
            expected += try await fill(log, appends: 12)
            let before = try await Fixture.everything(log)
            let topics = try await log.topics(matching: nil)
            try await log.close()
            log = try await Fixture.open(disk, configuration)
            #expect(log.recovery.droppedBytes == 0 && log.recovery.quarantined.isEmpty)
            #expect(try await Fixture.everything(log) == before, "round \(round)")
            #expect(try await Fixture.everythingByTopic(log) == before)
            #expect(try await log.topics(matching: nil) == topics)
            #expect(await log.end().sequence == Int64(before.count))
        }
        #expect(try await Fixture.values(log) == expected.flatMap { $0 })
        try await log.close()
    }

    @Test func aLostTailIsDroppedAndNothingElse() async throws {
        let disk = FaultyDisk()
        let log = try await Fixture.open(disk, Fixture.configuration(segmentBytes: 1 << 13))
        // One class: with two, the other one's frames prove what was durable in this one.
        let appends = try await fill(log, appends: 24, isMixed: false)
        let whole = disk.restarted(.synced)
        let path = "/log/telemetry-0000000001.seg"
        let content = whole.content(path)
        let end = content.lastIndex { $0 != 0 }.map { $0 + 1 } ?? 0
        let prefixes = appends.indices.map { Array(appends[...$0].joined()) }
        var lengths: Set<Int> = []
        for cut in stride(from: end, through: max(64, end - 4096), by: -1) {
            let torn = whole.restarted(.synced)
            torn.setContent(path, Array(content[..<cut]) + [UInt8](repeating: 0, count: content.count - cut))
            let reopened = try await Fixture.open(torn, Fixture.configuration(segmentBytes: 1 << 13))
            let values = try await Fixture.values(reopened)
            #expect(values.isEmpty || prefixes.contains(values), "cut at \(cut): \(values.count) values are no whole appends")
            lengths.insert(values.count)
            _ = try await reopened.append([Fixture.record(Fixture.site(1), "after")])
            #expect(try await Fixture.values(reopened) == values + ["after"])
            try await reopened.close()
        }
        #expect(lengths.count > 12, "the cuts met many appends")
        try await log.close()
    }

    @Test func aFileCutShortIsReadAsFarAsItGoes() async throws {
        let disk = FaultyDisk()
        let log = try await Fixture.open(disk, Fixture.configuration(segmentBytes: 1 << 14))
        let appends = try await fill(log, appends: 12)
        try await log.close()
        let path = "/log/telemetry-0000000001.seg"
        let content = disk.content(path)
        for cut in stride(from: 0, to: 3000, by: 29) {
            let short = disk.restarted(.synced)
            short.setContent(path, Array(content[..<cut]))
            let reopened = try await Fixture.open(short, Fixture.configuration(segmentBytes: 1 << 14))
            let known = Set(appends.joined())
            #expect(try await Fixture.values(reopened).allSatisfy { known.contains($0) })
            _ = try await reopened.append([Fixture.record(Fixture.site(1), "after")])
            #expect(try await Fixture.values(reopened).last == "after")
            try await reopened.close()
        }
    }

    @Test func whatWasDroppedIsKeptInQuarantine() async throws {
        let disk = FaultyDisk()
        let log = try await Fixture.open(disk)
        _ = try await log.append([Fixture.record(Fixture.site(1), "first")])
        _ = try await log.append([Fixture.record(Fixture.site(1), String(repeating: "y", count: 900))])
        let after = disk.restarted(.synced)
        let path = "/log/telemetry-0000000001.seg"
        var content = after.content(path)
        for index in 600..<content.count { content[index] = 0 }
        after.setContent(path, content)
        let reopened = try await Fixture.open(after)
        #expect(try await Fixture.values(reopened) == ["first"])
        #expect(reopened.recovery.droppedBytes > 0)
        #expect(reopened.recovery.quarantined.isEmpty)
        let saved = after.paths.filter { $0.hasPrefix("/log/quarantine/") }
        #expect(saved.count == 1)
        #expect(after.content(saved.first ?? "").contains(UInt8(ascii: "y")))
        try await reopened.close()
        try await log.close()
    }

    @Test func aSecondOpeningIsRefused() async throws {
        let disk = FaultyDisk()
        let log = try await Fixture.open(disk)
        do {
            _ = try await Fixture.open(disk)
            Issue.record("two journals on one folder")
        } catch let error as EventLogError {
            #expect(error.code == .locked)
        }
        try await log.close()
        try await Fixture.open(disk).close()
    }

    @Test func aNewerFormatIsRefusedUntouched() async throws {
        let disk = FaultyDisk()
        let log = try await Fixture.open(disk)
        _ = try await log.append([Fixture.record(Fixture.site(1), "x")])
        try await log.close()
        let path = "/log/telemetry-0000000001.seg"
        var content = disk.content(path)
        content[12] = 2
        let checksum = Castagnoli.checksum(content[12..<64])
        for index in 0..<4 { content[8 + index] = UInt8(truncatingIfNeeded: checksum >> UInt32(8 * index)) }
        disk.setContent(path, content)
        do {
            _ = try await Fixture.open(disk)
            Issue.record("a newer format was opened")
        } catch let error as EventLogError {
            #expect(error.code == .corrupt && error.message.contains("version 2"))
        }
        #expect(disk.content(path) == content)
    }
}
