import Testing
import TowerStreaming
import TowerTestKit

@testable import TowerJournal

@Suite struct GroupFileTests {
    private func open(_ disk: FaultyDisk) throws -> GroupFile.Opened {
        try #require(try GroupFile.open(disk, directory: "/log", exists: disk.paths.contains("/log/groups.tbl"), isReadOnly: false))
    }

    private func group(_ committed: Int64, revision: Int64) -> GroupTable.Group {
        var group = GroupTable.Group(name: "g", patterns: [.siteEvents], committed: LogCursor(sequence: committed), epoch: 1)
        group.revision = revision
        return group
    }

    /// Two callers change a group under the table's lock and reach the writer the other way round.
    @Test func aStateThatWasOvertakenIsNotWrittenOverTheNewerOne() throws {
        let disk = FaultyDisk()
        let file = try open(disk).file
        try file.write(group(20, revision: 2))
        try file.write(group(10, revision: 1))
        try file.sync()
        let again = try open(disk.restarted(.synced))
        #expect(again.groups.map(\.committed.sequence) == [20])
        // In the next life revisions begin anew.
        let next = disk.restarted(.synced)
        let life = try open(next).file
        try life.write(group(30, revision: 1))
        try life.sync()
        #expect(try open(next.restarted(.synced)).groups.map(\.committed.sequence) == [30])
    }

    /// The longest a shared group can be: everything is read back.
    @Test func theLargestGroupFits() throws {
        let disk = FaultyDisk()
        let file = try open(disk).file
        let patterns = (0..<GroupTable.maxPatterns).map { TopicPattern("\($0 % 10)" + String(repeating: "p", count: 39)) }
        var group = GroupTable.Group(
            name: String(repeating: "n", count: GroupTable.maxNameBytes), patterns: patterns, committed: .start, epoch: .max, isPaused: true)
        group.set((0..<GroupSlots.count).map { $0 == 5 ? .max : Int64($0) << 33 })
        group.revision = 1
        try file.write(group)
        try file.sync()
        var read = try #require(try open(disk.restarted(.synced)).groups.first)
        read.revision = 1
        #expect(read == group && read.position(5) == GroupTable.Group.maxAhead)
    }
}
