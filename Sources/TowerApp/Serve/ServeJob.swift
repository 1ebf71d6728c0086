import Foundation
import Logging
import ServiceLifecycle
import TowerAPI
import TowerEngine
import TowerIngest
import TowerJournal
import TowerModel
import TowerPipeline
import TowerSQLite
import TowerStores
import TowerStreaming
import TowerWire
import UnixSignals

/// `towerco serve`: puts the rooms together and runs them until SIGTERM or SIGINT.
///
/// Order is dependency order: log and store are open before a group reads, groups run before the door opens; stopping goes
/// backwards, and the log is closed last, with everything in flight written.
public struct ServeJob: Sendable {
    private let configuration: Configuration
    private let isDemo: Bool

    public init(configuration: Configuration, isDemo: Bool) {
        self.configuration = configuration
        self.isDemo = isDemo
    }

    /// - Parameter announce: lines for the person at the terminal: address, login, what was recovered.
    public func run(announce: @escaping @Sendable (String) -> Void) async throws {
        let logger = Logger(label: "towerco", level: try logLevel())
        let roles = try Role.parse(configuration.text("server.roles"))
        let folder = DataFolder(path: configuration.text("data.directory"))
        let journal = try await openJournal(folder, announce)
        do {
            let store = try folder.openStore()
            try await serve(roles, journal, store, logger, announce)
            try store.close()
        } catch {
            try? await journal.close()
            throw Self.explained(error)
        }
        try await journal.close()
        announce("Stopped. Everything accepted is on disk.\n")
    }

    private func serve(
        _ roles: Set<Role>, _ journal: Journal, _ store: SQLiteStore, _ logger: Logger, _ announce: @escaping @Sendable (String) -> Void
    ) async throws {
        let clock = SystemSources.now
        let symbols = SymbolTable()
        let accounts = Accounts(store: store, clock: clock, randomBytes: SystemSources.randomBytes)
        if let keys = ProcessInfo.processInfo.environment["TOWERCO_BOOTSTRAP_KEY"] { try await accounts.bootstrap(keys) }

        let records = DecodedLog(log: journal, symbols: symbols)
        // Without a group here nobody would read what is handed on.
        var handOn: (@Sendable (AcceptedBatch) -> Void)?
        if roles != [.ingestor] {
            handOn = { records.offer($0.batch, events: $0.events, positions: $0.positions) }
        }
        let door = IngestDoor(log: journal, symbols: symbols, limits: ingestLimits(), clock: clock, onAccepted: handOn)
        try await door.rebuild()

        let meters = Meters(startedAt: clock())
        let timedDoor = Door(door: door, latency: meters.append, seconds: SystemSources.seconds)
        let progress = ProjectionProgress()
        let hub = LiveHub(startingAt: try await store.position(of: ProjectionProcessor.groupName))
        let engine = ProcessorRunner(
            log: journal, records: records, processor: EngineStage.processor(engine: Engine(), symbols: symbols, log: journal), logger: logger,
            observe: meters.observe)
        let kpis = ProcessorRunner(
            log: journal, records: records,
            processor: KPIStage.processor(calculator: KPICalculator(symbols: symbols), symbols: symbols, log: journal), logger: logger,
            observe: meters.observe)
        let samples = ProcessorRunner(
            log: journal, records: records, processor: SampleProcessor(store: store, symbols: symbols), configuration: .bulk, logger: logger,
            observe: meters.observe)
        let projection = ProcessorRunner(
            log: journal, records: records,
            processor: ProjectionProcessor(store: store, symbols: symbols, progress: progress) { sequence, changes in
                hub.publish(sequence: sequence, changes: changes)
            }, configuration: .bulk, logger: logger, observe: meters.observe)

        let secrets = try NotificationKey.secrets(configuration, DataFolder(path: configuration.text("data.directory")))
        let notifications = try NotificationService(
            configuration: configuration, secrets: secrets, log: journal, records: records, symbols: symbols, clock: clock, logger: logger,
            observe: meters.observe)

        let status = PlatformStatus(
            journal: journal, store: store, door: door, hub: hub, meters: meters, records: records, clock: clock,
            groups: {
                [(Role.engine, engine.status), (.kpis, kpis.status), (.analytics, samples.status), (.dashboard, projection.status),
                 (.notifications, notifications.runner.status)]
                    .filter { roles.contains($0.0) }.map(\.1)
            })
        let commands = Commands(
            handler: CommandHandler(log: journal, store: store, progress: progress), store: store, clock: clock)
        let readyPort = PortAnnouncement()
        let server = APIServer(
            dependencies: APIDependencies(
                store: store, log: journal, ingest: timedDoor,
                commands: commands, hub: hub, liveGroup: ProjectionProcessor.groupName, platform: status.view,
                metrics: { await status.exposition() + notifications.exposition() }, readiness: status.readiness,
                console: StaticFiles(directory: configuration.text("console.directory")), clock: clock,
                randomBytes: SystemSources.randomBytes, secrets: secrets),
            configuration: apiConfiguration(), logger: logger,
            onRunning: { port in await readyPort.set(port) })

        var services: [any Service] = []
        if roles.contains(.dashboard) { services.append(GroupService(runner: projection)) }
        if roles.contains(.analytics) { services.append(GroupService(runner: samples)) }
        if roles.contains(.kpis) { services.append(GroupService(runner: kpis)) }
        if roles.contains(.notifications) { services.append(notifications) }
        if roles.contains(.engine) { services.append(GroupService(runner: engine)) }
        services += [
            RetentionService(
                journal: journal, samples: store, keepHours: configuration.integer("retention.telemetry.hours"), clock: clock,
                logger: logger),
            server,
        ]
        let heartbeat = HeartbeatService(
            log: journal, period: .seconds(configuration.integer("heartbeat.seconds")), clock: clock, logger: logger)
        let login = isDemo ? try await DemoLogin.create(accounts) : nil
        if isDemo {
            let demo = try DemoService(
                door: timedDoor, seed: UInt64(configuration.integer("demo.seed")), clock: clock, announce: announce, logger: logger,
                afterHistory: heartbeat)
            services.append(demo)
        } else {
            services.append(heartbeat)
        }
        services.append(
            AnnouncementService(port: readyPort, host: configuration.text("server.host"), login: login, announce: announce))
        try await ServiceGroup(
            services: services, gracefulShutdownSignals: [.sigterm, .sigint], logger: logger
        ).run()
    }

