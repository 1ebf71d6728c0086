import Foundation
import Synchronization
import Testing
import TowerPipeline
import TowerStreaming

@testable import TowerApp

@Suite struct ReplayPacerTests {
    @Test(arguments: [(1.0, 1000), (10, 100), (0.5, 2000), (1000, 1)] as [(Double, Int)])
    func recordsKeepTheirDistancesDividedByTheSpeed(speed: Double, milliseconds: Int) {
        var pacer = ReplayPacer(speed: speed)
        #expect(pacer.due(50_000, now: 7) == 7)
        // However late the caller is, the plan stays.
        #expect(pacer.due(51_000, now: 999_999_999_999) == 7 + UInt64(milliseconds) * 1_000_000)
        #expect(pacer.due(53_000, now: 0) == 7 + UInt64(milliseconds) * 3_000_000)
    }

    @Test func aRecordFromBeforeIsDueWithTheOneThatWas() {
        var pacer = ReplayPacer(speed: 1)
        _ = pacer.due(1000, now: 0)
        #expect(pacer.due(3000, now: 0) == 2_000_000_000)
        #expect(pacer.due(500, now: 0) == 2_000_000_000)
        #expect(pacer.due(.max, now: 0) > 0 && pacer.due(.min, now: 0) > 0)
    }
}

@Suite struct ReplayProgressTests {
    @Test func itTellsRateShareAndWhatIsLeftOnceASecond() {
        var progress = ReplayProgress(window: 1000..<3000, now: 0)
        #expect(progress.advance(records: 100, at: 1100, now: 999_999_999) == nil)
        #expect(
            progress.advance(records: 400, at: 1500, now: 2_000_000_000)
                == "500 records, 250/s, 25 %, 6 s left, at sequence 1500")
        #expect(progress.advance(records: 1, at: 1501, now: 2_500_000_000) == nil)
        #expect(progress.line(at: 3000, now: 4_000_000_000) == "501 records, 125/s, 100 %, at sequence 3000")
        #expect(progress.summary(now: 4_000_000_000) == "501 records in 4.0 s, 125/s")
    }

    @Test(arguments: [(0.0, "0 s"), (99, "99 s"), (100, "2 min"), (7200, "2 h")])
    func spansAreInWords(seconds: Double, text: String) { #expect(ReplayProgress.span(seconds) == text) }

    @Test func anEmptyWindowIsDone() {
        #expect(ReplayProgress(window: 5..<5, now: 0).line(at: 5, now: 0) == "0 records, -/s, 100 %, at sequence 5")
    }
}

