import Testing
import TowerJournal
import TowerStreaming
import TowerTestKit

/// One bit turned round, anywhere: it is noticed, no wrong byte is served, and no record outside the damaged section is lost.
@Suite struct JournalDamageTests {
    private typealias Fixture = JournalFixture

    private struct Store {
        var disk: FaultyDisk
        var records: [StoredRecord]
        var configuration: JournalConfiguration
    }

    private func store(segmentBytes: Int) async throws -> Store {
        let disk = FaultyDisk()
        let configuration = Fixture.configuration(segmentBytes: segmentBytes)
        let log = try await Fixture.open(disk, configuration)
        _ = try await log.append([Fixture.record(Fixture.site(0), "a0"), Fixture.record(Fixture.site(1), "b0")])
        _ = try await log.append([Fixture.record(Fixture.site(0), "a1"), Fixture.record(Topic.incidents(tenant: "t"), "i0")])
        _ = try await log.append((0..<3).map { Fixture.record(Fixture.site(1), "b\($0 + 1)") })
        let records = try await Fixture.everything(log)
        try await log.close()
        return Store(disk: disk, records: records, configuration: configuration)
    }

    /// Reads the store after `bit` of `path` was turned round; returns how many records are missing.
    private func missing(_ store: Store, _ path: String, bit: Int) async throws -> Int {
        let disk = store.disk.restarted(.synced)
        disk.flip(path, bit: bit)
        let log = try await Fixture.open(disk, store.configuration)
        let read = try await Fixture.everything(log)
        let byTopic = try await Fixture.everythingByTopic(log)
        let expected = Dictionary(uniqueKeysWithValues: store.records.map { ($0.sequence, $0) })
        for record in read + byTopic { #expect(expected[record.sequence] == record, "\(path) bit \(bit): wrong bytes served") }
        #expect(read.map(\.sequence) == byTopic.map(\.sequence), "\(path) bit \(bit): readers disagree")
        let lost = store.records.count - read.count
        if lost > 0 {
            #expect(!log.damage.isEmpty || log.recovery.droppedBytes > 0, "\(path) bit \(bit): \(lost) records lost unnoticed")
        }
        // The damaged sequence numbers are not given again.
        let next = try await log.append([Fixture.record(Fixture.site(0), "after")])
        #expect(next[0].sequence >= Int64(store.records.count), "\(path) bit \(bit)")
        try await log.close()
        return lost
    }

    @Test(arguments: [4096, 400])
    func everyBit(segmentBytes: Int) async throws {
        let store = try await store(segmentBytes: segmentBytes)
        for path in store.disk.paths where path.hasSuffix(".seg") {
            let content = store.disk.content(path)
            // Slack behind the data is sampled, data and footers are not.
            let used = (content.lastIndex { $0 != 0 } ?? 0) + 9
            for bit in 0..<min(used, content.count) * 8 {
                // Segment headers are checked as one; every bit of them is covered by one checksum.
                if bit < 64 * 8, bit % 5 != 0 { continue }
                let lost = try await missing(store, path, bit: bit)
                #expect(lost <= 3, "\(path) bit \(bit): \(lost) records lost")
            }
        }
    }

    @Test func aDamagedGroupRecordGivesTheOneBefore() async throws {
        let disk = FaultyDisk()
        let log = try await Fixture.open(disk)
        for number in 0..<6 { _ = try await log.append([Fixture.record(Fixture.site(0), "\(number)")]) }
        let member = try await log.join(group: "g", patterns: [.siteEvents])
        try await log.commit(member, cursor: LogCursor(sequence: 3))
        try await log.commit(member, cursor: LogCursor(sequence: 5))
        try await log.close()
        for copy in 0..<2 {
            for bit in stride(from: 0, to: 1024 * 8, by: 131) {
                let after = disk.restarted(.synced)
                after.flip("/log/groups.tbl", bit: copy * 8192 + bit)
                let reopened = try await Fixture.open(after)
                let position = try await reopened.groups().map(\.committed.sequence)
                #expect(position == [3] || position == [5], "copy \(copy), bit \(bit)")
                #expect(!reopened.recovery.quarantined.isEmpty)
                try await reopened.close()
            }
        }
    }

    @Test func damageInTheMiddleIsReportedAndReadAround() async throws {
        let disk = FaultyDisk()
        let log = try await Fixture.open(disk, Fixture.configuration(segmentBytes: 1 << 16))
        for number in 0..<20 { _ = try await log.append([Fixture.record(Fixture.site(number % 2), "value \(number)")]) }
        try await log.close()
        let path = "/log/telemetry-0000000001.seg"
        var content = disk.content(path)
        let place = content.indices.first { content[$0...].starts(with: Array("value 7".utf8)) } ?? 0
        for index in place - 100..<place + 5 { content[index] = 0x5A }
        disk.setContent(path, content)
        let reopened = try await Fixture.open(disk, Fixture.configuration(segmentBytes: 1 << 16))
        let values = try await Fixture.values(reopened)
        #expect(values == (0..<20).filter { $0 != 7 }.map { "value \($0)" })
        #expect(reopened.recovery.quarantined.count == 1)
        #expect(reopened.recovery.droppedBytes == 0)
        #expect(disk.content(path)[place] == 0x5A, "damaged bytes stay")
        try await reopened.close()
    }
}
