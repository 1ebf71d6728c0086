import Testing
import TowerJournal
import TowerStreaming
import TowerTestKit

/// How appends share syncs, and what happens when too many wait.
@Suite struct JournalCommitTests {
    private typealias Fixture = JournalFixture

    @Test func whileOneSyncRunsAllOthersQueueAndShareTheNext() async throws {
        let disk = FaultyDisk()
        let log = try await Fixture.open(disk, Fixture.configuration(segmentBytes: 1 << 16))
        _ = try await log.append([Fixture.record(Fixture.site(0), "first")])
        disk.syncGate.close()
        let first = Task { try await log.append([Fixture.record(Fixture.site(0), "second")]) }
        await disk.syncGate.waitUntilHeld()
        let syncs = disk.syncs
        let perAppend = log.bytesInFlight
        let others = (0..<20).map { _ in
            Task { try await log.append([Fixture.record(Fixture.site(0), "third.")]) }
        }
        while log.bytesInFlight < perAppend * 21 { await Task.yield() }
        #expect(await log.end().sequence == 1, "nothing is readable before its sync")
        #expect(try await Fixture.values(log) == ["first"])
        disk.syncGate.open()
        _ = try await first.value
        var sequences: Set<Int64> = []
        for task in others { sequences.insert(try await task.value[0].sequence) }
        #expect(sequences == Set(2..<22))
        #expect(disk.syncs == syncs + 2, "one sync for the append under way, one for the twenty behind it")
        #expect(log.bytesInFlight == 0)
        try await log.close()
    }

    @Test func aboveTheBoundCallersAreSentAwayAtOnceAndMayComeBack() async throws {
        let disk = FaultyDisk()
        var configuration = Fixture.configuration(segmentBytes: 1 << 16)
        configuration.maxBytesInFlight = 2000
        let log = try await Fixture.open(disk, configuration)
        _ = try await log.append([Fixture.record(Fixture.site(0), "first")])
        disk.syncGate.close()
        let big = Task { try await log.append([Fixture.record(Fixture.site(0), String(repeating: "b", count: 1500))]) }
        await disk.syncGate.waitUntilHeld()
        do {
            _ = try await log.append([Fixture.record(Fixture.site(0), String(repeating: "c", count: 1000))])
            Issue.record("taken above the bound")
        } catch let error as EventLogError {
            #expect(error.code == .overloaded && error.isRetriable)
        }
        disk.syncGate.open()
        _ = try await big.value
        _ = try await log.append([Fixture.record(Fixture.site(0), String(repeating: "c", count: 1000))])
        // A single append larger than the bound is taken when nothing else waits.
        _ = try await log.append([Fixture.record(Fixture.site(0), String(repeating: "d", count: 5000))])
        #expect(try await Fixture.values(log).map(\.count) == [5, 1500, 1000, 5000])
        try await log.close()
    }

    @Test func closingAnswersWhatIsInFlight() async throws {
        let disk = FaultyDisk()
        let log = try await Fixture.open(disk, Fixture.configuration(segmentBytes: 1 << 16))
        disk.syncGate.close()
        let inFlight = Task { try await log.append([Fixture.record(Fixture.site(0), "kept")]) }
        await disk.syncGate.waitUntilHeld()
        let closing = Task { try await log.close() }
        while log.refusal == nil { await Task.yield() }
        disk.syncGate.open()
        #expect(try await inFlight.value[0].offset == 0)
        try await closing.value
        let reopened = try await Fixture.open(disk, Fixture.configuration(segmentBytes: 1 << 16))
        #expect(try await Fixture.values(reopened) == ["kept"])
        try await reopened.close()
    }

    @Test func everyoneWhoWaitsForAFailingSyncIsTold() async throws {
        let disk = FaultyDisk()
        let log = try await Fixture.open(disk, Fixture.configuration(segmentBytes: 1 << 16))
        _ = try await log.append([Fixture.record(Fixture.site(0), "safe")])
        disk.syncGate.close()
        let first = Task { try await log.append([Fixture.record(Fixture.site(0), "1")]) }
        await disk.syncGate.waitUntilHeld()
        let perAppend = log.bytesInFlight
        let others = (0..<5).map { _ in Task { try await log.append([Fixture.record(Fixture.site(0), "2")]) } }
        while log.bytesInFlight < perAppend * 6 { await Task.yield() }
        disk.fail(call: disk.calls + 1, with: .error(5))
        disk.syncGate.open()
        for task in [first] + others {
            do {
                _ = try await task.value
                Issue.record("acknowledged by a failed sync")
            } catch let error as EventLogError {
                #expect(error.code == .fenced)
            }
        }
        try await log.close()
        let reopened = try await Fixture.open(disk.restarted(.synced), Fixture.configuration(segmentBytes: 1 << 16))
        #expect(try await Fixture.values(reopened) == ["safe"])
        try await reopened.close()
    }
}
