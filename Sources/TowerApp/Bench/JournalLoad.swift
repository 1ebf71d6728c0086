import Synchronization
import TowerJournal
import TowerStreaming

/// Blocks of real-shaped events and the tasks that append them to a journal in this process.
struct JournalLoad: Sendable {
    let blocks: [RecordBlock]
    let batch: Int
    /// Bytes of the values of one block.
    let blockBytes: Int

    /// - Parameters:
    ///   - topics: the events lie in so many topics, every one of which occurs when there are blocks enough.
    ///   - blocks: how many different blocks are sent in turn. More of them than a processor's cache holds is like life.
    init(batch: Int, topics: Int, blocks: Int, seed: UInt64, milliseconds: Int64) {
        var mix = TelemetryMix(tenant: MeasuredServer.tenant, seed: seed)
        let lines = mix.lines(batch)
        var body = EventBody(lines: lines, sites: 1, seed: seed)
        self.batch = batch
        blockBytes = body.bodyBytes - batch
        let stride = Self.stride(topics)
        self.blocks = (0..<blocks).map { block in
            body.renew(milliseconds: milliseconds)
            for event in 0..<batch { body.setSite(event, to: (block * batch + event) * stride % topics) }
            var made = RecordBlock(bytes: body.bytes)
            made.reserveCapacity(records: batch, topics: batch)
            for event in 0..<batch {
                let ranges = body.ranges(event)
                let topic = made.addSiteTopic(site: ranges.site)
                made.append(topic: topic, key: ranges.site, value: ranges.line)
            }
            return made
        }
    }

    /// A step that reaches every topic and does not visit neighbours one after the other.
    private static func stride(_ topics: Int) -> Int {
        var step = 7919
        while commonDivisor(step, topics) != 1 { step += 1 }
        return step
    }

    private static func commonDivisor(_ a: Int, _ b: Int) -> Int { b == 0 ? a : commonDivisor(b, a % b) }

    /// Bounds of an append run; the first that is reached ends it.
    struct Bound: Sendable {
        var seconds: Double
        var events: Int
    }

    /// Batches handed out and events answered, of all tasks.
    private final class Counters: Sendable {
        let claimed = Atomic<Int>(0)
        let done = Atomic<Int>(0)
    }

    /// Appends from `callers` tasks at once, each waiting for its answer.
    ///
    /// - Returns: events appended.
    func append(to log: Journal, callers: Int, bound: Bound) async throws -> Int {
        let counters = Counters()
        let stop = ProcessorTime.nanoseconds() + Int64(min(bound.seconds, 1e6) * 1e9)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<callers {
                group.addTask {
                    while ProcessorTime.nanoseconds() < stop {
                        let number = counters.claimed.wrappingAdd(1, ordering: .relaxed).oldValue
                        guard number * batch < bound.events else { return }
                        let positions = try await log.append(blocks[number % blocks.count])
                        guard positions.count == batch else {
                            throw CommandFailure("The journal took \(batch) events and answered \(positions.count) positions.")
                        }
                        counters.done.wrappingAdd(batch, ordering: .relaxed)
                    }
                }
            }
            try await group.waitForAll()
        }
        return counters.done.load(ordering: .relaxed)
    }

    /// One timed run as a result.
    func measure(_ name: String, log: Journal, callers: Int, topics: Int, bound: Bound) async throws -> BenchResult {
        var result = BenchResult(name)
        let watch = Stopwatch()
        result.events = try await append(to: log, callers: callers, bound: bound)
        watch.read(into: &result)
        result.bytes = result.events / batch * blockBytes
        result.topics = topics
        result.batch = batch
        result.callers = callers
        return result
    }
}

extension Journal {
    /// Opened with the settings of a server.
    static func forBench(_ directory: String) async throws -> Journal {
        try await Journal.open(directory: directory, clock: SystemSources.nowMilliseconds)
    }
}
