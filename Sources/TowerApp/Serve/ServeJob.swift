import Foundation
import Logging
import ServiceLifecycle
import TowerAPI
import TowerEngine
import TowerIngest
import TowerJournal
import TowerModel
import TowerPipeline
import TowerRegistry
import TowerStores
import TowerStreaming
import TowerWire
import UnixSignals

/// `towerco serve`: puts the rooms together and runs them until SIGTERM or SIGINT.
///
/// Order is dependency order: log and store are open before a group reads, groups run before the door opens; stopping goes
/// backwards, and the log is closed last, with everything in flight written.
public struct ServeJob: Sendable {
    let configuration: Configuration
    private let isDemo: Bool

    public init(configuration: Configuration, isDemo: Bool) {
        self.configuration = configuration
        self.isDemo = isDemo
    }

    /// - Parameter announce: lines for the person at the terminal: address, login, what was recovered.
    public func run(announce: @escaping @Sendable (String) -> Void) async throws {
        let logger = Logger(label: "towerco", level: try logLevel(), isJSON: try isJSONLog())
        let roles = try Role.parse(configuration.text("server.roles"))
        let folder = DataFolder(path: configuration.text("data.directory"))
        let meters = makeMeters()
        let served = try await openLog(roles, folder, meters, logger, announce)
        do {
            let store = try await StoreChoice(configuration).open(folder, announce)
            try await serve(roles, folder, served, store, meters, logger, announce)
            try await store.close()
        } catch {
            try? await served.close()
            throw explained(error)
        }
        try await served.close()
        announce("Stopped. Everything accepted is on disk.\n")
    }

