import Glibc
import Testing
import TowerJournal
import TowerStreaming
import TowerTestKit

/// Each disk call of a small life fails in turn; then the machine restarts.
@Suite struct JournalFaultTests {
    private typealias Fixture = JournalFixture

    private struct Life {
        /// Values of the appends that were answered, and of all that were tried, in order.
        var acknowledged: [[String]] = []
        var tried: [[String]] = []
        var committed: Int64 = 0
        var commitsTried: Set<Int64> = [0]
        var isFenced = false
    }

    /// Opens, appends over several segments and both classes, commits, closes. Goes on after errors as a caller would.
    private func live(on disk: FaultyDisk) async -> Life {
        var life = Life()
        guard let log = try? await Fixture.open(disk, Fixture.configuration(segmentBytes: 1024)) else { return life }
        var member: GroupMembership?
        for number in 0..<14 {
            let values = (0...number % 3).map { "\(number).\($0)" + String(repeating: "z", count: 60) }
            life.tried.append(values)
            do {
                _ = try await log.append(
                    values.enumerated().map { index, value in
                        Fixture.record((number + index) % 4 == 0 ? Topic.incidents(tenant: "t") : Fixture.site(index), value)
                    })
                #expect(!life.isFenced, "an append was answered after a failed sync")
                life.acknowledged.append(values)
                if member == nil { member = try await log.join(group: "g", patterns: [.siteEvents]) }
                if let member {
                    let cursor = await log.end()
                    life.commitsTried.insert(cursor.sequence)
                    try await log.commit(member, cursor: cursor)
                    life.committed = cursor.sequence
                }
            } catch let error as EventLogError {
                if error.code == .fenced { life.isFenced = true }
                #expect([.fenced, .diskFull].contains(error.code), "\(error)")
            } catch {
                Issue.record("\(error)")
            }
        }
        try? await log.close()
        return life
    }

    /// Everything acknowledged is there, in order, once; beside it only whole appends that were tried.
    private func check(_ life: Life, after disk: FaultyDisk, _ what: String) async throws {
        let log = try await Fixture.open(disk, Fixture.configuration(segmentBytes: 1024))
        let values = try await Fixture.values(log)
        var rest = values[...]
        var acknowledged = life.acknowledged[...]
        for append in life.tried {
            let isAcknowledged = acknowledged.first == append
            if isAcknowledged { acknowledged.removeFirst() }
            if rest.starts(with: append) {
                rest.removeFirst(append.count)
            } else {
                #expect(!isAcknowledged, "\(what): \(append[0].prefix(6)) was acknowledged and is lost")
            }
        }
        #expect(rest.isEmpty, "\(what): \(rest.map { $0.prefix(6) }) were never appended so")
        #expect(
            log.recovery.quarantined.filter { !$0.file.hasSuffix("groups.tbl") }.isEmpty, "\(what): \(log.recovery.quarantined)")
        #expect(try await Fixture.everythingByTopic(log).map(\.sequence) == Fixture.everything(log).map(\.sequence), "\(what)")
        if let group = try await log.groups().first {
            #expect(group.committed.sequence >= life.committed, "\(what): the commit is lost")
            #expect(
                life.commitsTried.contains(group.committed.sequence), "\(what): \(group.committed.sequence) was never committed")
        } else {
            #expect(life.committed == 0, "\(what): the group is lost")
        }
        _ = try await log.append([Fixture.record(Fixture.site(0), "after")])
        #expect(try await Fixture.values(log) == values + ["after"], "\(what)")
        try await log.close()
    }

    @Test(arguments: [
        (FaultyDisk.Fault.error(EIO), false), (.error(EIO), true), (.short(EIO), true), (.error(ENOSPC), false),
        (.short(ENOSPC), false),
        (.error(ENOSPC), true),
    ])
    func anyCallFails(fault: FaultyDisk.Fault, isLasting: Bool) async throws {
        let healthy = FaultyDisk()
        let life = await live(on: healthy)
        #expect(life.acknowledged.count == 14)
        try await check(life, after: healthy.restarted(.synced), "healthy")
        #expect(healthy.calls > 60)
        for call in stride(from: 1, through: healthy.calls, by: 1) {
            let disk = FaultyDisk()
            disk.fail(call: call, with: fault, isLasting: isLasting)
            let life = await live(on: disk)
            for survival in [
                FaultyDisk.Survival.synced, .everything, .random(seed: UInt64(call)), .random(seed: UInt64(call) + 1000),
            ] {
                try await check(
                    life, after: disk.restarted(survival), "\(fault) at call \(call), lasting \(isLasting), \(survival)")
            }
        }
    }

    @Test func aPowerCutAtAnyCallLosesNothingAcknowledged() async throws {
        let healthy = FaultyDisk()
        _ = await live(on: healthy)
        for call in stride(from: 1, through: healthy.calls, by: 1) {
            let disk = FaultyDisk()
            // From this call on the disk is gone.
            disk.fail(call: call, with: .short(EIO), isLasting: true)
            let life = await live(on: disk)
            for seed in 0..<8 {
                try await check(
                    life, after: disk.restarted(.random(seed: UInt64(seed * 1000 + call))),
                    "power cut at call \(call), seed \(seed)")
            }
        }
    }

    @Test func afterAFailedSyncNothingIsAcknowledgedAndReadersGoOn() async throws {
        let disk = FaultyDisk()
        let log = try await Fixture.open(disk)
        _ = try await log.append([Fixture.record(Fixture.site(1), "safe")])
        let end = await log.end()
        disk.fail(call: disk.calls + 2, with: .error(EIO))
        for attempt in 0..<3 {
            do {
                _ = try await log.append([Fixture.record(Fixture.site(1), "lost \(attempt)")])
                Issue.record("acknowledged after a failed sync")
            } catch let error as EventLogError {
                #expect(error.code == .fenced)
                #expect(!error.isRetriable)
            }
        }
        #expect(try await Fixture.values(log) == ["safe"])
        #expect(log.refusal?.code == .fenced)
        do {
            try await log.waitForRecords(at: end)
            Issue.record("a wait ended though nothing can come")
        } catch let error as EventLogError {
            #expect(error.code == .fenced)
        }
        do {
            _ = try await log.join(group: "g", patterns: [])
            Issue.record("a group joined a fenced log")
        } catch let error as EventLogError {
            #expect(error.code == .fenced)
        }
        try await log.close()
    }

    @Test func aFullDiskRefusesLosesNothingAndGoesOnWhenThereIsRoom() async throws {
        let disk = FaultyDisk()
        let log = try await Fixture.open(disk, Fixture.configuration(segmentBytes: 4096))
        disk.setCapacity(20_000)
        var kept: [String] = []
        var refusals = 0
        for number in 0..<200 {
            let value = "\(number)" + String(repeating: "v", count: 200)
            do {
                _ = try await log.append([Fixture.record(Fixture.site(number % 3), value)])
                kept.append(value)
            } catch let error as EventLogError {
                #expect(error.code == .diskFull && error.isRetriable)
                refusals += 1
            }
        }
        #expect(refusals > 0 && kept.count > 10)
        #expect(try await Fixture.values(log) == kept)
        disk.setCapacity(nil)
        _ = try await log.append([Fixture.record(Fixture.site(0), "room again")])
        #expect(try await Fixture.values(log) == kept + ["room again"])
        let after = disk.restarted(.synced)
        let reopened = try await Fixture.open(after, Fixture.configuration(segmentBytes: 4096))
        #expect(try await Fixture.values(reopened) == kept + ["room again"])
        try await reopened.close()
        try await log.close()
    }
}
