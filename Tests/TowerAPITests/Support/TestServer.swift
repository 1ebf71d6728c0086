import Logging
import ServiceLifecycle
import Synchronization
import TowerModel
import TowerNotify
import TowerRegistry
import TowerStores
import TowerStreaming

@testable import TowerAPI

/// A whole server in this process on a free port, with two tenants whose data carry different marks.
final class TestServer: Sendable {
    static let acme = TenantID("acme-towers")
    static let rival = TenantID("rival-infra")
    /// In every text of acme's data and nowhere else.
    static let acmeMark = "s3cr3t-of-acme"
    static let liveGroup = "dashboard-service"

    let store = MemoryStore()
    let clock = ManualClock()
    let bytes = SeededBytes(seed: 7)
    let log: InMemoryLog
    let door: FakeDoor
    let commands: FakeCommands
    let hub: LiveHub
    let registry: SchemaRegistry
    let symbols = SymbolTable()
    let schemaUsage: SchemaUsage
    let readiness = Mutex(Readiness(isReady: true, checks: ["log": "writable"]))
    let logged = LogRecorder()
    private let serverBox = Mutex<APIServer?>(nil)
    private let portBox = Mutex<Int>(0)

    var port: Int { portBox.withLock { $0 } }
    var server: APIServer {
        get throws {
            guard let server = serverBox.withLock({ $0 }) else { throw CancellationError() }
            return server
        }
    }

    private init(_ limits: LiveLimits) {
        let clock = clock
        log = InMemoryLog(clock: { clock.now.milliseconds })
        door = FakeDoor(log: log)
        commands = FakeCommands(store: store)
        hub = LiveHub(startingAt: 0, limits: limits)
        // A log of its own: the positions of everything else are what other tests count on.
        registry = SchemaRegistry(log: InMemoryLog(clock: { 0 }), writer: "test")
        schemaUsage = SchemaUsage(symbols: symbols)
    }

    /// Keys by tenant and role: `acme-admin-key`, `rival-viewer-key`, …
    static func key(_ tenant: TenantID, _ role: Role) -> String { "\(tenant == acme ? "acme" : "rival")-\(role.rawValue)-key" }