@Suite struct RecordLineTests {
    @Test(arguments: [
        (#"{"event":{"a":1},"topic":"t.x","offset":2,"sequence":30,"ingested_at":"2026-01-15T21:00:00.5Z"}"#, #"{"a":1}"#),
        // The mark inside the event is not the one that counts.
        (
            #"{"event":{"a":",\"topic\":\"","topic":"no"},"topic":"t.x","offset":2,"sequence":30,"ingested_at":"2026-01-15T21:00:00.5Z"}"#,
            #"{"a":",\"topic\":\"","topic":"no"}"#
        ), (#"{"raw_base64":"AAoiLQ==","topic":"t.x","offset":2,"sequence":30,"ingested_at":"2026-01-15T21:00:00.5Z"}"#, "\0\n\"-"),
    ])
    func theValueIsCopiedAndThePlaceRead(line: String, value: String) throws {
        let read = try RecordLine(Array(line.utf8))
        #expect(read.value == Array(value.utf8))
        #expect(read.topic == "t.x" && read.offset == 2 && read.sequence == 30 && read.timestampMs == 1_768_510_800_500)
    }

    @Test(arguments: ["", "{}", "nonsense", #"{"event":1}"#, #"{"other":1,"topic":"t","offset":1,"sequence":1,"ingested_at":"2026-01-15T21:00:00Z"}"#])
    func whatIsNoRecordIsRefused(line: String) {
        #expect(throws: CommandFailure.self) { try RecordLine(Array(line.utf8)) }
    }
}

/// Time that passes only by sleeping.
private final class SleepingTime: Sendable {
    private let now = Mutex<UInt64>(1_000_000)
    let slept = Mutex<[UInt64]>([])
    private let cancelAfter: Int

    /// - Parameter cancelAfter: the sleep that is interrupted, counted from 0.
    init(cancelAfter: Int = .max) { self.cancelAfter = cancelAfter }

    var time: PipelineTime {
        PipelineTime(nowNanoseconds: { self.now.withLock { $0 } }) { duration in
            let (seconds, attoseconds) = duration.components
            let nanoseconds = UInt64(seconds) * 1_000_000_000 + UInt64(attoseconds / 1_000_000_000)
            self.now.withLock { $0 += nanoseconds }
            let count = self.slept.withLock { slept in
                slept.append(nanoseconds)
                return slept.count
            }
            if count > self.cancelAfter { throw CancellationError() }
        }
    }
}

@Suite struct ReplayPumpTests {
    /// Keeps what it is given; what is not flushed is lost.
    private struct Keeper: ReplaySink {
        final class Kept: Sendable {
            let values = Mutex<[String]>([])
        }
        let kept = Kept()
        var open: [String] = []
        var report: String { "" }
        mutating func take(_ block: LogBlock, _ range: Range<Int>) {
            for index in range { open.append(String(decoding: block.value(index), as: UTF8.self)) }
        }
        mutating func flush() {
            kept.values.withLock { $0 += open }
            open = []
        }
    }

    private static func log() async throws -> InMemoryLog {
        let now = Mutex<Int64>(0)
        let log = InMemoryLog(clock: { now.withLock { $0 } })
        for number in 0..<10 {
            now.withLock { $0 = Int64(number / 2) * 1000 }
            let at = "2026-01-15T21:0\(number / 5):00Z"
            _ = try await log.append([
                Record(topic: Topic.siteEvents(site: "S"), key: nil, value: Array("{\"n\":\(number),\"timestamp\":\"\(at)\"}".utf8))
            ])
        }
        return log
    }

    private static func run(
        _ sleeping: SleepingTime, from: Int64 = 0, to: Int64 = 10, windowFrom: Int64? = nil, _ set: (inout ReplayJob.Options) -> Void
    ) async throws -> (kept: [String], outcome: ReplayJob.Outcome) {
        let log = try await Self.log()
        var options = ReplayJob.Options()
        set(&options)
        let keeper = Keeper()
        var sink: any ReplaySink = keeper
        let source = LogSource(
            log: log, patterns: [.siteEvents], from: LogCursor(sequence: from), to: LogCursor(sequence: to))
        let outcome = try await ReplayJob(options, time: sleeping.time).pump(source, into: &sink, windowFrom: windowFrom ?? from) { _ in }
        let numbers = keeper.kept.values.withLock { $0 }.map { String($0.dropFirst(5).prefix { $0 != "," }) }
        return (numbers, outcome)
    }

    @Test(arguments: [(0, 10), (3, 7), (0, 0), (9, 10), (4, 100)] as [(Int64, Int64)])
    func aWindowComesWholeAndInOrder(from: Int64, to: Int64) async throws {
        let sleeping = SleepingTime()
        let (kept, outcome) = try await Self.run(sleeping, from: from, to: to) { _ in }
        #expect(kept == (from..<max(from, min(to, 10))).map(String.init))
        #expect(outcome.stoppedAt == nil && sleeping.slept.withLock { $0.isEmpty })
    }

    @Test func aPacedReplayWaitsBetweenInstants() async throws {
        let sleeping = SleepingTime()
        let (kept, _) = try await Self.run(sleeping) { $0.speed = 4 }
        #expect(kept == (0..<10).map(String.init))
        #expect(sleeping.slept.withLock { $0 } == [250_000_000, 250_000_000, 250_000_000, 250_000_000])
    }

    /// What a processor is fed before its window is not waited for.
    @Test func onlyTheWindowIsPaced() async throws {
        let sleeping = SleepingTime()
        let (kept, outcome) = try await Self.run(sleeping, windowFrom: 6) { $0.speed = 1 }
        #expect(kept.count == 10 && outcome.stoppedAt == nil)
        #expect(sleeping.slept.withLock { $0 } == [1_000_000_000])
        #expect(try await Self.run(SleepingTime(cancelAfter: 0), windowFrom: 6) { $0.speed = 1 }.outcome.stoppedAt == 8)
    }

    @Test func aReplayByEventTimeWaitsAsTheEventsSay() async throws {
        let sleeping = SleepingTime()
        _ = try await Self.run(sleeping) { ($0.speed, $0.pace) = (60, .event) }
        #expect(sleeping.slept.withLock { $0 } == [1_000_000_000])
    }

    /// What was written and where it says to go on fit together: nothing is missing, nothing comes twice.
    @Test(arguments: 0..<4)
    func anInterruptedReplayGoesOnWhereItSays(sleeps: Int) async throws {
        let (first, outcome) = try await Self.run(SleepingTime(cancelAfter: sleeps)) { $0.speed = 1 }
        let place = try #require(outcome.stoppedAt)
        let (second, rest) = try await Self.run(SleepingTime(), from: place) { _ in }
        #expect(first + second == (0..<10).map(String.init) && first.count == 2 * (sleeps + 1) && rest.stoppedAt == nil)
    }

    @Test func aFileHoldsOneLineAnEventWhateverTheSizes() throws {
        var block = LogBlock(next: .start)
        block.topics = [Topic.siteEvents(site: "S")]
        var expected: [UInt8] = []
        for size in [0, 1, 1000, (1 << 20) - 2, (1 << 20) - 1, 1 << 20, 3 << 20, 5] {
            var value = [UInt8](repeating: 0x61, count: size)
            if size > 2 { value[size / 2] = 0x0A }
            if size > 3 { value[size - 1] = 0x0D }
            block.append(
                StoredRecord(
                    record: Record(topic: block.topics[0], key: [1, 2], value: value, headers: [.init("h", "x\n")]), offset: 0, sequence: 0,
                    timestampMs: 0), topic: 0)
            expected += value.map { [0x0A, 0x0D].contains($0) ? 0x20 : $0 } + [0x0A]
        }
        let path = NSTemporaryDirectory() + "/towerco-replay-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: path) }
        let writer = try BlockWriter(path: path)
        try writer.writeValues(of: block, 0..<block.count)
        try writer.flush()
        #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == Data(expected))
    }

    @Test(arguments: [
        { $0.from = "yesterday" }, { $0.to = ["later"] }, { $0.to = ["5", "6"] }, { $0.to = ["http://a", "https://b"] },
        { $0.speed = -1 }, { $0.speed = .nan }, { ($0.into, $0.url) = (.engine, "http://a") }, { ($0.into, $0.to) = (.kpis, ["http://a"]) },
    ] as [@Sendable (inout ReplayJob.Options) -> Void])
    func wrongOptionsAreMisuse(set: @Sendable (inout ReplayJob.Options) -> Void) {
        var options = ReplayJob.Options()
        set(&options)
        #expect { try ReplayJob(options) } throws: { ($0 as? CommandFailure)?.isUsage == true }
    }
}
