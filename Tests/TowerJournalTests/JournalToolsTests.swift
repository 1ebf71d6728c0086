import Testing
import TowerJournal
import TowerStreaming
import TowerTestKit

@Suite struct JournalToolsTests {
    private typealias Fixture = JournalFixture

    private func store() async throws -> FaultyDisk {
        let disk = FaultyDisk()
        let log = try await Fixture.open(disk, Fixture.configuration(segmentBytes: 1500))
        for number in 0..<40 {
            _ = try await log.append([
                Fixture.record(Fixture.site(number % 3), "value \(number)"), Fixture.record(Topic.incidents(tenant: "t"), "i"),
            ])
        }
        let member = try await log.join(group: "engine", patterns: [.siteEvents])
        try await log.commit(member, cursor: LogCursor(sequence: 50))
        try await log.close()
        return disk
    }

    @Test func inspectTellsWhatIsThereAndChangesNothing() async throws {
        let disk = try await store()
        let before = disk.paths.map { disk.content($0) }
        let found = try Journal.inspect(directory: "/log", disk: disk)
        #expect(disk.paths.map { disk.content($0) } == before)
        #expect(found.segments.count > 6)
        #expect(found.segments.filter { !$0.isSealed }.count == 2, "one segment a class is being written")
        #expect(found.segments.map(\.endSequence).max() == 80)
        #expect(found.groups == ["engine": 50])
        #expect(found.segments.reduce(0) { $0 + $1.sections } == 80)
    }

    @Test func verifyFindsDamageThatOpeningDoesNotLookFor() async throws {
        let disk = try await store()
        let whole = try Journal.verify(directory: "/log", disk: disk)
        #expect(whole.isIntact && whole.records == 80 && whole.unacknowledgedBytes == 0)
        let path = "/log/telemetry-0000000002.seg"
        let content = disk.content(path)
        for place in stride(from: 64, to: content.count, by: 37) {
            let damaged = disk.restarted(.synced)
            damaged.flip(path, bit: place * 8 + place % 8)
            let found = try Journal.verify(directory: "/log", disk: damaged)
            // The only bytes without a checksum are paddings between sections.
            if found.isIntact { #expect(content[place] == 0, "byte \(place)") }
        }
    }
}
