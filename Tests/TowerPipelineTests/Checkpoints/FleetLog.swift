import Synchronization
import TowerEngine
import TowerIncidents
import TowerModel
import TowerPipeline
import TowerSimulation
import TowerStreaming

/// A log as a running platform would have it: two tenants' simulated fleets, foreign alarms, heartbeats, what the engine says
/// of all that, and people who resolve, reopen and acknowledge some of it.
struct FleetLog {
    let log: InMemoryLog

    init(seed: UInt64, sites: Int = 5, hours: Double = 6, noise: String = "none") async throws {
        let now = SharedClock()
        log = InMemoryLog { now.milliseconds }
        var fleets: [Simulation] = []
        for (index, tenant) in ["acme", "zeta"].enumerated() {
            var configuration = SimulationConfiguration(
                sites: sites, hours: hours, seed: seed &+ UInt64(index), noise: try NoiseModel(parsing: noise),
                tenant: TenantID(tenant), background: 20)
            configuration.allowsOverlap = true
            fleets.append(try Simulation(configuration: configuration))
        }
        var generator = Steps(state: seed)
        var stage = EngineStage(engine: RealEngine())
        var reader = StageReader(log: log)
        let start = fleets[0].configuration.start
        var foreign = 0
        for step in 1...Int(hours * 12) + 1 {
            let until = step > Int(hours * 12) ? Timestamp.distantFuture : start.adding(seconds: Double(step) * 300)
            now.set(start.adding(seconds: Double(step) * 300).milliseconds)
            var records: [Record] = []
            for index in fleets.indices {
                for event in fleets[index].next(until: until) { records.append(Self.record(event.json, site: "all-\(index)")) }
            }
            for _ in 0..<(generator.next(below: 4)) {
                foreign += 1
                records.append(
                    Self.foreign(foreign, device: generator.next(below: 3), type: generator.next(below: 4), at: now.milliseconds))
            }
            records.append(World.heartbeat)
            _ = try await log.append(records)
            let said = try await reader.readOn(&stage)
            var decisions: [Record] = []
            for record in said {
                guard let event = try LifecycleCodec.event(record), event.snapshot != nil else { continue }
                if let decision = try Self.decision(on: event, generator.next(below: 6)) { decisions.append(decision) }
            }
            if !said.isEmpty { _ = try await log.append(said + decisions) }
        }
    }

    private static func record(_ json: [UInt8], site: String) -> Record {
        Record(topic: Topic.siteEvents(site: site), key: nil, value: json)
    }

    private static func foreign(_ number: Int, device: Int, type: Int, at milliseconds: Int64) -> Record {
        let id = EventID.derived(from: .platformNamespace, "foreign \(number)")
        let json = """
            {"event_id":"\(id)","event_type":"alarm.raised","tenant_id":"acme","site_id":"NE-\(device)",\
            "timestamp":"\(Timestamp(milliseconds: milliseconds - 1000))","version":"1.0",\
            "payload":{"alarm_type":"vendor-\(type)","device_id":"NE-\(device)","severity":"major","text":"caf\\u00e9 \(type)"}}
            """
        return record(Array(json.utf8), site: "NE-\(device)")
    }

    private static func decision(on event: IncidentLifecycleEvent, _ choice: Int) throws -> Record? {
        let type: IncidentLifecycleEvent.Kind
        switch (event.kind, choice) {
        case (.opened, 0): type = .resolved
        case (.opened, 1...3): type = .acknowledged
        case (.resolved, 0): type = .reopened
        default: return nil
        }
        return try LifecycleCodec.record(
            IncidentLifecycleEvent(
                eventID: .derived(from: event.eventID, type.rawValue), tenantID: event.tenantID, incidentID: event.incidentID,
                eventType: type.rawValue, at: event.at.adding(seconds: 60), actor: "ada"), site: "-")
    }
}

/// A clock that is set.
final class SharedClock: Sendable {
    private let now = Mutex<Int64>(0)
    func set(_ milliseconds: Int64) { now.withLock { $0 = milliseconds } }
    var milliseconds: Int64 { now.withLock { $0 } }
}

/// Numbers from a seed (splitmix64).
struct Steps {
    var state: UInt64
    mutating func next(below bound: Int) -> Int {
        state &+= 0x9E37_79B9_7F4A_7C15
        var word = state
        word = (word ^ word >> 30) &* 0xBF58_476D_1CE4_E5B9
        word = (word ^ word >> 27) &* 0x94D0_49BB_1331_11EB
        return Int((word ^ word >> 31) >> 1) % bound
    }
}

/// Feeds a core from a log in slices, with a symbol table of its own.
struct StageReader {
    let log: any EventLog
    let symbols: SymbolTable
    private var decoder: BlockDecoder
    var cursor: LogCursor

    init(log: any EventLog, symbols: SymbolTable = SymbolTable(), from cursor: LogCursor = .start) {
        self.log = log
        self.symbols = symbols
        decoder = BlockDecoder(symbols: symbols)
        self.cursor = cursor
    }

    /// One slice; answers what the core said, `nil` at the log's end.
    mutating func step(_ core: inout some EmittingCore, records: Int) async throws -> [Record]? {
        let block = try await log.fetchBlock(
            matching: RecordKinds.all.patterns, from: cursor, maxRecords: records, maxBytes: 1 << 30)
        guard block.next > cursor else { return nil }
        let slice = decoder.slice(block, of: .all, from: cursor)
        cursor = block.next
        return try core.consume(slice).work
    }

    mutating func readOn(_ core: inout some EmittingCore, records: Int = 100_000) async throws -> [Record] {
        var said: [Record] = []
        while let more = try await step(&core, records: records) { said += more }
        return said
    }
}

extension KeptCore {
    var stateBytes: [UInt8] {
        var writer = StateWriter()
        encode(into: &writer)
        return writer.bytes
    }
}
