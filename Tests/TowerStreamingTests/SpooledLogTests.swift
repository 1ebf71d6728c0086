import Synchronization
import Testing
import TowerStreaming
import TowerTestKit

/// The promises of a log whose broker comes and goes.
@Suite struct SpooledLogTests {
    @Test(arguments: EventLogContract.checks)
    func keepsTheContractWhileTheBrokerIsThere(_ check: EventLogContract.Check) async throws {
        try await check.run { clock, maxRecordBytes in
            let parts = Parts(InMemoryLog(maxRecordBytes: maxRecordBytes, clock: clock.milliseconds))
            return try await parts.open()
        }
    }

    @Test func appendsGoToTheSpoolWhileTheBrokerIsAwayAndArriveInOrderAfterwards() async throws {
        let parts = Parts()
        let log = try await parts.open()
        let first = try await log.append([record("A", 0)])
        #expect(first.map(\.offset) == [0])
        parts.broker.isAway = true
        for number in 1...5 {
            #expect(try await log.append([record("A", number)]).map(\.sequence) == [-1], "the broker has yet to place it")
        }
        #expect(log.status.way == .spooling)
        #expect(log.status.pendingRecords == 5)
        #expect(log.status.outages == 1)
        #expect(try await parts.delivered("A") == [0])

        let drain = Task { try await log.run() }
        try await parts.broker.refusals(atLeast: 3)
        #expect(try await parts.delivered("A") == [0])
        parts.broker.isAway = false
        try await parts.inner.waitForRecords(at: LogCursor(sequence: 5))
        while log.status.way != .direct { await Task.yield() }
        #expect(try await parts.delivered("A") == [0, 1, 2, 3, 4, 5])
        #expect(try await log.append([record("A", 6)]).map(\.offset) == [6])
        #expect(log.status.pendingRecords == 0 && log.status.fill == 0)
        #expect(log.status.drainedRecords == 5)
        drain.cancel()
        try await drain.value
    }

    @Test func brokersThatRefuseTheLoginAreWaitedForLikeBrokersThatAreAway() async throws {
        let parts = Parts()
        parts.broker.refusal = EventLogError(.loginRefused, "no such user")
        parts.broker.isAway = true
        let log = try await parts.open()
        #expect(try await log.append([record("A", 0)]).map(\.sequence) == [-1])
        #expect(log.status.lastError == "no such user (log.login_refused)")
        let drain = Task { try await log.run() }
        try await parts.broker.refusals(atLeast: 3)
        parts.broker.isAway = false
        while log.status.way != .direct { await Task.yield() }
        #expect(try await parts.delivered("A") == [0])
        drain.cancel()
        try await drain.value
    }

    @Test func whatAnEarlierProcessLeftInTheSpoolIsTakenUpBeforeAnythingNew() async throws {
        let parts = Parts()
        parts.broker.isAway = true
        let before = try await parts.open()
        for number in 0..<3 { _ = try await before.append([record("A", number)]) }
        // The process dies here: nothing is closed. The next one finds the same spool and a broker that is back.
        parts.broker.isAway = false
        let after = try await parts.open()
        #expect(after.status.pendingRecords == 3)
        #expect(try await after.append([record("A", 3)]).map(\.offset) == [-1], "behind what waits")
        let drain = Task { try await after.run() }
        try await parts.inner.waitForRecords(at: LogCursor(sequence: 3))
        #expect(try await parts.delivered("A") == [0, 1, 2, 3])
        drain.cancel()
        try await drain.value
    }

    @Test func aFullSpoolRefusesUntilThereIsRoomAgain() async throws {
        let parts = Parts()
        parts.broker.isAway = true
        var bounds = SpooledLog.Configuration()
        bounds.maxBytes = 60
        let log = try await parts.open(bounds)
        var accepted = 0
        var refusal: EventLogError?
        while refusal == nil, accepted < 1000 {
            do {
                _ = try await log.append([record("A", accepted)])
                accepted += 1
            } catch let error as EventLogError { refusal = error }
        }
        #expect(refusal?.code == .spoolFull)
        #expect(refusal?.isRetriable == true)
        #expect(log.status.fill == 1)
        #expect(log.status.refusedAppends == 1)
        parts.broker.isAway = false
        let drain = Task { try await log.run() }
        while log.status.way != .direct { await Task.yield() }
        #expect(try await parts.delivered("A") == Array(0..<accepted), "accepted ones all, the refused one not")
        _ = try await log.append([record("A", accepted)])
        drain.cancel()
        try await drain.value
    }