    private func serve(
        _ roles: Set<Role>, _ folder: DataFolder, _ served: any ServedLog, _ database: any OpenStore, _ meters: Meters, _ logger: Logger,
        _ announce: @escaping @Sendable (String) -> Void
    ) async throws {
        let clock = SystemSources.now
        let log = served.log
        let journal = (served as? EmbeddedLog)?.journal
        let store = MeteredStore(base: database, meters: meters.stores)
        let symbols = SymbolTable()
        let accounts = Accounts(store: store, clock: clock, randomBytes: SystemSources.randomBytes)
        if let keys = ProcessInfo.processInfo.environment["TOWERCO_BOOTSTRAP_KEY"] { try await accounts.bootstrap(keys) }

        try await journal?.createTopic(RegistryRecord.topic, TopicConfiguration(cleanup: .compact))
        let registry = SchemaRegistry(log: log, writer: SystemSources.token())
        try await registry.registerPlatform()
        if let brokers = served as? BrokerLog { try await brokers.frameValues(by: registry) }

        let schemas = RegisteredPayloads(registry: registry, symbols: symbols)
        let usage = SchemaUsage(symbols: symbols)
        let records = GroupReaders(served, symbols: symbols, kinds: Role.kinds, upcaster: { schemas.upcaster() })
        // Without a group here nobody would read what is handed on.
        let isRead = roles != [.ingestor]
        let limits = ingestLimits()
        let door = IngestDoor(
            log: served.door, symbols: symbols, limits: limits,
            archive: journal == nil ? nil : openKeyArchive(folder, keys: limits.duplicateIDs, announce),
            clock: clock, guarding: { schemas.checks(of: $0).map(PayloadGuard.init) },
            onAccepted: { accepted in
                if isRead { records.offer(accepted.batch, events: accepted.events, positions: accepted.positions, trace: accepted.trace) }
                usage.note(.producer, accepted.source, accepted.batch, accepted.events, at: clock())
            }, onAppended: appended(meters))
        let recalled = try await door.recall(isLogWhole: journal?.recovery.quarantined.isEmpty ?? true)
        if let trouble = recalled.trouble, recalled.readIDs > 0 {
            announce("Read \(grouped(recalled.readIDs)) of the newest event ids from the log: \(trouble).\n")
        }

        let timedDoor = Door(door: door, meters: meters, seconds: SystemSources.seconds)
        let progress = ProjectionProgress()
        let hub = LiveHub(startingAt: try await store.position(of: ProjectionProcessor.groupName).sequence)
        let checkpoints = try checkpoints(folder, logger)
        let stories = StoryFolder(configuration.text("causality.directory"))
        let fresh = try stories.engine(configuration.engine)
        let engine = group(.engine, served, records, logger) { group, log, records in
            ProcessorRunner(
                log: log, records: records,
                processor: EngineStage.processor(engine: fresh, group: group, symbols: symbols, log: log, checkpoints: checkpoints),
                configuration: deciding(), logger: logger, observe: meters.observe, noteRead: usage.reader(Role.engine, clock))
        }
        let kpis = group(.kpis, served, records, logger) { group, log, records in
            ProcessorRunner(
                log: log, records: records,
                processor: KPIStage.processor(
                    calculator: KPICalculator(symbols: symbols), group: group, symbols: symbols, log: log, checkpoints: checkpoints),
                configuration: deciding(), logger: logger, observe: meters.observe, noteRead: usage.reader(Role.kpis, clock))
        }
        let samples = ProcessorRunner(
            log: log, records: records[.analytics], processor: SampleProcessor(store: store, symbols: symbols), configuration: Self.storing(), logger: logger,
            observe: meters.observe, noteRead: usage.reader(Role.analytics, clock))
        let projection = ProcessorRunner(
            log: log, records: records[.dashboard],
            processor: ProjectionProcessor(store: store, symbols: symbols, progress: progress) { sequence, changes in
                hub.publish(sequence: sequence, changes: changes, acceptedMs: meters.acceptedMs(before: sequence))
            }, configuration: Self.storing(), logger: logger, observe: meters.observe, noteRead: usage.reader(Role.dashboard, clock))

        let letterIndex = DeadLetterIndex(log: log)
        let letters = DeadLetterWatch(log: log, watchedHours: configuration.integer("dead_letters.watch_hours"))
        let notifications = try notifications(
            folder, log: log, records: records[.notifications], symbols: symbols, checkpoints: checkpoints, meters: meters, usage: usage, logger: logger)
        let status = PlatformStatus(
            served: served, store: store, door: door, hub: hub, meters: meters, records: records, registry: registry, usage: usage,
            letters: letters, roles: roles, dataDirectory: configuration.text("data.directory"), clock: clock,
            groups: {
                [(Role.engine, engine.statuses()), (.kpis, kpis.statuses()), (.analytics, [samples.status]), (.dashboard, [projection.status]),
                 (.notifications, [notifications.runner.status])]
                    .filter { roles.contains($0.0) }.flatMap(\.1)
            },
            shards: {
                let sharded = [engine, kpis].compactMap { group in group.shards.map { (group.role, $0()) } }
                return Dictionary(
                    sharded.filter { roles.contains($0.0) }.map { ($0.0.rawValue, $0.1) }, uniquingKeysWith: { first, _ in first })
            })
        let commands = Commands(
            handler: CommandHandler(log: served.door, store: store, progress: progress), store: store, clock: clock)
        let readyPort = PortAnnouncement()
        let server = APIServer(
            dependencies: APIDependencies(
                store: store, log: log, ingest: timedDoor,
                commands: commands, registry: registry, schemaUsage: usage, hub: hub, liveGroup: ProjectionProcessor.groupName, platform: status.view,
                metrics: status.exposition, readiness: status.readiness,
                console: StaticFiles(directory: configuration.text("console.directory")), clock: clock,
                randomBytes: SystemSources.randomBytes, secrets: notifications.secrets, deadLetters: letterIndex, causes: try stories.causes()),
            configuration: apiConfiguration(), logger: logger,
            onRunning: { port in readyPort.set(port) })

        var services: [any Service] = []
        if roles.contains(.dashboard) { services.append(GroupService(runner: projection)) }
        if roles.contains(.analytics) { services.append(GroupService(runner: samples)) }
        if roles.contains(.kpis) { services.append(kpis.service) }
        if roles.contains(.notifications) { services.append(notifications) }
        if roles.contains(.engine) { services.append(engine.service) }
        services += [
            RetentionService(
                journal: journal, samples: store, keepHours: configuration.integer("retention.telemetry.hours"), clock: clock,
                logger: logger),
            server,
            SampleService(
                store: store, letters: letters, sample: meters.sample, period: .seconds(configuration.integer("metrics.sample_seconds")),
                clock: clock, logger: logger),
        ]
        if roles.contains(.dashboard) {
            services.append(
                LetterExpiryService(
                    index: letterIndex, watch: letters, days: configuration.integer("dead_letters.expire_days"), clock: clock, logger: logger))
        }
        services.append(RegistryService(registry: registry, logger: logger))
        if !configuration.text("registry.url").isEmpty { services.append(RegistryMirrorService(remote: remoteRegistry(), logger: logger)) }
        // First, so that it is the last to stop: what the others still write may need the spool.
        if let brokers = served as? BrokerLog { services.insert(BrokerService(log: brokers, logger: logger), at: 0) }
        if let exporter = exporter(meters, roles, logger) { services.insert(exporter, at: 0) }
        if roles.contains(.dashboard), configuration.integer("canary.seconds") > 0 {
            services.append(
                CanaryService(
                    door: door, store: store, period: .seconds(configuration.integer("canary.seconds")),
                    isActive: { journal != nil || projection.status.state != .starting }, clock: clock, meters: meters.canary,
                    logger: logger))
        }
        let heartbeat = HeartbeatService(
            log: log, period: .seconds(configuration.integer("heartbeat.seconds")), clock: clock, logger: logger)
        let login = isDemo ? try await DemoLogin.create(accounts) : nil
        if isDemo {
            let demo = try DemoService(
                door: timedDoor, seed: UInt64(configuration.integer("demo.seed")), clock: clock, announce: announce, logger: logger,
                afterHistory: heartbeat)
            services.append(demo)
        } else {
            // Of several processes on brokers those that take events in keep the clock.
            if journal != nil || roles.contains(.ingestor) { services.append(heartbeat) }
        }
        services.append(
            AnnouncementService(port: readyPort, host: configuration.text("server.host"), login: login, announce: announce))
        do {
            try await ServiceGroup(
                services: services, gracefulShutdownSignals: [.sigterm, .sigint], logger: logger
            ).run()
        } catch {
            await door.close()
            throw error
        }
        await door.close()
    }