    private func openJournal(_ folder: DataFolder, _ announce: @Sendable (String) -> Void) async throws -> Journal {
        var settings = JournalConfiguration()
        settings.maxSegmentBytes = configuration.integer("journal.segment.bytes")
        settings.firstSegmentBytes = min(settings.firstSegmentBytes, settings.maxSegmentBytes)
        settings.maxBytesInFlight = configuration.integer("journal.in_flight.max_bytes")
        settings.retentionMs[.telemetry] = Int64(configuration.integer("retention.telemetry.hours")) * 3_600_000
        for (retention, key) in [(RetentionClass.telemetry, "retention.telemetry.bytes"), (.business, "retention.business.bytes")] {
            let bytes = configuration.integer(key)
            if bytes > 0 { settings.retentionBytes[retention] = Int64(bytes) }
        }
        let form = configuration.text("journal.compression")
        guard let compression = JournalCompression(rawValue: form) else {
            throw CommandFailure("journal.compression is lz4 or none, not `\(form)`.", isUsage: true)
        }
        settings.compression = compression
        settings.compressionDelayMs = Int64(configuration.integer("journal.compression.delay_seconds")) * 1000
        let journal = try await folder.openJournal(settings)
        let report = journal.recovery
        if report.droppedBytes > 0 {
            announce("Recovered the log: dropped \(bytesInWords(report.droppedBytes)) at its end that were never acknowledged.\n")
        }
        for damage in report.quarantined {
            announce("Damaged bytes in \(damage.file), \(damage.start) to \(damage.end): \(damage.reason). `towerco log verify` tells more.\n")
        }
        return journal
    }

    private func ingestLimits() -> IngestLimits {
        var limits = IngestLimits()
        limits.maxBodyBytes = configuration.integer("ingest.body.max_bytes")
        limits.maxInflatedBytes = configuration.integer("ingest.body.max_decompressed_bytes")
        limits.maxLines = configuration.integer("ingest.lines.max")
        limits.duplicateIDs = configuration.integer("ingest.dedupe.window_events")
        limits.decode.maxBytes = configuration.integer("ingest.line.max_bytes")
        return limits
    }

    private func apiConfiguration() -> APIConfiguration {
        var api = APIConfiguration()
        api.host = configuration.text("server.host")
        api.port = configuration.integer("server.port")
        api.eventBodyBytesMax = configuration.integer("ingest.body.max_bytes")
        return api
    }

    private func logLevel() throws -> Logger.Level {
        let text = configuration.text("log.level")
        guard let level = Logger.Level(rawValue: text) else {
            throw CommandFailure("`log.level` is `\(text)`, but takes one of \(Logger.Level.allCases.map(\.rawValue).joined(separator: ", ")).", isUsage: true)
        }
        return level
    }

    /// An address in use is the one start-up error that everybody meets.
    private static func explained(_ error: any Error) -> any Error {
        let text = "\(error)"
        guard text.contains("EADDRINUSE") || text.contains("Address already in use") else { return error }
        return CommandFailure("The port is taken. Another towerco may run already; --port names another, --port 0 takes a free one.")
    }
}

extension Logger {
    /// To standard error, at `level` and above.
    init(label: String, level: Logger.Level) {
        self.init(label: label) { StreamLogHandler.standardError(label: $0) }
        self.logLevel = level
    }
}
