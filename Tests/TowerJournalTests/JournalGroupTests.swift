import Synchronization
import Testing
import TowerJournal
import TowerStreaming
import TowerTestKit

@Suite struct JournalGroupTests {
    private typealias Fixture = JournalFixture

    @Test(arguments: 0..<30 as Range<UInt64>)
    func aRandomLifeKeepsEveryPromiseOverClosesKillsAndPowerCuts(seed: UInt64) async throws {
        let clock = ManualClock()
        let disk = Mutex(FaultyDisk())
        let first = try await Fixture.open(disk.withLock { $0 }, clock: clock)
        let open = Mutex(first)
        let round = Mutex<UInt64>(seed)
        var life = GroupLife(seed: seed, log: first, clock: clock) {
            let number = round.withLock { round in
                round += 1
                return round
            }
            let old = open.withLock { $0 }
            if number % 3 == 0 { try await old.close() }
            let survival: FaultyDisk.Survival = number % 3 == 1 ? .everything : number % 3 == 2 ? .random(seed: number) : .synced
            let next = disk.withLock { disk in
                disk = disk.restarted(survival)
                return disk
            }
            // It wrote to another disk by now; only its readers still hold it.
            try await old.close()
            let log = try await Fixture.open(next, clock: clock)
            #expect(log.recovery.quarantined.isEmpty)
            open.withLock { $0 = log }
            return log
        }
        try await life.run(steps: 300)
    }

    /// Changes of one group by several tasks reach the disk in the order they were made in.
    @Test func theStateOnDiskIsTheNewestOneWhoeverIsFaster() async throws {
        let disk = FaultyDisk()
        let log = try await Fixture.open(disk)
        for number in 0..<50 { _ = try await log.append([Fixture.record(Fixture.site(number), "\(number)")]) }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for task in 0..<8 {
                group.addTask {
                    for round in 0..<20 {
                        let member = try await log.join(
                            group: "g", patterns: [.siteEvents], member: "m\(task)", sessionMs: 60_000)
                        let slots = try await log.assignment(of: member).slots.map { slot in
                            GroupSlot(slot: slot.slot, since: slot.since, next: LogCursor(sequence: Int64(round * 2 + task)))
                        }
                        _ = try await log.commit(member, slots: slots)
                        try await log.setPaused(group: "g", (round + task) % 2 == 0)
                    }
                }
            }
            try await group.waitForAll()
        }
        let member = try await log.join(group: "g", patterns: [.siteEvents], member: "m0", sessionMs: 60_000)
        let before = try await log.groups()[0]
        let slots = before.shares.flatMap(\.slots).sorted { $0.slot < $1.slot }.map(\.next)
        let again = try await Fixture.open(disk.restarted(.synced))
        let after = try await again.groups()[0]
        #expect(after.epoch == before.epoch && after.isPaused == before.isPaused && after.committed == before.committed)
        await #expect(throws: EventLogError.self) { _ = try await again.assignment(of: member) }
        let only = try await again.join(group: "g", patterns: [.siteEvents], member: "only", sessionMs: 60_000)
        #expect(try await again.assignment(of: only).slots.map(\.next) == slots)
        try await again.close()
        try await log.close()
    }

    /// Segments are lost, the groups are not: what a slot has committed is not given to other records.
    @Test func noSequenceBelowASlotsPositionIsGivenAgain() async throws {
        let disk = FaultyDisk()
        let log = try await Fixture.open(disk)
        for number in 0..<20 { _ = try await log.append([Fixture.record(Fixture.site(number), "\(number)")]) }
        let member = try await log.join(group: "g", patterns: [.siteEvents], member: "one", sessionMs: 60_000)
        let slots = try await log.assignment(of: member).slots.map { slot in
            GroupSlot(slot: slot.slot, since: slot.since, next: LogCursor(sequence: slot.slot == 9 ? 15 : 2))
        }
        _ = try await log.commit(member, slots: slots)
        try await log.close()
        let rest = FaultyDisk()
        rest.setContent("/log/groups.tbl", disk.content("/log/groups.tbl"))
        let again = try await Fixture.open(rest)
        #expect(try await again.append([Fixture.record(Fixture.site(1), "new")])[0].sequence == 15)
        try await again.close()
    }

    /// Every bit of the newer copy of a group flipped in turn: the older copy counts and the damage is reported, or the bit
    /// says nothing.
    @Test func aFlippedBitOfACopyFallsBackToTheOneBefore() async throws {
        let disk = FaultyDisk()
        try await FormatFixtureTests.liveGroups(on: disk)
        let healthy = try await Fixture.open(disk.restarted(.synced))
        let expected = try await healthy.groups().map { [$0.group, "\($0.committed.sequence)", "\($0.isPaused)"] }
        try await healthy.close()
        let path = "/log/groups.tbl"
        let size = 4 * 1024
        for bit in stride(from: 0, to: size * 8, by: 61) {
            let broken = disk.restarted(.synced)
            broken.flip(path, bit: bit)
            let log = try await Fixture.open(broken)
            let groups = try await log.groups().map { [$0.group, "\($0.committed.sequence)", "\($0.isPaused)"] }
            #expect(groups.count == expected.count && (groups == expected || !log.recovery.quarantined.isEmpty), "bit \(bit)")
            try await log.close()
        }
    }
}
