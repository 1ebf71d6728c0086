import Synchronization
import Testing
import TowerModel
import TowerStreaming

@testable import TowerPipeline

@Suite struct SliceReportTests {
    static let trace = TraceContext(traceHigh: 1, traceLow: 2, span: 3)

    static func traced(_ record: Record) -> Record {
        var record = record
        record.headers += [
            .init("tenant", "acme"), .init("type", "grid.fault"), .init(TraceContext.header, trace.traceparent),
        ]
        return record
    }

    /// What the runner tells of the slices that hold `records`, with the projection as the group.
    private func reports(_ records: [Record]) async throws -> [SliceReport] {
        let world = try World()
        _ = try await world.log.append(records)
        let seen = Mutex<[SliceReport]>([])
        let runner = ProcessorRunner(log: world.log, processor: world.projection()) { event in
            if case .processed(let report) = event { seen.withLock { $0.append(report) } }
        }
        let task = Task { try await runner.run() }
        await world.progress.wait(for: Int64(records.count - 1))
        task.cancel()
        try await task.value
        return seen.withLock { $0 }
    }

    @Test(arguments: [1, 15, 16, 17, 100, 1000])
    func theArrivalsStandForEveryRecord(count: Int) async throws {
        let told = try await reports((0..<count).map { World.event($0, "grid.fault", site: "S-\($0 % 7)") })
        #expect(told.reduce(0) { $0 + $1.records } == count)
        #expect(told.flatMap(\.arrivals).reduce(0) { $0 + $1.count } == count)
        #expect(told.allSatisfy { $0.arrivals.count <= 16 && $0.arrivals.allSatisfy { $0.count > 0 } })
    }

    @Test func aCanaryIsToldAndNobodyWaitsForIt() async throws {
        let canary = Record(topic: Topic.canary, key: nil, value: Array("{}".utf8))
        let told = try await reports([World.event(0, "grid.fault", site: "S-1"), canary])
        #expect(told.flatMap(\.canaries).map(\.sequence) == [1])
        #expect(told.flatMap(\.arrivals).reduce(0) { $0 + $1.count } == 1)
    }

    @Test func aTracedRequestIsToldOnceHoweverManyRecordsItHas() async throws {
        let plain = World.event(0, "grid.fault", site: "S-1")
        let told = try await reports([plain] + (1..<5).map { Self.traced(World.event($0, "grid.fault", site: "S-1")) })
        #expect(told.flatMap(\.traces) == [Self.trace])
        #expect(try await reports([plain]).flatMap(\.traces).isEmpty)
    }

    @Test func aDamagedTraceHeaderIsNone() async throws {
        var record = World.event(0, "grid.fault", site: "S-1")
        record.headers += [.init("a", "b"), .init("c", "d"), .init(TraceContext.header, "00-zz")]
        #expect(try await reports([record]).flatMap(\.traces).isEmpty)
    }
}
