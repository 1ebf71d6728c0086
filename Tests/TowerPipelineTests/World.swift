import Foundation
import Synchronization
import Testing
import TowerEngine
import TowerIncidents
import TowerModel
import TowerPipeline
import TowerSQLite
import TowerStores
import TowerStreaming

/// A folder of its own for one test, removed with it.
final class TemporaryFolder: Sendable {
    let path: String
    init() throws {
        path = FileManager.default.temporaryDirectory.appendingPathComponent("towerco-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }
    deinit { try? FileManager.default.removeItem(atPath: path) }
}

/// A clock that a test owns: every reading is one millisecond later.
final class StepClock: Sendable {
    private let now = Mutex<Int64>(1_767_322_800_000)
    func advance(milliseconds: Int64) { now.withLock { $0 += milliseconds } }
    var milliseconds: Int64 {
        now.withLock {
            $0 += 1
            return $0
        }
    }
}

/// A log and a store of its own, and the processors over them.
struct World {
    static let base = Timestamp(milliseconds: 1_767_322_800_000)
    let folder: TemporaryFolder
    let clock = StepClock()
    let log: InMemoryLog
    let store: any Store
    let symbols = SymbolTable()
    let progress = ProjectionProgress()

    init() throws {
        folder = try TemporaryFolder()
        let clock = clock
        log = InMemoryLog { clock.milliseconds }
        store = try SQLiteStore(path: folder.path + "/store.sqlite")
    }

    static func at(_ second: Int) -> Timestamp { base.adding(seconds: Double(second)) }
    static func id(_ number: Int) -> EventID { .derived(from: EventID(high: 1, low: 1), "\(number)") }

    /// A site event as the door would append it.
    static func event(
        _ number: Int, _ type: String, site: String, tenant: String = "acme", second: Int? = nil, _ payload: String = "{}"
    ) -> Record {
        let json = """
            {"event_id":"\(id(number))","event_type":"\(type)","tenant_id":"\(tenant)","site_id":"\(site)",\
            "timestamp":"\(at(second ?? number))","version":"1.0","payload":\(payload)}
            """
        return Record(topic: Topic.siteEvents(site: site), key: Array(site.utf8), value: Array(json.utf8))
    }

    static let heartbeat = Record(topic: Topic.heartbeat, key: nil, value: Array("{}".utf8))

    /// Time that never waits.
    static let instant = PipelineTime(nowNanoseconds: { 0 }, sleep: { _ in try Task.checkCancellation() })

    func projection(store: (any ProjectionStore)? = nil, publish: @escaping @Sendable (Int64, [TenantChange]) async -> Void = { _, _ in })
        -> ProjectionProcessor
    {
        ProjectionProcessor(store: store ?? self.store, symbols: symbols, progress: progress, publish: publish)
    }

    func engine(log: (any EventLog)? = nil) -> EmittingProcessor<EngineStage<ScriptedEngine>> {
        EngineStage.processor(engine: ScriptedEngine(), symbols: symbols, log: log ?? self.log)
    }

    /// Runs a processor until its group has read everything that is on the log, then stops it.
    @discardableResult
    func drain<Work: Processor>(
        _ processor: Work, log: (any EventLog)? = nil, slice: Int = 2000, backoff: Backoff = Backoff(),
        observe: @escaping @Sendable (ProcessorEvent) -> Void = { _ in }
    ) async throws -> ProcessorStatus {
        let runner = ProcessorRunner(
            log: log ?? self.log, processor: processor, configuration: .init(maxRecords: slice, backoff: backoff), time: World.instant,
            observe: observe)
        let task = Task { try await runner.run() }
        while true {
            let status = runner.status
            if status.state == .failed { break }
            if status.state == .running || status.state == .retrying {
                let group = try await self.log.groups().first { $0.group == processor.group }
                if let group, group.offsetLag == 0 { break }
            }
            await Task.yield()
        }
        task.cancel()
        try await task.value
        return runner.status
    }

    /// Lets engine and projection go until neither finds anything more.
    func settle() async throws {
        var end = LogCursor.start
        repeat {
            end = await log.end()
            try await drain(engine())
            try await drain(projection())
        } while await log.end() != end
    }

    func records(_ pattern: TopicPattern) async throws -> [StoredRecord] {
        try await log.fetch(matching: [pattern], from: .start, maxRecords: 1_000_000, maxBytes: 1 << 30).records
    }
}

/// An engine that is simple enough to predict: every `*.fault` event raises an alarm and opens or refines the site's incident,
/// every `*.fixed` clears and resolves; it remembers everything, so that a wrong replay shows.
struct ScriptedEngine: EngineCore {
    struct SiteMemory: Sendable {
        var incident: IncidentSnapshot
        var alarm: Alarm
    }
    var sites: [String: SiteMemory] = [:]
    var actions = 0
    var heartbeats = 0

    mutating func process(_ run: EventRun) -> EngineOutput {
        var output = EngineOutput()
        let batch = run.batch
        for event in run.events.map(Int.init) {
            let type = batch.symbols.name(batch.types[event])
            let tenant = TenantID(batch.symbols.name(batch.tenants[event]))
            let site = SiteID(batch.symbols.name(batch.sites[event]))
            let key = "\(tenant)/\(site)"
            let (id, at) = (batch.ids[event], batch.timestamps[event])
            if type.hasSuffix(".fault") {
                if var memory = sites[key], memory.incident.status == .open {
                    memory.incident.revision += 1
                    memory.incident.updatedAt = at
                    memory.incident.reason = "new evidence after \(heartbeats) beats and \(actions) actions"
                    memory.incident.eventIDs.append(id)
                    memory.alarm.state = .changed
                    memory.alarm.changedAt = at
                    memory.alarm.occurrences += 1
                    memory.alarm.eventIDs.append(id)
                    sites[key] = memory
                    output.alarms.append(memory.alarm)
                    output.incidents.append(IncidentChange(kind: .updated, snapshot: memory.incident))
                } else {
                    let incident = EventID.derived(from: id, "incident")
                    let alarm = Alarm(
                        alarmID: .derived(from: id, "alarm"), tenantID: tenant, siteID: site, managedObject: "dg",
                        alarmType: "dg.start_failed", probableCause: 111, severity: .critical, state: .raised, raisedAt: at, changedAt: at,
                        text: "say \"no\"\n\u{1}", incidentID: incident, eventIDs: [id])
                    let snapshot = IncidentSnapshot(
                        incidentID: incident, tenantID: tenant, revision: 1, status: .open, severity: .critical, openedAt: at, onsetAt: at,
                        updatedAt: at, needsPerson: true, title: "fault at \(site)", explanation: "", reason: "opened", siteID: site,
                        affectedSites: [.init(siteID: site, impact: .down, since: at)], eventIDs: [id], alarmIDs: [alarm.alarmID],
                        alarmCount: 1)
                    sites[key] = SiteMemory(incident: snapshot, alarm: alarm)
                    output.alarms.append(alarm)
                    output.incidents.append(IncidentChange(kind: .opened, snapshot: snapshot))
                    output.forecasts.append(
                        TenantForecast(
                            tenantID: tenant,
                            forecast: AutonomyForecast(siteID: site, at: at, minutesP10: 1, minutesP50: 2.5, minutesP90: 3, endsWith: "lvd2")))
                }
            } else if type.hasSuffix(".fixed"), var memory = sites[key], memory.incident.status == .open {
                memory.incident.revision += 1
                memory.incident.status = .resolved
                memory.incident.updatedAt = at
                memory.incident.reason = "fixed"
                memory.alarm.state = .cleared
                memory.alarm.changedAt = at
                memory.alarm.clearedAt = at
                sites[key] = memory
                output.alarms.append(memory.alarm)
                output.incidents.append(IncidentChange(kind: .resolved, snapshot: memory.incident))
            }
        }
        return output
    }

    mutating func advance(to now: Timestamp) -> EngineOutput {
        heartbeats += 1
        return EngineOutput()
    }

    mutating func apply(_ action: OperatorAction) -> EngineOutput {
        actions += 1
        return EngineOutput()
    }

    mutating func finish() -> EngineOutput { EngineOutput() }
}

enum Text {
    static func json(_ value: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(value), as: UTF8.self)
    }

    /// Everything that a tenant can be told.
    static func dump(_ store: any Store, _ tenant: TenantID) async throws -> String {
        var lines: [String] = []
        lines.append(try json(try await store.fleet(tenant: tenant, now: World.at(600))))
        let topology = try await store.topology(tenant: tenant)
        lines.append(try json(topology))
        for view in topology.sites {
            let site = try #require(try await store.site(tenant: tenant, id: view.site.siteID))
            lines.append(try json(site))
            let series = try await store.series(
                tenant: tenant, site: view.site.siteID, metrics: (site.latest ?? []).map(\.metric), from: .distantPast, to: .distantFuture,
                maxPoints: 100_000)
            lines.append(try json(series))
        }
        lines.append(try json(try await store.alarms(tenant: tenant, filter: AlarmFilter(), limit: 100_000, cursor: nil)))
        let all = IncidentFilter(statuses: [.open, .acknowledged, .resolved, .autoClosed, .merged])
        for incident in try await store.incidents(tenant: tenant, filter: all, limit: 100_000, cursor: nil).items {
            lines.append(try json(try await store.incident(tenant: tenant, id: incident.number)))
        }
        lines.append(try json(try await store.kpis(tenant: tenant, kpi: nil, site: nil, limit: 100_000, cursor: nil)))
        return lines.joined(separator: "\n")
    }
}
