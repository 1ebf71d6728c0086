import Synchronization
import Testing
import TowerModel
import TowerStreaming
import TowerWire

@testable import TowerPipeline

/// What a group sees through the shared log is what fetching and decoding for itself would show it.
@Suite struct DecodedLogTests {
    /// A small generator of its own, so that a failure comes again with its seed.
    struct Dice: RandomNumberGenerator {
        var state: UInt64
        init(_ seed: Int) { state = UInt64(seed) &* 0x9E37_79B9_7F4A_7C15 &+ 1 }
        mutating func next() -> UInt64 {
            state ^= state << 13
            state ^= state >> 7
            state ^= state << 17
            return state &* 0x2545_F491_4F6C_DD1D
        }
    }

    /// An append, and which of its records are site events that the door has decoded.
    struct Step {
        var records: [Record]
        var isAllEvents: Bool
    }

    static func alert(_ number: Int) -> Record {
        var record = World.event(number, "alert.raised", site: "S-\(number % 5)", "{\"text\":\"a\\n\",\"n\":\(number)}")
        record.topic = Topic.alerts(tenant: "acme")
        record.headers = [.init("event_id", World.id(number).description)]
        return record
    }

    static func step(_ dice: inout Dice, _ number: inout Int) -> Step {
        let isAllEvents = Bool.random(using: &dice)
        let count = Int.random(in: 1...12, using: &dice)
        let records = (0..<count).map { _ -> Record in
            number += 1
            switch isAllEvents ? 0 : Int.random(in: 0..<9, using: &dice) {
            case 1: return World.heartbeat
            case 2: return alert(number)
            case 3: return Record(topic: Topic.incidents(tenant: "acme"), key: nil, value: Array("{\"deep\":[\(number)]}".utf8))
            case 4: return Record(topic: Topic.siteEvents(site: "S-1"), key: nil, value: Array("{\"event_id\":\(number)".utf8))
            case 5: return Record(topic: Topic.audit, key: nil, value: Array("{}".utf8))
            case 6:
                var record = alert(number)
                record.topic = Topic.kpis(tenant: "acme")
                return record
            default:
                return World.event(
                    number, number % 3 == 0 ? "battery.telemetry" : "x.y", site: "S-\(number % 7)",
                    "{\"v\":\(number).25,\"s\":\"\\u00e4\(number)\",\"o\":{\"b\":true,\"n\":null},\"a\":[1,\"x\"]}")
            }
        }
        return Step(records: records, isAllEvents: isAllEvents)
    }

    /// Everything that a reader can tell of one event.
    static func text(_ batch: EventBatch, _ event: Int) -> String {
        let names = batch.symbols
        var text = "\(batch.ids[event]) \(names.name(batch.types[event])) \(names.name(batch.tenants[event]))"
        text += " \(names.name(batch.sites[event])) \(batch.timestamps[event]) \(batch.versions[event]) "
        text += String(decoding: batch.value(event), as: UTF8.self)
        for index in batch.fieldRange(event) {
            let field = batch.fields[index]
            text += " \(names.name(field.key)):\(field.kind):\(field.isEscaped):\(field.number):\(batch.text(field))"
        }
        return text
    }

    /// What a group sees of a slice: each record, its place, its event.
    static func seen(_ slice: EventSlice) -> [String] {
        var lines: [String] = []
        slice.forEachRun { run in
            for record in run.records {
                let place = run.piece.positions[record]
                #expect(run.piece.arrivedAt[record] == Timestamp(milliseconds: place.timestampMs))
                var line = "\(place.sequence) \(place.offset) \(place.timestampMs) \(run.kind)"
                if run.kind.isColumnar, run.isReadable { line += " " + text(run.piece.batch, Int(run.piece.events[record])) }
                let stored = run.piece.record(record)
                line += " \(stored.record.topic) \(stored.offset) \(String(decoding: stored.record.value, as: UTF8.self))"
                lines.append(line + (run.piece.header("event_id", record).map { " " + $0 } ?? ""))
            }
        }
        #expect(slice.count == lines.count)
        for poison in slice.poison() { lines.append("poison \(poison.code) \(poison.detail) \(poison.record)") }
        return lines
    }