    /// Runs `body` against a live server and stops it gracefully afterwards.
    static func run(
        console: StaticFiles = StaticFiles(contents: [:]), door: (@Sendable (TestServer) -> any EventIngesting)? = nil,
        configure: (inout APIConfiguration) -> Void = { _ in },
        _ body: @escaping @Sendable (TestServer) async throws -> Void
    ) async throws {
        var configuration = APIConfiguration()
        configuration.port = 0
        configuration.passwordCost = .init(roundsLog2: 4, blockSize: 8, parallelism: 1)
        configure(&configuration)
        let test = TestServer(configuration.live)
        try await test.seed()
        let (ports, running) = AsyncStream.makeStream(of: Int.self)
        let server = APIServer(
            dependencies: test.dependencies(console: console, door: door?(test)), configuration: configuration,
            logger: Logger(label: "test") { _ in test.logged },
            onRunning: {
                running.yield($0)
                running.finish()
            })
        test.serverBox.withLock { $0 = server }
        let group = ServiceGroup(services: [server], logger: Logger(label: "test") { _ in test.logged })
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            for await port in ports { test.portBox.withLock { $0 = port } }
            do {
                try await body(test)
            } catch {
                await group.triggerGracefulShutdown()
                throw error
            }
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
        }
    }

    /// The route table of a server that is not running.
    static func table() -> RouteTable {
        let test = TestServer(LiveLimits())
        return APIServer(
            dependencies: test.dependencies(console: StaticFiles(contents: [:])),
            logger: Logger(label: "test") { _ in test.logged }
        ).table
    }

    private func dependencies(console: StaticFiles, door other: (any EventIngesting)? = nil) -> APIDependencies {
        let (clock, bytes) = (clock, bytes)
        return APIDependencies(
            store: store, log: log, ingest: other ?? door, commands: commands, registry: registry, schemaUsage: schemaUsage,
            hub: hub, liveGroup: Self.liveGroup,
            platform: { _ in Samples.platform() }, metrics: { "towerco_ingest_accepted_total 3\n" },
            readiness: { [weak self] in self?.readiness.withLock { $0 } ?? Readiness(isReady: false, checks: [:]) },
            console: console,
            clock: { clock.now }, randomBytes: { bytes.next($0) }, secrets: SecretBox(key: [UInt8](repeating: 9, count: 32)))
    }

    // MARK: Data

    /// Ids of one tenant's data.
    struct IDs {
        var site: String
        var incident: EventID
        var number: String
        var alarm: EventID
        var event: EventID
        var deadLetter: Int64
        var route: EventID
        var proposal: EventID
    }
    static let acmeIDs = IDs(
        site: "ACME-1", incident: Samples.id(1), number: "INC-7", alarm: Samples.id(11), event: Samples.id(901), deadLetter: 3,
        route: Samples.id(31), proposal: Samples.id(51))
    static let rivalIDs = IDs(
        site: "RIVAL-1", incident: Samples.id(1, high: 2), number: "INC-1", alarm: Samples.id(11, high: 2),
        event: Samples.id(901, high: 2), deadLetter: 0, route: Samples.id(31, high: 2),
        proposal: Samples.id(51, high: 2))

    private func seed() async throws {
        for subject in ["acme.probe-value", "acme.spare-value"] {
            let content = try SchemaRegistry.content(type: .json, text: #"{"title":"\#(Self.acmeMark)"}"#)
            _ = try await registry.register(Self.acme, subject: subject, RegistrationRequest(content: content))
        }
        for (tenant, ids, mark) in [(Self.acme, Self.acmeIDs, Self.acmeMark), (Self.rival, Self.rivalIDs, "of-rival")] {
            for role in Role.allCases {
                try await store.saveToken(
                    hash: Secrets.hash(Self.key(tenant, role)),
                    principal: Principal(tenantID: tenant, name: "\(role.rawValue)-key", role: role), isSession: false,
                    expiresAt: nil)
            }
            let name = tenant.rawValue
            store.change(tenant) { own in
                own.sites[SiteID(ids.site)] = Samples.site(ids.site, tenant: name, note: mark)
                own.links = [TopologyLink(tenantID: tenant, a: ids.site, b: "\(mark)-hub", kind: .hop)]
                own.alarms[ids.alarm] = Samples.alarm(ids.alarm, site: ids.site, tenant: name, note: mark)
                own.incidents[ids.incident] = Samples.incident(
                    ids.incident, number: ids.number, site: ids.site, tenant: name, note: mark)
                own.kpis = [
                    KPIView(
                        kpi: mark, siteID: ids.site, value: 0.99, unit: "ratio", windowStart: Samples.at, windowEnd: Samples.at)
                ]
                own.samples = [
                    StoredSample(
                        tenantID: tenant, siteID: SiteID(ids.site), metric: "power.dc.bus_v", at: Samples.at, value: 48.7321)
                ]
            }
            try await appendEvent(id: ids.event, tenant: name, site: ids.site, note: mark)
            // Both tenants also write about a site of the same id: its topic is shared, its records are not.
            try await appendEvent(id: Samples.id(700, high: ids.event.high), tenant: name, site: "SHARED", note: mark)
            for index in 0...ids.deadLetter {
                _ = try await log.append([
                    Record(
                        topic: Topic.deadLetters(tenant: name), key: nil, value: Array("{\"broken\":\"\(mark) \(index)\"".utf8),
                        headers: [.init("reason_code", "json.truncated"), .init("detail", mark), .init("origin", "http")])
                ])
            }
            let saved = try NotificationRecords.event(
                .saved(tenant, Samples.route(ids.route, note: mark)), id: Samples.id(810), actor: mark, at: Samples.at)
            let told = try NotificationRecords.event(Samples.outcome(note: mark, tenant: tenant), tenant: tenant, site: "S")
            _ = try await log.append([
                Record(topic: Topic.routes(tenant: name), key: nil, value: saved),
                Record(
                    topic: Topic.alerts(tenant: name), key: nil, value: told,
                    headers: [.init(NotificationRecords.deliveryHeader, Samples.id(41).description)]),
            ])
            _ = try await log.append([
                Record(
                    topic: Topic.incidents(tenant: name), key: nil,
                    value: Self.event(
                        id: Samples.id(800, high: ids.event.high), tenant: name, site: ids.site, note: mark,
                        type: "incident.opened"),
                    headers: [.init("event_id", "\(Samples.id(800, high: ids.event.high))")]),
                Record(
                    topic: Topic.incidents(tenant: name), key: Array("topology".utf8),
                    value: Self.proposals(ids.proposal, tenant: name, site: ids.site, note: mark)),
            ])
        }
    }

    static func event(
        id: EventID, tenant: String, site: String, note: String, type: String = "power.grid.outage", at: Timestamp = Samples.at
    ) -> [UInt8] {
        Array(
            """
            {"event_id":"\(id)","event_type":"\(type)","tenant_id":"\(tenant)","site_id":"\(site)","timestamp":"\(at)",\
            "version":"1.0","payload":{"note":"\(note)"},"metadata":{}}
            """.utf8)
    }

    /// The engine's list of links that outages speak for: one, of that id.
    static func proposals(_ id: EventID, tenant: String, site: String, note: String) -> [UInt8] {
        Array(
            """
            {"event_id":"\(Samples.id(820))","event_type":"topology.link_proposed","tenant_id":"\(tenant)","site_id":"platform",\
            "timestamp":"\(Samples.at)","version":"1.0","payload":{"version":1,"at":"\(Samples.at)","reason":"\(note)","proposals":[\
            {"id":"\(id)","kind":"feeder","site_id":"\(site)-OPEN","other":"F-9","together":4,"of_other":5,"of_site":4,"log10_chance":-6.5,\
            "confidence":0.97,"episodes":["\(Samples.at)"]}]},"metadata":{}}
            """.utf8)
    }

    func appendEvent(
        id: EventID, tenant: String, site: String, note: String, type: String = "power.grid.outage", at: Timestamp = Samples.at
    ) async throws {
        _ = try await log.append([
            Record(
                topic: Topic.siteEvents(site: site), key: Array(site.utf8),
                value: Self.event(id: id, tenant: tenant, site: site, note: note, type: type, at: at),
                headers: [.init("tenant", tenant)])
        ])
    }

    /// Commits and publishes one slice, as the projection would.
    func project(_ position: Int64, _ changes: [LiveChange], tenant: TenantID = acme) {
        let changes = changes.map { TenantChange(tenantID: tenant, change: $0) }
        store.commit(group: Self.liveGroup, position: position, changes)
        hub.publish(sequence: position, changes: changes)
    }
}

/// Keeps what was logged at warning and above.
struct LogRecorder: LogHandler {
    final class Lines: Sendable {
        let lines = Mutex<[String]>([])
    }
    let recorded = Lines()
    var metadata: Logger.Metadata = [:]
    var logLevel: Logger.Level = .warning
    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }
    func log(event: LogEvent) {
        let details = event.metadata.map { "\($0)" } ?? ""
        recorded.lines.withLock { $0.append("\(event.level) \(event.message) \(details)") }
    }
}
