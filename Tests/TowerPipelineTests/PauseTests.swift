import Testing
import TowerModel
import TowerStreaming

@testable import TowerPipeline

/// A group that is paused or moved while a runner reads for it.
@Suite(.timeLimit(.minutes(10))) struct PauseTests {
    /// Counts what it is given; its position is the log's.
    private struct Counter: Processor {
        let group = "counter"
        let kinds: RecordKinds = .siteEvents
        let symbols = SymbolTable()
        let seen: AsyncStream<Int64>.Continuation
        mutating func resume(from log: DecodedLog, committed: LogCursor) async throws -> LogCursor { committed }
        mutating func prepare(_ slice: EventSlice) throws -> Prepared<[Int64]> {
            var sequences: [Int64] = []
            slice.forEachRun { run in sequences += run.records.map { run.piece.positions[$0].sequence } }
            return Prepared(sequences)
        }
        mutating func perform(_ work: [Int64], from: LogCursor, to next: LogCursor) async throws {
            for sequence in work { seen.yield(sequence) }
        }
    }

    private static func append(_ log: InMemoryLog, _ count: Int) async throws {
        for number in 0..<count {
            _ = try await log.append([Record(topic: Topic.siteEvents(site: "S"), key: nil, value: Self.event(number))])
        }
    }

    private static func event(_ number: Int) -> [UInt8] {
        let id = "00000000-0000-4000-8000-" + String(repeating: "0", count: 11) + "\(number % 10)"
        return Array(
            (#"{"event_id":"\#(id)","event_type":"x.y","tenant_id":"t","site_id":"S","timestamp":"2026-01-02T03:04:05Z","#
                + #""version":"1.0","payload":{}}"#).utf8)
    }

    private static func take(_ count: Int, _ seen: inout AsyncStream<Int64>.Iterator) async -> [Int64] {
        var taken: [Int64] = []
        while taken.count < count, let next = await seen.next() { taken.append(next) }
        return taken
    }

    @Test func aPausedRunnerReadsNothingUntilItIsResumed() async throws {
        let log = InMemoryLog(clock: { 0 })
        // The group is known, and paused, before anybody reads for it.
        let earlier = try await log.join(group: "counter", patterns: [.siteEvents])
        try await log.leave(earlier)
        try await log.setPaused(group: "counter", true)
        try await Self.append(log, 5)
        let (stream, seen) = AsyncStream.makeStream(of: Int64.self)
        let runner = ProcessorRunner(log: log, processor: Counter(seen: seen))
        let running = Task { try await runner.run() }
        // It has joined and got to the pause: nothing else will happen by itself.
        while try await log.groups()[0].members == 0 { await Task.yield() }
        for _ in 0..<1000 { await Task.yield() }
        #expect(runner.status.records == 0)
        try await log.setPaused(group: "counter", false)
        var iterator = stream.makeAsyncIterator()
        #expect(await Self.take(5, &iterator) == [0, 1, 2, 3, 4])
        running.cancel()
        try await running.value
        #expect(try await log.groups()[0].committed.sequence == 5)
    }

    @Test func aRunnerWhoseGroupIsMovedGoesOnFromThere() async throws {
        let log = InMemoryLog(clock: { 0 })
        try await Self.append(log, 4)
        let (stream, seen) = AsyncStream.makeStream(of: Int64.self)
        let runner = ProcessorRunner(log: log, processor: Counter(seen: seen))
        let running = Task { try await runner.run() }
        var iterator = stream.makeAsyncIterator()
        #expect(await Self.take(4, &iterator) == [0, 1, 2, 3])
        while try await log.groups()[0].committed.sequence < 4 { await Task.yield() }
        try await log.seek(group: "counter", to: LogCursor(sequence: 2))
        // Any record wakes it, and it finds itself moved before it reads.
        try await Self.append(log, 1)
        #expect(await Self.take(3, &iterator) == [2, 3, 4])
        // A newer member is another thing: the older one ends.
        while try await log.groups()[0].committed.sequence < 5 { await Task.yield() }
        _ = try await log.join(group: "counter", patterns: [.siteEvents])
        try await Self.append(log, 1)
        await #expect { try await running.value } throws: { ($0 as? PipelineError)?.code == .fenced }
    }
}