    /// The same by fetching and decoding record by record.
    static func expected(_ log: any EventLog, _ kinds: RecordKinds) async throws -> [String] {
        let records = try await log.fetch(matching: kinds.patterns, from: .start, maxRecords: .max, maxBytes: .max).records
        var decoder = EventDecoder(symbols: SymbolTable(), limits: DecodeLimits(maxBytes: 8 << 20, maxKeys: 65_536))
        return records.flatMap { stored -> [String] in
            guard let kind = RecordKind.of(stored.record.topic) else { return ["a record nobody asked for"] }
            var line = "\(stored.sequence) \(stored.offset) \(stored.timestampMs) \(kind)"
            var poison: [String] = []
            if kind.isColumnar {
                let batch = decoder.decode([stored.record.value])
                if let bad = decoder.undecodable.first {
                    poison = ["poison \(bad.error.code.name) \(bad.error.description) \(stored)"]
                } else {
                    line += " " + text(batch, 0)
                }
            }
            line += " \(stored.record.topic) \(stored.offset) \(String(decoding: stored.record.value, as: UTF8.self))"
            return [line + (stored.record.header("event_id").map { " " + $0 } ?? "")] + poison
        }
    }

    /// Offers an append as the door would, or as it should not.
    static func offer(_ step: Step, _ positions: [StoredPosition], to log: DecodedLog, _ dice: inout Dice) {
        guard step.isAllEvents else { return }
        var decoder = EventDecoder(symbols: log.symbols)
        var batch = EventBatch(symbols: log.symbols)
        // Events that were refused as duplicates lie in the batch, too.
        let isShifted = Bool.random(using: &dice)
        if isShifted { _ = World.event(0, "x.y", site: "S-9").value.withUnsafeBytes { decoder.append($0, to: &batch) } }
        for record in step.records { _ = record.value.withUnsafeBytes { decoder.append($0, to: &batch) } }
        var events = (0..<Int32(step.records.count)).map { $0 + (isShifted ? 1 : 0) }
        var positions = positions
        switch Int.random(in: 0..<8, using: &dice) {
        case 0: return
        case 1:
            // A hole, which is nothing that can be used.
            events.remove(at: events.count / 2)
            positions.remove(at: positions.count / 2)
        case 2:
            events.removeLast()
            positions.removeLast()
        case 3: log.offer(batch, events: events, positions: positions)
        case 4:
            // The same events as two appends.
            let half = events.count / 2
            log.offer(batch, events: Array(events[half...]), positions: Array(positions[half...]))
            events.removeLast(events.count - half)
            positions.removeLast(positions.count - half)
        case 5: events.removeLast()
        default: break
        }
        log.offer(batch, events: events, positions: positions)
    }

    static let groups: [RecordKinds] = [
        .all, [.siteEvents, .incidents, .heartbeats], [.siteEvents, .alerts, .incidents, .kpis], .siteEvents, [.alerts, .heartbeats],
    ]

    static func configuration(_ dice: inout Dice) -> DecodedLog.Configuration {
        DecodedLog.Configuration(
            maxBytes: [1, 6000, 40_000, 64 << 20].randomElement(using: &dice) ?? 1, pieceRecords: Int.random(in: 1...20, using: &dice),
            pieceBytes: [1, 2000, 4 << 20].randomElement(using: &dice) ?? 1, minOffer: Int.random(in: 1...3, using: &dice))
    }

