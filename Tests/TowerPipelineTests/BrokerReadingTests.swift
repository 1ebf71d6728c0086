import KafkaTestKit
import Synchronization
import Testing
import TowerKafka
import TowerModel
import TowerStreaming
import TowerTestKit

@testable import TowerPipeline

/// Groups on a log of partitions: what comes twice is left out, also over restarts, and what they say is there once.
@Suite struct BrokerReadingTests {
    private let cluster: MockCluster
    private let log: KafkaLog
    private let symbols = SymbolTable()

    init() throws {
        cluster = try MockCluster(brokers: 3)
        try cluster.createKeyedTopics()
        var configuration = cluster.configuration()
        configuration.electsSingleMembers = true
        configuration.readsInOrderOfTime = true
        let clock = ManualClock()
        log = try KafkaLog(configuration, clock: { clock.advance(byMs: 1); return clock.milliseconds() })
    }

    private func reader(_ kinds: RecordKinds = .siteEvents) -> DecodedLog {
        DecodedLog(log: log, symbols: symbols, kinds: kinds, configuration: .init(repeatWindow: 4096))
    }

    private func append(_ numbers: some Sequence<Int>) async throws {
        _ = try await log.append(numbers.map { World.event($0, "telemetry.metric", site: "S-\($0 % 9)") })
    }

    private func read(_ reader: DecodedLog, from cursor: LogCursor, count: Int, at most: Int = 7) async throws -> (ids: [EventID], next: LogCursor) {
        var ids: [EventID] = []
        var cursor = cursor
        while ids.count < count {
            let slice = try await reader.slice(of: .siteEvents, from: cursor, maxRecords: most, maxBytes: 1 << 20)
            slice.forEachRun { run in
                for event in run.events.events { ids.append(run.piece.batch.ids[Int(event)]) }
            }
            cursor = slice.next
        }
        return (ids, cursor)
    }

    @Test func anEventsSecondCopyIsLeftOutAlsoAfterARestart() async throws {
        try await append(0..<50)
        try await append(20..<40)
        try await append(50..<60)
        let first = reader()
        let (ids, cursor) = try await read(first, from: .start, count: 60)
        #expect(Set(ids) == Set((0..<60).map(World.id)) && ids.count == 60)
        #expect(first.counters.repeats == 20 && first.counters.delivered == 60)
        // Another process goes on there and knows what came before; what comes after the place is not taken for it.
        try await append(55..<70)
        let second = reader()
        let (rest, _) = try await read(second, from: cursor, count: 10)
        #expect(Set(rest) == Set((60..<70).map(World.id)) && rest.count == 10)
        // The same reader sent back, as after a conflict, reads the same again.
        let (again, _) = try await read(first, from: .start, count: 70)
        #expect(Set(again) == Set((0..<70).map(World.id)) && again.count == 70)
        try await log.close()
    }

    /// Says one thing of each event, and remembers how many there were.
    private struct Echo: EmittingCore {
        var count: Int64 = 0
        var settingsHash: UInt64? { 7 }
        func encode(into writer: inout StateWriter) { writer.write(signed: count) }
        mutating func restore(from reader: inout StateReader) throws(StateError) { count = try reader.signed("count") }
        mutating func consume(_ slice: EventSlice) throws -> Prepared<[Record]> {
            var work: [Record] = []
            slice.forEachRun { run in
                for event in run.events.events {
                    count += 1
                    let id = EventID.derived(from: run.piece.batch.ids[Int(event)], "echo")
                    var record = World.event(Int(count), "alert.raised", site: "S-1")
                    record.topic = Topic.alerts(tenant: "acme")
                    record.headers = [.init("event_id", id.description)]
                    work.append(record)
                }
            }
            return Prepared(work)
        }
    }

    private func run(_ checkpoints: CheckpointPlan?, until position: @escaping @Sendable (ProcessorStatus) -> Bool) async throws {
        let processor = EmittingProcessor(
            group: "echo", kinds: .siteEvents, outputs: [.alerts], core: Echo(), symbols: symbols, log: log, checkpoints: checkpoints)
        let runner = ProcessorRunner(
            log: log, records: reader(), processor: processor, configuration: .init(maxRecords: 11), time: .system)
        let task = Task { try await runner.run() }
        while !position(runner.status) { await Task.yield() }
        task.cancel()
        try await task.value
    }

    @Test(arguments: [false, true]) func whatAGroupSaysIsThereOnceOverRestarts(hasCheckpoints: Bool) async throws {
        let store = MemoryCheckpoints()
        let plan = hasCheckpoints ? CheckpointPlan(store: store, everyRecords: 10, bytesPerRecord: 0) : nil
        try await append(0..<120)
        try await run(plan) { $0.records >= 40 }
        try await append(60..<180)
        try await run(plan) { $0.position >= 240 }
        #expect(await store.positions(group: "echo").isEmpty != hasCheckpoints)
        // A third finds nothing to do, having taken up a place with parts.
        try await append(180..<190)
        try await run(plan) { $0.position >= 250 }
        var said: [EventID] = []
        var cursor = LogCursor.start
        while true {
            let slice = try await log.fetch(matching: [.alerts], from: cursor, maxRecords: 1000, maxBytes: 1 << 20)
            said += slice.records.compactMap { DerivedEvent.id(of: $0.record) }
            guard slice.next != cursor else { break }
            cursor = slice.next
        }
        let expected = (0..<190).map { EventID.derived(from: World.id($0), "echo") }
        #expect(Set(said) == Set(expected) && said.count == expected.count)
        try await log.close()
    }

    @Test(.timeLimit(.minutes(10))) func aGroupWhoseNewestRecordsAllCameBeforeHasNoLag() async throws {
        try await append(0..<30)
        try await append(0..<30)
        let processor = EmittingProcessor(
            group: "echo", kinds: .siteEvents, outputs: [.alerts], core: Echo(), symbols: symbols, log: log, checkpoints: nil)
        let runner = ProcessorRunner(log: log, records: reader(), processor: processor, configuration: .init(maxRecords: 11), time: .system)
        let task = Task { try await runner.run() }
        while try await log.groups().first(where: { $0.group == "echo" })?.offsetLag != 0 { await Task.yield() }
        task.cancel()
        try await task.value
        #expect(runner.status.records == 30 && runner.status.position == 60)
        try await log.close()
    }
}