    @Test func whoeverSeesThatNothingWaitsFindsRoomInTheSpool() async throws {
        let parts = Parts()
        parts.broker.isAway = true
        var bounds = SpooledLog.Configuration()
        bounds.maxBytes = 4
        let log = try await parts.open(bounds)
        for number in 0..<4 { _ = try await log.append([record("A", number)]) }
        await #expect(throws: EventLogError.self) { try await log.append([record("A", 4)]) }
        // The room is made while the records still count as waiting.
        let waitingWhileMakingRoom = Mutex<[Int64]>([])
        parts.spool.makeRoom { [log] in
            waitingWhileMakingRoom.withLock { $0.append(log.status.pendingRecords) }
            return false
        }
        parts.broker.isAway = false
        let drain = Task { try await log.run() }
        while log.status.way != .direct || waitingWhileMakingRoom.withLock({ $0.count }) < 2 { await Task.yield() }
        drain.cancel()
        try await drain.value
        #expect(waitingWhileMakingRoom.withLock { $0 } == [4, 0], "after the block, and once more when the way is free")
        // Files that could not go yet, of which nothing waits, do not refuse what comes in the next outage.
        #expect(log.status.storedBytes == 4 && log.status.pendingRecords == 0 && log.status.fill == 0)
        parts.broker.isAway = true
        #expect(try await log.append([record("A", 5)]).map(\.offset) == [-1])
        await #expect(throws: EventLogError.self, "now something waits, and the bound holds") { try await log.append([record("A", 6)]) }
    }

    @Test func aRecordThatTheBrokerWillNeverTakeDoesNotStopTheOthers() async throws {
        let parts = Parts(InMemoryLog(maxRecordBytes: 40, clock: ManualClock().milliseconds))
        parts.broker.isAway = true
        let log = try await parts.open()
        for number in 0..<4 { _ = try await log.append([record("A", number)]) }
        _ = try await log.append([Record(topic: Topic.siteEvents(site: "A"), key: nil, value: [UInt8](repeating: 65, count: 41))])
        for number in 4..<7 { _ = try await log.append([record("A", number)]) }
        parts.broker.isAway = false
        let drain = Task { try await log.run() }
        while log.status.way != .direct { await Task.yield() }
        #expect(try await parts.delivered("A") == Array(0..<7))
        #expect(parts.letters.withLock { $0 } == [.recordTooLarge])
        #expect(log.status.undeliverableRecords == 1)
        drain.cancel()
        try await drain.value
    }

    @Test func anErrorThatWillNotPassIsTheCallersAndNothingIsSpooled() async throws {
        let parts = Parts()
        let log = try await parts.open()
        await #expect(throws: EventLogError.self) { try await log.append([Record(topic: TopicName("no good"), key: nil, value: [])]) }
        #expect(log.status.way == .direct)
        #expect(log.status.pendingRecords == 0)
    }

    /// Writers of several sites append one after the other, each waiting for its answer, while the broker comes and goes as
    /// the seed says. Every acknowledged record arrives, and a site's records in the order they were acknowledged.
    @Test(arguments: 0..<40 as Range<UInt64>)
    func nothingIsLostOrOutOfOrderWhateverTheBrokerDoes(seed: UInt64) async throws {
        let parts = Parts()
        parts.broker.fail(from: seed)
        let log = try await parts.open()
        let drain = Task { try await log.run() }
        let acknowledged = try await withThrowingTaskGroup(of: (String, Int).self) { group in
            for site in ["A", "B", "C", "D"] {
                group.addTask {
                    for number in 0..<60 {
                        _ = try await log.append([record(site, number)])
                        if number % 7 == 0 { await Task.yield() }
                    }
                    return (site, 60)
                }
            }
            return try await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
        }
        parts.broker.fail(from: nil)
        while log.status.way != .direct || log.status.pendingRecords > 0 { await Task.yield() }
        for (site, count) in acknowledged { #expect(try await parts.delivered(site) == Array(0..<count), "site \(site)") }
        drain.cancel()
        try await drain.value
    }
}

private func record(_ site: String, _ number: Int) -> Record {
    Record(
        topic: Topic.siteEvents(site: site), key: Array(site.utf8), value: Array("\(number)".utf8),
        headers: [Record.Header("n", "\(number % 2)")])
}

/// A broker that can be away, a spool, and what came of them.
private final class Parts: Sendable {
    let inner: InMemoryLog
    let broker: FlakyLog
    let spool: MemorySpool
    let letters = Mutex<[EventLogError.Code]>([])

    init(_ inner: InMemoryLog = InMemoryLog(clock: ManualClock().milliseconds)) {
        self.inner = inner
        broker = FlakyLog(inner)
        spool = MemorySpool()
    }

    func open(_ configuration: SpooledLog.Configuration = .init()) async throws -> SpooledLog {
        try await SpooledLog.open(
            remote: broker, spool: spool, configuration: configuration, pause: { _ in await Task.yield() },
            undeliverable: { [self] _, error in letters.withLock { $0.append(error.code) } })
    }

    /// The numbers of a site as the broker has them.
    func delivered(_ site: String) async throws -> [Int] {
        let records = try? await inner.fetch(topic: Topic.siteEvents(site: site), from: 0, maxBytes: 1 << 20)
        return (records ?? []).compactMap { Int(String(decoding: $0.record.value, as: UTF8.self)) }
    }
}