    /// A database may be away for a night: whoever writes to it waits that long and goes on where it stood.
    private static func storing<Work>() -> ProcessorRunner<Work>.Configuration {
        var bulk = ProcessorRunner<Work>.Configuration.bulk
        bulk.backoff = Backoff(longest: .seconds(5), attempts: .max)
        return bulk
    }

    /// Without it the server is as good, only slow to start.
    private func openKeyArchive(_ folder: DataFolder, keys: Int, _ announce: (String) -> Void) -> DiskKeyArchive? {
        let secret = WideKey(high: .random(in: .min ... .max), low: .random(in: .min ... .max))
        do {
            return try DiskKeyArchive(directory: folder.keyDirectory, newSecret: secret, keysPerFile: keys)
        } catch {
            announce("Newest event ids are not kept for the next start: \(error.message).\n")
            return nil
        }
    }

    func openJournal(_ folder: DataFolder, _ meters: Meters, _ announce: @Sendable (String) -> Void) async throws -> Journal {
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
        settings.onSync = { meters.sync.record($0) }
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

    private func remoteRegistry() -> RemoteRegistry {
        let key = configuration.text("registry.key")
        return RemoteRegistry(
            url: configuration.text("registry.url"), key: key.isEmpty ? nil : key,
            timeoutSeconds: configuration.integer("registry.timeout_seconds"))
    }

    /// `nil` when none are wanted.
    private func checkpoints(_ folder: DataFolder, _ logger: Logger) throws -> CheckpointPlan? {
        let everyRecords = configuration.integer("checkpoint.records")
        guard everyRecords > 0 else { return nil }
        let directory = configuration.text("checkpoint.directory")
        return CheckpointPlan(
            store: try FileCheckpoints(directory: directory.isEmpty ? folder.checkpointDirectory : directory), everyRecords: everyRecords,
            everySeconds: Double(configuration.integer("checkpoint.seconds")), logger: logger)
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
        let platform = configuration.text("platform.tenant")
        api.platformTenant =
            platform.isEmpty
            ? ProcessInfo.processInfo.environment["TOWERCO_BOOTSTRAP_KEY"].flatMap { Accounts.firstTenant(ofBootstrap: $0) }
            : TenantID(platform)
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
    private func explained(_ error: any Error) -> any Error {
        let text = "\(error)"
        guard text.contains("EADDRINUSE") || text.contains("Address already in use") else { return error }
        return CommandFailure(
            "Port \(configuration.integer("server.port")) is taken. Another towerco may run already; --port names another, --port 0 takes a free"
                + " one.")
    }
}
