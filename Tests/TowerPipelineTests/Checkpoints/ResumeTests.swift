import Testing
import TowerEngine
import TowerModel
import TowerPipeline
import TowerStreaming

/// Which checkpoint a group goes on from, what it reads again, and that nobody can tell afterwards.
@Suite struct ResumeTests {
    static func plan(_ store: MemoryCheckpoints, everyRecords: Int = 50, seconds: Double = 1e9) -> CheckpointPlan {
        CheckpointPlan(store: store, everyRecords: everyRecords, everySeconds: seconds, bytesPerRecord: 0)
    }

    static func engine(
        _ world: World, _ plan: CheckpointPlan?, log: (any EventLog)? = nil
    ) -> EmittingProcessor<EngineStage<RealEngine>> {
        EngineStage.processor(engine: RealEngine(), symbols: world.symbols, log: log ?? world.log, checkpoints: plan)
    }

    static func calculator(_ world: World, _ plan: CheckpointPlan?) -> EmittingProcessor<KPIStage<KPICalculator>> {
        KPIStage.processor(
            calculator: KPICalculator(symbols: world.symbols), symbols: world.symbols, log: world.log, checkpoints: plan)
    }

    static var otherSettings: EngineConfiguration {
        var configuration = EngineConfiguration()
        configuration.feederWindow = 61
        return configuration
    }

    /// What a group that never stopped says.
    static func expected() async throws -> [String] {
        let world = try World()
        try await RealCoreTests.append(to: world)
        try await world.drain(RealCoreTests.engine(world))
        try await world.drain(RealCoreTests.calculator(world))
        return try await RealCoreTests.values(world, [.alerts, .incidents, .kpis])
    }

    /// A world whose engine read everything and kept checkpoints on the way.
    static func kept(everyRecords: Int = 50) async throws -> (World, MemoryCheckpoints, committed: LogCursor) {
        let world = try World()
        let store = MemoryCheckpoints()
        try await RealCoreTests.append(to: world)
        try await world.drain(engine(world, plan(store, everyRecords: everyRecords)), slice: 20)
        let group = try #require(try await world.log.groups().first { $0.group == "aiops-engine" })
        return (world, store, group.committed)
    }

    static func resume<Core>(
        _ processor: EmittingProcessor<Core>, _ world: World, _ committed: LogCursor, log: (any EventLog)? = nil
    ) async throws -> EmittingProcessor<Core> {
        var processor = processor
        let decoded = DecodedLog(log: log ?? world.log, symbols: world.symbols, kinds: processor.kinds)
        #expect(try await processor.resume(from: decoded, committed: committed) == committed)
        return processor
    }

    @Test(arguments: [3, 50], [1, 40]) func deathsAndCheckpointsDoNotShow(slice: Int, everyRecords: Int) async throws {
        let expected = try await Self.expected()
        let world = try World()
        try await RealCoreTests.append(to: world)
        let store = MemoryCheckpoints()
        var plan = Self.plan(store, everyRecords: everyRecords)
        plan.kept = 3
        for point in [2, 9, 23] {
            // Dies between writing its answers and committing: the checkpoint is older than what it said.
            let log = FaultyLog(world.log) { call, number in call == .commit && number == point ? .before(Crash()) : nil }
            _ = try? await world.drain(Self.engine(world, plan, log: log), log: log, slice: slice)
        }
        try await world.drain(Self.engine(world, plan), slice: slice)
        for _ in 0..<2 { try await world.drain(Self.calculator(world, plan), slice: slice) }
        #expect(try await RealCoreTests.values(world, [.alerts, .incidents, .kpis]) == expected)
        let positions = await store.positions(group: "aiops-engine")
        #expect((1...3).contains(positions.count))
    }

    @Test func aStopKeepsAllAndTheNextStartReadsNothingAgain() async throws {
        let (world, store, committed) = try await Self.kept()
        let positions = await store.positions(group: "aiops-engine").sorted()
        #expect(positions.count == 2)
        let newest = try #require(positions.last)
        let processor = try await Self.resume(Self.engine(world, Self.plan(store)), world, committed)
        #expect(processor.resumption?.checkpoint == newest)
        #expect(processor.resumption?.replayed == 0 && processor.resumption?.refusals == [])
    }

    @Test func theNewestOneNotAheadOfTheGroupCountsAndThoseAheadGo() async throws {
        let (world, store, _) = try await Self.kept()
        let positions = await store.positions(group: "aiops-engine").sorted()
        let middle = LogCursor(sequence: positions[1].sequence - 1)
        let processor = try await Self.resume(Self.engine(world, Self.plan(store)), world, middle)
        #expect(processor.resumption?.checkpoint == positions[0])
        #expect(processor.resumption?.refusals.count == 1)
        #expect(await store.positions(group: "aiops-engine") == [positions[0]])
        #expect((processor.resumption?.replayed ?? 0) > 0)
    }

