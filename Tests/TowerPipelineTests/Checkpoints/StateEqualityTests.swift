import Foundation
import Testing
import TowerEngine
import TowerModel
import TowerPipeline
import TowerStreaming

/// A core that is written down at any record of the log and taken up by another process goes on as if nothing had happened.
@Suite struct StateEqualityTests {
    /// Restarts in all; `scripts/test-level.sh` asks for more.
    static let cuts = ProcessInfo.processInfo.environment["TOWERCO_TEST_CUTS"].flatMap { Int($0) } ?? 40

    struct Life: Sendable, CustomTestStringConvertible {
        var seed: UInt64
        var noise: String
        var testDescription: String { "seed \(seed), noise \(noise)" }
    }

    static let lives = [
        Life(seed: 1, noise: "none"), Life(seed: 20, noise: "missing=0.1,duplicates=0.02,skew=60,flapping=0.3"),
        Life(seed: 300, noise: "late=0.2,lying=0.2,telemetry=0.05,duplicates=0.01"),
        Life(seed: 4000, noise: "missing=0.3,skew=100,late=0.1,flapping=0.5,lying=0.3"),
    ]

    static func engine(_ symbols: SymbolTable) -> EngineStage<RealEngine> { EngineStage(engine: RealEngine()) }

    static func calculator(_ symbols: SymbolTable) -> KPIStage<KPICalculator> {
        KPIStage(calculator: KPICalculator(symbols: symbols), symbols: symbols)
    }

    /// Where a run was written down.
    private struct Mark {
        var cursor: LogCursor
        var said: Int
        var state: [UInt8]
    }

    /// Runs without a stop, then again from random records on, and compares what is said and what is left.
    private func check<Core: EmittingCore>(_ life: Life, _ make: (SymbolTable) -> Core) async throws {
        let fleet = try await FleetLog(seed: life.seed, noise: life.noise)
        var generator = Steps(state: life.seed &+ 7)
        let wanted = max(1, Self.cuts / (2 * Self.lives.count))
        let end = await fleet.log.end().sequence
        var cuts = Set((0..<wanted).map { _ in 1 + Int64(generator.next(below: Int(end - 1))) })
        cuts.insert(1)

        var marks: [Mark] = []
        var reader = StageReader(log: fleet.log)
        var core = make(reader.symbols)
        var said: [Record] = []
        for cut in cuts.sorted() {
            while reader.cursor.sequence < cut {
                let room = min(Int(cut - reader.cursor.sequence), 1 + generator.next(below: 700))
                said += try #require(try await reader.step(&core, records: room))
            }
            marks.append(Mark(cursor: reader.cursor, said: said.count, state: core.stateBytes))
        }
        said += try await reader.readOn(&core)
        let final = core.stateBytes
        #expect(said.count > 20)

        for mark in marks {
            // Another process: names that came first there have other numbers.
            let symbols = SymbolTable()
            for number in 0..<(1 + generator.next(below: 50)) { _ = symbols.intern("elsewhere \(number)") }
            var other = StageReader(log: fleet.log, symbols: symbols, from: mark.cursor)
            var restored = make(symbols)
            var bytes = StateReader(mark.state)
            try restored.restore(from: &bytes)
            #expect(bytes.isAtEnd)
            #expect(restored.stateBytes == mark.state, "written down again at \(mark.cursor.sequence)")
            let rest = try await other.readOn(&restored, records: 1 + generator.next(below: 900))
            #expect(Self.byTopic(rest) == Self.byTopic(said[mark.said...]), "said after \(mark.cursor.sequence)")
            #expect(restored.stateBytes == final, "left after \(mark.cursor.sequence)")
        }
    }

    /// Values in order. How a slice was cut decides only how topics follow each other in it.
    private static func byTopic(_ records: some Sequence<Record>) -> [TopicName: [[UInt8]]] {
        Dictionary(grouping: records, by: \.topic).mapValues { $0.map(\.value) }
    }

    @Test(arguments: lives) func anEngineGoesOnFromAnyRecord(_ life: Life) async throws { try await check(life, Self.engine) }

    @Test(arguments: lives) func aCalculatorGoesOnFromAnyRecord(_ life: Life) async throws {
        try await check(life, Self.calculator)
    }

    @Test func eachTenantsStateIsItsOwn() async throws {
        let fleet = try await FleetLog(seed: 5, hours: 2)
        var reader = StageReader(log: fleet.log)
        var core = Self.engine(reader.symbols)
        _ = try await reader.readOn(&core)
        var calculator = KPICalculator(symbols: SymbolTable())
        var engine = RealEngine()
        var bytes = StateReader(core.stateBytes)
        try engine.restore(from: &bytes)
        let hashes = engine.engine.stateHashes()
        #expect(Set(hashes.keys) == [TenantID("acme"), TenantID("zeta")] && Set(hashes.values).count == 2)

        // One tenant hears something more: the other's state stays what it was.
        let json = """
            {"event_id":"\(World.id(1))","event_type":"rms.heartbeat","tenant_id":"zeta","site_id":"Z-1",\
            "timestamp":"2026-01-01T03:00:00Z","version":"1.0","payload":{}}
            """
        let position = reader.cursor
        _ = try await fleet.log.append([Record(topic: Topic.siteEvents(site: "Z-1"), key: nil, value: Array(json.utf8))])
        var on = StageReader(log: fleet.log, from: position)
        var stage = EngineStage(engine: engine)
        _ = try await on.readOn(&stage)
        var after = StateReader(stage.stateBytes)
        try engine.restore(from: &after)
        #expect(engine.engine.stateHashes()[TenantID("acme")] == hashes[TenantID("acme")])
        #expect(engine.engine.stateHashes()[TenantID("zeta")] != hashes[TenantID("zeta")])

        var stageReader = StageReader(log: fleet.log)
        var kpis = Self.calculator(stageReader.symbols)
        _ = try await stageReader.readOn(&kpis)
        var kept = StateReader(kpis.stateBytes)
        _ = try kept.signed("stage.second")
        try calculator.restore(from: &kept)
        #expect(calculator.stateHashes().count == 2)
    }
}
