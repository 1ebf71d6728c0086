import Testing
import TowerEngine
import TowerModel
import TowerPipeline
import TowerStores
import TowerStreaming

/// The engine with the methods that the pipeline asks of it.
struct RealEngine: EngineCore {
    var engine = Engine()
    mutating func process(_ run: EventRun) -> EngineOutput { engine.process(run) }
    mutating func advance(to now: Timestamp) -> EngineOutput { engine.advance(to: now) }
    mutating func apply(_ action: OperatorAction) -> EngineOutput { engine.apply(action) }
    mutating func finish() -> EngineOutput { engine.finish() }
    var settingsHash: UInt64? { engine.settingsHash }
    func encode(into writer: inout StateWriter) { engine.encode(into: &writer) }
    mutating func restore(from reader: inout StateReader) throws(StateError) { try engine.restore(from: &reader) }
}

/// The real engine and the real calculator between topics: how the log was cut and how often they died must not show.
@Suite struct RealCoreTests {
    static let acme = TenantID("acme")

    /// A grid failure whose generator does not start, a hub with two sites behind it, four hours of telemetry.
    static func append(to world: World) async throws {
        var number = 0
        func event(_ type: String, _ site: String, _ minute: Int, _ payload: String) -> Record {
            number += 1
            return World.event(number, type, site: site, second: minute * 60, payload)
        }
        var records: [Record] = []
        for site in ["S-1", "S-2", "S-3"] {
            records.append(
                event(
                    "inventory.site", site, 0,
                    """
                    {"name":"Site \(site)","lat":1,"lon":2,"region":"North","operators":["op-a"],"feeder_id":"F-1","load_kw":2.4,\
                    "is_hub":\(site == "S-1"),"battery":{"strings":1,"ah":200,"chemistry":"vrla"},"dg":{"kva":15,"tank_l":400}}
                    """))
        }
        for site in ["S-2", "S-3"] {
            records.append(event("topology.link", "S-1", 0, "{\"a\":\"S-1\",\"b\":\"\(site)\",\"kind\":\"hop\",\"parent\":\"S-1\"}"))
        }
        _ = try await world.log.append(records)
        for minute in 1...240 {
            var records: [Record] = []
            let isOut = (60..<200).contains(minute)
            for site in ["S-1", "S-2", "S-3"] where minute % 5 == 0 {
                let isDark = isOut && site == "S-1"
                let volts = isDark ? 51.0 - Double(minute - 60) * 0.05 : 54
                records.append(event("power.dc.telemetry", site, minute, "{\"bus_v\":\(volts),\"load_i\":45}"))
                records.append(
                    event(
                        "battery.telemetry", site, minute,
                        "{\"string_id\":\"S1\",\"v\":\(volts),\"i\":\(isDark ? -45 : 1),\"soc\":\(isDark ? 100 - (minute - 60) / 2 : 100)}"))
                records.append(event("power.grid.telemetry", site, minute, "{\"v_l1\":\(isDark ? 0 : 230),\"f\":50}"))
            }
            switch minute {
            case 60:
                records.append(event("power.grid.outage", "S-1", minute, "{\"phases_lost\":3}"))
                records.append(event("battery.discharging", "S-1", minute, "{\"i\":-45}"))
            case 62: records.append(event("dg.start_failed", "S-1", minute, "{\"attempts\":3}"))
            case 140: records.append(event("power.dc.low_voltage", "S-1", minute, "{\"v\":46,\"limit\":47}"))
            case 200:
                for (type, payload) in [
                    ("power.grid.outage", "{\"state\":\"cleared\"}"), ("battery.discharging", "{\"state\":\"cleared\"}"),
                    ("dg.start_failed", "{\"state\":\"cleared\"}"), ("power.dc.low_voltage", "{\"state\":\"cleared\"}"),
                ] { records.append(event(type, "S-1", minute, payload)) }
            default: break
            }
            records.append(World.heartbeat)
            world.clock.advance(milliseconds: 60_000)
            _ = try await world.log.append(records)
        }
    }

    static func engine(_ world: World, log: (any EventLog)? = nil) -> EmittingProcessor<EngineStage<RealEngine>> {
        EngineStage.processor(engine: RealEngine(), symbols: world.symbols, log: log ?? world.log)
    }

    static func calculator(_ world: World) -> EmittingProcessor<KPIStage<KPICalculator>> {
        KPIStage.processor(calculator: KPICalculator(symbols: world.symbols), symbols: world.symbols, log: world.log)
    }

    static func values(_ world: World, _ patterns: [TopicPattern]) async throws -> [String] {
        var lines: [String] = []
        for pattern in patterns {
            for stored in try await world.records(pattern) { lines.append(String(decoding: stored.record.value, as: UTF8.self)) }
        }
        return lines
    }

    @Test func aGridFailureBecomesOneExplainedIncidentOnTheScreen() async throws {
        let world = try World()
        try await Self.append(to: world)
        try await world.drain(Self.engine(world))
        try await world.drain(Self.calculator(world))
        try await world.drain(world.projection())
        let all = IncidentFilter(statuses: [.open, .acknowledged, .resolved, .autoClosed, .merged])
        let incidents = try await world.store.incidents(tenant: Self.acme, filter: all, limit: 10, cursor: nil).items
        #expect(incidents.count == 1)
        let incident = try #require(incidents.first)
        #expect(incident.snapshot.rootCauseCandidates.first?.condition == "dg.start_failed")
        #expect(incident.status == .resolved)
        let alarms = try await world.store.alarms(tenant: Self.acme, filter: AlarmFilter(), limit: 100, cursor: nil).items
        #expect(alarms.contains { $0.alarm.alarmType == "dg.start_failed" && $0.incidentNumber == incident.number })
        #expect(alarms.allSatisfy { $0.alarm.state == .cleared })
        let site = try #require(try await world.store.site(tenant: Self.acme, id: SiteID("S-1")))
        #expect(site.state == .inService && site.dependents == 2)
        let kpis = try await world.store.kpis(tenant: Self.acme, kpi: nil, site: SiteID("S-1"), limit: 100, cursor: nil).items
        #expect(!kpis.isEmpty)
    }

    @Test(arguments: [3, 50]) func cutsAndRestartsDoNotShow(_ slice: Int) async throws {
        let reference = try World()
        try await Self.append(to: reference)
        try await reference.drain(Self.engine(reference))
        let expected = try await Self.values(reference, [.alerts, .incidents, .kpis])
        #expect(expected.count > 8)

        let world = try World()
        try await Self.append(to: world)
        for point in [2, 9, 23] {
            let log = FaultyLog(world.log) { call, number in call == .commit && number == point ? .before(Crash()) : nil }
            _ = try? await world.drain(Self.engine(world, log: log), log: log, slice: slice)
        }
        try await world.drain(Self.engine(world), slice: slice)
        #expect(try await Self.values(world, [.alerts, .incidents, .kpis]) == expected)
    }

    @Test func theCalculatorsWindowsDoNotDependOnTheCut() async throws {
        var seen: Set<[String]> = []
        for slice in [7, 100, 2000] {
            let world = try World()
            try await Self.append(to: world)
            try await world.drain(Self.calculator(world), slice: slice)
            let values = try await Self.values(world, [.kpis])
            #expect(values.contains { $0.contains("\"power_availability\"") })
            #expect(Set(values).count == values.count)
            seen.insert(values)
        }
        #expect(seen.count == 1)
    }
}