    /// One after the other, in any order: appends, offers early and late, readers at any place.
    @Test(arguments: 0..<150) func everyReaderSeesTheLog(_ seed: Int) async throws {
        var dice = Dice(seed)
        let log = InMemoryLog { 1_767_322_800_000 }
        let decoded = DecodedLog(log: log, symbols: SymbolTable(), configuration: Self.configuration(&dice))
        var cursors = Self.groups.map { _ in LogCursor.start }
        var seen = Self.groups.map { _ in [String]() }
        var late: [(Step, [StoredPosition])] = []
        var number = 0
        for turn in 0..<120 {
            let isEnd = turn >= 80
            if !isEnd, Int.random(in: 0..<3, using: &dice) == 0 {
                let step = Self.step(&dice, &number)
                let positions = try await log.append(step.records)
                if Bool.random(using: &dice) { Self.offer(step, positions, to: decoded, &dice) } else { late.append((step, positions)) }
            }
            if let index = late.indices.randomElement(using: &dice), Int.random(in: 0..<3, using: &dice) == 0 {
                let (step, positions) = late.remove(at: index)
                Self.offer(step, positions, to: decoded, &dice)
            }
            for group in Self.groups.indices where isEnd || Int.random(in: 0..<3, using: &dice) == 0 {
                let slice = try await decoded.slice(
                    of: Self.groups[group], from: cursors[group], maxRecords: Int.random(in: 1...40, using: &dice), maxBytes: 3000)
                #expect(slice.next >= cursors[group])
                cursors[group] = slice.next
                seen[group] += Self.seen(slice)
            }
        }
        for group in Self.groups.indices {
            while true {
                let slice = try await decoded.slice(of: Self.groups[group], from: cursors[group], maxRecords: 100, maxBytes: 3000)
                seen[group] += Self.seen(slice)
                guard slice.next > cursors[group] else { break }
                cursors[group] = slice.next
            }
            #expect(cursors[group] == (await log.end()))
            let expected = try await Self.expected(log, Self.groups[group])
            #expect(seen[group].filter { !$0.hasPrefix("poison") } == expected.filter { !$0.hasPrefix("poison") })
            #expect(seen[group].filter { $0.hasPrefix("poison") } == expected.filter { $0.hasPrefix("poison") })
        }
    }

    /// Where the writer ended, once it has.
    final class Total: Sendable {
        let value = Mutex<Int64?>(nil)
    }

    /// All at once: a writer that offers what it appends, and readers that wait at the end.
    @Test(arguments: 0..<12) func readersAndTheDoorAtOnce(_ seed: Int) async throws {
        var dice = Dice(seed + 1000)
        let log = InMemoryLog { 1_767_322_800_000 }
        let decoded = DecodedLog(log: log, symbols: SymbolTable(), configuration: Self.configuration(&dice))
        let writerSeed = seed + 5000
        let total = Total()
        let seen = try await withThrowingTaskGroup(of: (Int, [String]).self) { tasks in
            for group in Self.groups.indices {
                tasks.addTask {
                    var dice = Dice(seed * 100 + group)
                    var cursor = LogCursor.start
                    var seen: [String] = []
                    while true {
                        let slice = try await decoded.slice(
                            of: Self.groups[group], from: cursor, maxRecords: Int.random(in: 1...40, using: &dice), maxBytes: 5000)
                        seen += Self.seen(slice)
                        if slice.next == cursor {
                            if let total = total.value.withLock({ $0 }), cursor.sequence >= total { return (group, seen) }
                            try await decoded.waitForRecords(at: cursor)
                        }
                        cursor = slice.next
                    }
                }
            }
            tasks.addTask {
                var dice = Dice(writerSeed)
                var number = 0
                for _ in 0..<150 {
                    let step = Self.step(&dice, &number)
                    let positions = try await log.append(step.records)
                    Self.offer(step, positions, to: decoded, &dice)
                    await Task.yield()
                }
                let end = await log.end()
                total.value.withLock { $0 = end.sequence + 1 }
                // One more, for those who wait already.
                _ = try await log.append([World.heartbeat])
                return (-1, [])
            }
            var seen: [Int: [String]] = [:]
            for try await (group, lines) in tasks { seen[group] = lines }
            return seen
        }
        for group in Self.groups.indices {
            let expected = try await Self.expected(log, Self.groups[group])
            #expect(seen[group]?.filter { !$0.hasPrefix("poison") } == expected.filter { !$0.hasPrefix("poison") })
        }
    }

    @Test func offeredEventsAreNotReadAgain() async throws {
        let inner = InMemoryLog { 1_767_322_800_000 }
        let fetches = Mutex(0)
        let log = FaultyLog(inner) { call, _ in
            if call == .fetch { fetches.withLock { $0 += 1 } }
            return nil
        }
        let decoded = DecodedLog(log: log, symbols: SymbolTable())
        var decoder = EventDecoder(symbols: decoded.symbols)
        for append in 0..<4 {
            let records = (0..<50).map { World.event(append * 50 + $0, "grid.fault", site: "S-\($0)") }
            let positions = try await inner.append(records)
            var batch = EventBatch(symbols: decoded.symbols)
            for record in records { _ = record.value.withUnsafeBytes { decoder.append($0, to: &batch) } }
            decoded.offer(batch, events: Array(0..<50), positions: positions)
        }
        for kinds in Self.groups.prefix(4) {
            let slice = try await decoded.slice(of: kinds, from: .start, maxRecords: 1000, maxBytes: 1 << 20)
            #expect(slice.count == 200 && slice.next.sequence == 200)
        }
        #expect(fetches.withLock { $0 } == 0)
        #expect(decoded.counters.offered == 200 && decoded.counters.decoded == 0 && decoded.counters.delivered == 800)
    }

