import Testing
import TowerJournal
import TowerStreaming
import TowerTestKit

/// Stores written by released formats, opened by today's program. A fixture is never written again; a new version adds one.
@Suite struct FormatFixtureTests {
    /// Copies a fixture folder into a disk in memory, so that opening it changes nothing.
    static func load(_ name: String) throws -> FaultyDisk {
        let folder = String(#filePath.dropLast("FormatFixtureTests.swift".count)) + "Fixtures/" + name
        let real = PosixDisk()
        let copy = FaultyDisk()
        for file in try real.files(in: folder) {
            let opened = try real.open(folder + "/" + file, .read)
            var bytes = [UInt8](repeating: 0, count: Int(try opened.size()))
            let count = try bytes.withUnsafeMutableBytes { try opened.read(into: $0, at: 0) }
            copy.setContent("/log/" + file, Array(bytes[..<count]))
        }
        return copy
    }

    /// The life whose store is the fixture.
    static func live(on disk: FaultyDisk) async throws {
        let clock = ManualClock(startMs: 1_767_225_600_000)
        let log = try await JournalFixture.open(disk, JournalFixture.configuration(segmentBytes: 1024), clock: clock)
        for number in 0..<8 {
            _ = try await log.append([
                Record(
                    topic: Topic.siteEvents(site: "SITE-00000\(number % 3)"), key: Array("SITE-00000\(number % 3)".utf8),
                    value: Array("{\"n\":\(number)}".utf8), headers: [.init("ce_id", "\(number)")]),
                Record(topic: Topic.incidents(tenant: "acme-towers"), key: nil, value: Array("{\"i\":\(number)}".utf8)),
            ])
            clock.advance(byMs: 1000)
        }
        try await log.createTopic(Topic.alerts(tenant: "acme-towers"))
        try await log.deleteTopic(Topic.siteEvents(site: "SITE-000002"))
        let member = try await log.join(group: "aiops-engine", patterns: [.siteEvents, .incidents])
        try await log.commit(member, cursor: LogCursor(sequence: 11))
        try await log.close()
    }

    @Test func version1() async throws {
        let disk = try Self.load("v1")
        let log = try await JournalFixture.open(disk, JournalFixture.configuration(segmentBytes: 1024))
        #expect(log.recovery.quarantined.isEmpty && log.recovery.droppedBytes == 0)
        #expect(log.recovery.segments > log.recovery.scannedSegments, "sealed and unsealed segments")
        let values = try await JournalFixture.values(log)
        var expected: [String] = []
        for number in 0..<8 {
            if number % 3 != 2 { expected.append("{\"n\":\(number)}") }
            expected.append("{\"i\":\(number)}")
        }
        #expect(values == expected)
        let topics = try await log.topics(matching: nil).map(\.topic.rawValue)
        #expect(
            topics == [
                "towerco.alerts.acme-towers.notifications", "towerco.incidents.acme-towers.lifecycle",
                "towerco.sites.SITE-000000.events",
                "towerco.sites.SITE-000001.events",
            ])
        let read = try await log.fetch(topic: Topic.siteEvents(site: "SITE-000001"), from: 1, maxBytes: 1 << 20)
        #expect(read.map(\.offset) == [1, 2] && read.map(\.timestampMs) == [1_767_225_604_000, 1_767_225_607_000])
        #expect(read[0].record.header("ce_id") == "4")
        #expect(try await log.groups().map(\.committed.sequence) == [11])
        #expect(try await log.append([JournalFixture.record(JournalFixture.site(1), "today")])[0].sequence == 16)
        try await log.close()
    }

    /// The life whose store is the fixture of version 2: segments in both forms, one of them compacted.
    static func liveCompressed(on disk: FaultyDisk) async throws {
        var configuration = JournalFixture.configuration(segmentBytes: 2048)
        configuration.compressionDelayMs = 15_000
        configuration.compactionMinSaving = 0
        let clock = ManualClock(startMs: 1_767_225_600_000)
        let log = try await JournalFixture.open(disk, configuration, clock: clock)
        try await log.createTopic(Topic.incidents(tenant: "acme-towers"), TopicConfiguration(cleanup: .compact))
        for number in 0..<24 {
            _ = try await log.append([
                Record(
                    topic: Topic.siteEvents(site: "SITE-00000\(number % 3)"), key: Array("SITE-00000\(number % 3)".utf8),
                    value: Array("{\"n\":\(number)}".utf8), headers: [.init("ce_id", "\(number)")]),
                Record(
                    topic: Topic.incidents(tenant: "acme-towers"), key: Array("I\(number % 5)".utf8),
                    value: Array("{\"i\":\(number)}".utf8)),
            ])
            clock.advance(byMs: 1000)
        }
        try await log.compactTopics(now: clock.nowMs)
        try await log.compressSealed(now: clock.nowMs)
        try await log.close()
    }

