import Synchronization
import Testing
import TowerModel
import TowerStreaming
import TowerWire

@testable import TowerPipeline

/// Old events are read as the newest version, and a kept state is never one that a replay would not give.
@Suite struct UpcastReadingTests {
    /// Steps that another thread may exchange, as a registration does.
    final class Registered: Sendable {
        private let now = Mutex<EventUpcaster?>(nil)
        func set(_ upcaster: EventUpcaster?) { now.withLock { $0 = upcaster } }
        var upcaster: @Sendable () -> EventUpcaster? { { [self] in now.withLock { $0 } } }
    }

    /// Version 1 says `mv`, version 2 `volts`.
    static func upcaster(_ symbols: SymbolTable, fingerprint: UInt64 = 7) throws -> EventUpcaster {
        let steps = try UpcastOperation.list(
            JSONTree.parse(#"[{"op":"rename","from":"mv","to":"volts"},{"op":"scale","field":"volts","factor":0.001}]"#)
        ).get()
        let key = EventUpcaster.Key(tenant: symbols.intern("acme"), type: symbols.intern("battery.telemetry"))
        return EventUpcaster([key: .init(versions: [1 << 16, 2 << 16], operations: [[], steps])], fingerprint: fingerprint)
    }

    static func records() -> [Record] {
        (0..<40).map { number in
            switch number % 4 {
            case 0: World.event(number, "battery.telemetry", site: "S-\(number)", "{\"mv\":\(number)000,\"note\":\"\\u00e4\"}")
            case 1: World.event(number, "grid.fault", site: "S-\(number)", "{\"mv\":5}")
            case 2: Record(topic: Topic.siteEvents(site: "S-1"), key: nil, value: Array("{\"event_id\":\(number)".utf8))
            default: World.heartbeat
            }
        }
    }

    static func lines(_ decoded: DecodedLog) async throws -> [String] {
        var lines: [String] = []
        var cursor = LogCursor.start
        let end = await decoded.log.end()
        while cursor < end {
            let slice = try await decoded.slice(of: .siteEvents, from: cursor, maxRecords: 1000, maxBytes: 1 << 20)
            slice.forEachRun { run in
                guard run.isReadable else { return lines.append("unreadable \(run.records.count)") }
                for event in run.events.events { lines.append(DecodedLogTests.text(run.events.batch, Int(event))) }
            }
            cursor = slice.next
        }
        return lines
    }

    @Test func oldEventsAreReadAsTheNewestAndOthersAsTheyAre() async throws {
        let log = InMemoryLog { 1_767_322_800_000 }
        _ = try await log.append(Self.records())
        let symbols = SymbolTable()
        let plain = try await Self.lines(DecodedLog(log: log, symbols: symbols))
        let upcaster = try Self.upcaster(symbols)
        let decoded = DecodedLog(log: log, symbols: symbols, upcaster: { upcaster })
        let lines = try await Self.lines(decoded)
        #expect(lines.count == plain.count)
        #expect(lines.filter { $0.hasPrefix("unreadable") }.count == plain.filter { $0.hasPrefix("unreadable") }.count)
        for (line, before) in zip(lines, plain) {
            guard before.contains(" battery.telemetry ") else {
                #expect(line == before)
                continue
            }
            #expect(line.contains(" \(2 << 16) ") && line.contains(" volts:") && !line.contains(" mv:"))
            #expect(line.contains(" note:"))
        }
        #expect(decoded.basis.isSteady)
    }

    @Test func anOfferOfOldEventsIsReadFromTheLog() async throws {
        let log = InMemoryLog { 1_767_322_800_000 }
        let symbols = SymbolTable()
        let upcaster = try Self.upcaster(symbols)
        let decoded = DecodedLog(log: log, symbols: symbols, configuration: .init(minOffer: 1), upcaster: { upcaster })
        var decoder = EventDecoder(symbols: symbols)
        for (type, offered) in [("battery.telemetry", Int64(0)), ("grid.fault", 10)] {
            let records = (0..<10).map { World.event($0, type, site: "S-1", "{\"mv\":1}") }
            let positions = try await log.append(records)
            var batch = EventBatch(symbols: symbols)
            for record in records { _ = record.value.withUnsafeBytes { decoder.append($0, to: &batch) } }
            decoded.offer(batch, events: Array(0..<10), positions: positions)
            #expect(decoded.counters.offered == offered)
        }
        #expect(try await Self.lines(decoded).filter { $0.contains(" volts:") }.count == 10)
    }

    static func resume(
        _ world: World, _ store: MemoryCheckpoints, _ registered: Registered, _ committed: LogCursor
    ) async throws -> (EmittingProcessor<EngineStage<RealEngine>>, DecodedLog) {
        var processor = ResumeTests.engine(world, ResumeTests.plan(store))
        let decoded = DecodedLog(log: world.log, symbols: world.symbols, kinds: processor.kinds, upcaster: registered.upcaster)
        _ = try await processor.resume(from: decoded, committed: committed)
        return (processor, decoded)
    }

    @Test func aCheckpointOfOtherStepsGivesWayToTheLog() async throws {
        let (world, store, committed) = try await ResumeTests.kept()
        let registered = Registered()
        #expect(try await Self.resume(world, store, registered, committed).0.resumption?.replayed == 0)
        registered.set(try Self.upcaster(world.symbols))
        let read = try await Self.resume(world, store, registered, committed).0.resumption
        #expect(read?.checkpoint == .start && (read?.replayed ?? 0) > 600)
        #expect(read?.refusals.allSatisfy { $0.contains("schemas") } == true)
    }

    @Test func nothingIsKeptOnceTheStepsHaveChangedUnderWay() async throws {
        let (world, _, committed) = try await ResumeTests.kept()
        for isChanged in [false, true] {
            let registered = Registered()
            registered.set(try Self.upcaster(world.symbols))
            let store = MemoryCheckpoints()
            var (processor, decoded) = try await Self.resume(world, store, registered, .start)
            if isChanged { registered.set(try Self.upcaster(world.symbols, fingerprint: 8)) }
            let slice = try await decoded.slice(of: processor.kinds, from: .start, maxRecords: 1000, maxBytes: 1 << 20)
            _ = try processor.prepare(slice)
            await processor.committed(at: slice.next)
            await processor.stopped(at: slice.next)
            #expect(await store.positions(group: "aiops-engine").isEmpty == isChanged)
            // The next start knows one set of steps only and keeps again, of a state read by them alone.
            guard isChanged else { continue }
            (processor, decoded) = try await Self.resume(world, store, registered, committed)
            #expect(decoded.basis.isSteady)
            await processor.stopped(at: committed)
            #expect(await !store.positions(group: "aiops-engine").isEmpty)
        }
    }
}