    /// Four groups at one place read once; the one far behind does not take the newest from the others.
    @Test func oneDecodeServesAll() async throws {
        let log = InMemoryLog { 1_767_322_800_000 }
        let decoded = DecodedLog(log: log, symbols: SymbolTable(), configuration: .init(maxBytes: 400_000, pieceRecords: 100))
        _ = try await log.append((0..<1000).map { World.event($0, "grid.fault", site: "S-\($0 % 9)") })
        let end = LogCursor(sequence: 900)
        try await withThrowingTaskGroup(of: Int.self) { tasks in
            for kinds in Self.groups.prefix(4) {
                tasks.addTask { try await decoded.slice(of: kinds, from: end, maxRecords: 100, maxBytes: 1 << 20).count }
            }
            for try await count in tasks { #expect(count == 100) }
        }
        #expect(decoded.counters.decoded == 100)
        var cursor = LogCursor.start
        while cursor < end { cursor = try await decoded.slice(of: .all, from: cursor, maxRecords: 100, maxBytes: 1 << 20).next }
        #expect(decoded.counters.decoded == 1000)
        _ = try await decoded.slice(of: .all, from: end, maxRecords: 100, maxBytes: 1 << 20)
        #expect(decoded.counters.decoded == 1000)
        #expect(decoded.counters.bytesHeld <= 400_000)
    }

    /// Who reads for the others fails or is cancelled: they read themselves.
    @Test func aFailedReadIsNobodyElses() async throws {
        let inner = InMemoryLog { 1_767_322_800_000 }
        _ = try await inner.append((0..<10).map { World.event($0, "grid.fault", site: "S-1") })
        let log = FaultyLog(inner) { call, number in call == .fetch && number == 0 ? .before(Crash()) : nil }
        let decoded = DecodedLog(log: log, symbols: SymbolTable())
        let counts = await withTaskGroup(of: Int?.self) { tasks in
            for _ in 0..<6 {
                tasks.addTask { try? await decoded.slice(of: .all, from: .start, maxRecords: 100, maxBytes: 1 << 20).count }
            }
            return await tasks.reduce(into: [Int?]()) { $0.append($1) }
        }
        #expect(counts.filter { $0 == nil }.count == 1)
        #expect(counts.filter { $0 == 10 }.count == 5)
    }
}

/// Kinds are told by bytes, and mean what the patterns mean.
@Suite struct RecordKindTests {
    @Test(arguments: [
        "towerco.sites.S-1.events", "towerco.sites..events", "towerco.sites.events", "towerco.sites.a.b.events", "towerco.sites.S-1.event",
        "towerco.alerts.acme.notifications", "towerco.kpis.acme.metrics", "towerco.incidents.acme.lifecycle", "towerco.platform.heartbeat",
        "towerco.platform.heartbeat2", "towerco.platform.audit", "towerco.dead-letters.acme", "", "x",
    ]) func kindsAreThePatterns(_ name: String) {
        let topic = TopicName(name)
        #expect(RecordKind.of(topic) == RecordKind.allCases.first { $0.pattern.matches(topic) })
    }

    @Test func pairsAreFoundAgain() {
        var dice = DecodedLogTests.Dice(7)
        var index = PairIndex()
        var known: [SIMD2<Int32>: Int32] = [:]
        for number in 0..<20_000 {
            let pair = SIMD2(Int32.random(in: 0..<400, using: &dice), Int32.random(in: -2..<300, using: &dice))
            #expect(index.find(pair.x, pair.y) == known[pair] ?? -1)
            if known[pair] == nil {
                known[pair] = Int32(number)
                index.insert(pair.x, pair.y, Int32(number))
            }
        }
        #expect(index.count == known.count && index.find(401, 0) == -1)
    }
}