    @Test(arguments: [false, true])
    func version2(isToday: Bool) async throws {
        // LZ4 may pack otherwise tomorrow, so today's bytes are read and not compared.
        let disk = isToday ? FaultyDisk() : try Self.load("v2")
        if isToday { try await Self.liveCompressed(on: disk) }
        let forms = Set(disk.paths.filter { $0.hasSuffix(".seg") }.map { disk.content($0) }.filter { $0[0] != 0 }.map { $0[12] })
        #expect(forms == [1, 2])
        let log = try await JournalFixture.open(disk, JournalFixture.configuration(segmentBytes: 2048))
        #expect(log.recovery.quarantined.isEmpty && log.recovery.droppedBytes == 0)
        let values = try await JournalFixture.values(log)
        #expect(values.filter { $0.hasPrefix("{\"n\"") } == (0..<24).map { "{\"n\":\($0)}" })
        let incidents = values.filter { $0.hasPrefix("{\"i\"") }
        #expect(incidents.count < 24 && incidents.suffix(5) == (19..<24).map { "{\"i\":\($0)}" })
        #expect(log.configuration(of: Topic.incidents(tenant: "acme-towers")).cleanup == .compact)
        let read = try await log.fetch(topic: Topic.siteEvents(site: "SITE-000001"), from: 1, maxBytes: 1 << 20)
        #expect(read.map(\.offset) == [1, 2, 3, 4, 5, 6, 7] && read[0].record.header("ce_id") == "4")
        #expect(try await log.append([JournalFixture.record(JournalFixture.site(1), "today")])[0].sequence == 48)
        try await log.close()
        #expect(try Journal.verify(directory: JournalFixture.directory, disk: disk).isIntact)
    }

    /// What today's program writes is still version 1, byte for byte: a change of the bytes needs a new version.
    @Test func todaysBytesAreVersion1() async throws {
        let fixture = try Self.load("v1")
        let disk = FaultyDisk()
        try await Self.live(on: disk)
        #expect(disk.paths == fixture.paths)
        for path in disk.paths { #expect(disk.content(path) == fixture.content(path), "\(path)") }
    }

    // MARK: groups.tbl, copies of version 2

    /// The life whose groups.tbl is the fixture `v1-groups2`: a paused group, a shared one with uneven slots, and a plain one.
    static func liveGroups(on disk: FaultyDisk) async throws {
        let clock = ManualClock(startMs: 1_767_225_600_000)
        let log = try await JournalFixture.open(disk, clock: clock)
        for site in 0..<20 { _ = try await log.append([JournalFixture.record(JournalFixture.site(site), "\(site)")]) }
        let paused = try await log.join(group: "paused", patterns: [.siteEvents, .incidents])
        try await log.commit(paused, cursor: LogCursor(sequence: 7))
        try await log.setPaused(group: "paused", true)
        let one = try await log.join(group: "shared", patterns: [.siteEvents], member: "one", sessionMs: 60_000)
        let slots = try await log.assignment(of: one).slots.map { slot in
            GroupSlot(slot: slot.slot, since: slot.since, next: LogCursor(sequence: Int64(3 + slot.slot % 5)))
        }
        _ = try await log.commit(one, slots: slots)
        _ = try await log.join(group: "plain", patterns: [.siteEvents])
        try await log.close()
    }

    @Test func groupsOfVersion2() async throws {
        let disk = try Self.load("v1-groups2")
        let log = try await JournalFixture.open(disk)
        #expect(log.recovery.quarantined.isEmpty)
        let groups = try await log.groups()
        #expect(groups.map(\.group) == ["paused", "plain", "shared"])
        #expect(groups.map(\.isPaused) == [true, false, false])
        #expect(groups.map(\.committed.sequence) == [7, 0, 3])
        #expect(groups[0].patterns == [.siteEvents, .incidents])
        let one = try await log.join(group: "shared", patterns: [.siteEvents], member: "one", sessionMs: 60_000)
        #expect(try await log.assignment(of: one).slots.map(\.next.sequence) == (0..<GroupSlots.count).map { Int64(3 + $0 % 5) })
        try await log.close()
    }

    @Test func todaysGroupsAreVersion2() async throws {
        let fixture = try Self.load("v1-groups2")
        let disk = FaultyDisk()
        try await Self.liveGroups(on: disk)
        let path = "/log/groups.tbl"
        #expect(disk.content(path) == fixture.content(path))
    }
}