    @Test func aDamagedOneGivesWayToTheOlderAndThenToTheLog() async throws {
        let (world, store, committed) = try await Self.kept()
        let positions = await store.positions(group: "aiops-engine").sorted()
        var bytes = await store.read(group: "aiops-engine", at: positions[1])
        bytes[bytes.count / 2] ^= 4
        await store.write(bytes, group: "aiops-engine", at: positions[1])
        var processor = try await Self.resume(Self.engine(world, Self.plan(store)), world, committed)
        #expect(processor.resumption?.checkpoint == positions[0])
        #expect(processor.resumption?.refusals.first?.contains("checksum") == true)

        let older = await store.read(group: "aiops-engine", at: positions[0])
        await store.write(Array(older.dropLast()), group: "aiops-engine", at: positions[0])
        processor = try await Self.resume(Self.engine(world, Self.plan(store)), world, committed)
        #expect(processor.resumption?.checkpoint == .start)
        #expect((processor.resumption?.replayed ?? 0) > 600)
        #expect(await store.positions(group: "aiops-engine").isEmpty)
    }

    @Test func oneOfAnotherGroupLogOrSettingsIsNotTakenUp() async throws {
        let (world, store, committed) = try await Self.kept()
        let position = try #require(await store.positions(group: "aiops-engine").max())
        let bytes = await store.read(group: "aiops-engine", at: position)

        let others = MemoryCheckpoints()
        await others.write(bytes, group: "kpi-calculator", at: position)
        let calculator = try await Self.resume(Self.calculator(world, Self.plan(others)), world, committed)
        #expect(calculator.resumption?.checkpoint == .start && calculator.resumption?.refusals.count == 1)

        // The same bytes beside a log that was written at other instants.
        let elsewhere = try World()
        elsewhere.clock.advance(milliseconds: 77)
        try await RealCoreTests.append(to: elsewhere)
        let copy = MemoryCheckpoints()
        await copy.write(bytes, group: "aiops-engine", at: position)
        try await elsewhere.drain(Self.engine(elsewhere, nil))
        let end = await elsewhere.log.end()
        #expect(end >= position)
        let foreign = try await Self.resume(Self.engine(elsewhere, Self.plan(copy)), elsewhere, end)
        #expect(foreign.resumption?.checkpoint == .start)
        #expect(foreign.resumption?.refusals.first?.contains("another record") == true)

        var changed = RealEngine()
        changed.engine = .init(configuration: Self.otherSettings)
        let strict = EngineStage.processor(engine: changed, symbols: world.symbols, log: world.log, checkpoints: Self.plan(store))
        let other = try await Self.resume(strict, world, committed)
        #expect(other.resumption?.checkpoint == .start)
        #expect(other.resumption?.refusals.allSatisfy { $0.contains("other settings") } == true)
    }

    /// Retention took the records before the checkpoint, and some after it: the group goes on with what is left.
    @Test func aLogThatBeginsLaterIsNoObstacle() async throws {
        let expected = try await Self.expected()
        let (world, store, committed) = try await Self.kept()
        let position = try #require(await store.positions(group: "aiops-engine").max())
        let trimmed = FaultyLog(world.log, hiddenBefore: position)
        let processor = try await Self.resume(Self.engine(world, Self.plan(store), log: trimmed), world, committed, log: trimmed)
        #expect(processor.resumption?.checkpoint == position)
        try await world.drain(Self.engine(world, Self.plan(store), log: trimmed), log: trimmed)
        try await world.drain(RealCoreTests.calculator(world))
        #expect(try await RealCoreTests.values(world, [.alerts, .incidents, .kpis]) == expected)

        let later = FaultyLog(world.log, hiddenBefore: LogCursor(sequence: committed.sequence + 5))
        let clipped = try await Self.resume(Self.engine(world, Self.plan(store), log: later), world, committed, log: later)
        #expect(clipped.resumption?.checkpoint == position && clipped.resumption?.replayed == 0)
    }

    @Test func whatTheLogsClockSaysIsEnoughForACheckpoint() async throws {
        let world = try World()
        let store = MemoryCheckpoints()
        try await RealCoreTests.append(to: world)
        let plan = Self.plan(store, everyRecords: 1_000_000, seconds: 600)
        let log = FaultyLog(world.log) { call, number in call == .commit && number == 12 ? .before(Crash()) : nil }
        _ = try? await world.drain(Self.engine(world, plan, log: log), log: log, slice: 50)
        #expect(!(await store.positions(group: "aiops-engine").isEmpty))
    }

    @Test func aStoreThatCannotWriteCostsNothingButTheCheckpoint() async throws {
        let expected = try await Self.expected()
        let world = try World()
        try await RealCoreTests.append(to: world)
        let plan = CheckpointPlan(store: BrokenCheckpoints(), everyRecords: 10, bytesPerRecord: 0)
        try await world.drain(Self.engine(world, plan), slice: 30)
        try await world.drain(Self.engine(world, plan), slice: 30)
        try await world.drain(Self.calculator(world, plan), slice: 30)
        #expect(try await RealCoreTests.values(world, [.alerts, .incidents, .kpis]) == expected)
    }
}

/// A folder on a disk that is gone.
struct BrokenCheckpoints: CheckpointStore {
    func positions(group: String) async throws -> [LogCursor] { throw Crash() }
    func read(group: String, at position: LogCursor) async throws -> [UInt8] { throw Crash() }
    func write(_ bytes: [UInt8], group: String, at position: LogCursor) async throws { throw Crash() }
    func remove(group: String, at position: LogCursor) async throws { throw Crash() }
}
