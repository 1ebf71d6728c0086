import Logging
import TowerPipeline
import TowerStreaming

extension ServeJob {
    /// The log that the settings name.
    func openLog(
        _ roles: Set<Role>, _ folder: DataFolder, _ meters: Meters, _ logger: Logger, _ announce: @escaping @Sendable (String) -> Void
    ) async throws -> any ServedLog {
        let choice = try LogChoice(configuration)
        guard case .brokers(let kafka) = choice.kind else {
            return EmbeddedLog(journal: try await openJournal(folder, meters, announce))
        }
        if roles != Set(Role.allCases), StoreChoice(configuration).isEmbedded {
            throw CommandFailure(
                "Roles in processes of their own share their answers: name a database with store.url, or run all roles.", isUsage: true)
        }
        let named = configuration.text("spool.directory")
        let spools = SpoolFolder(
            path: named.isEmpty ? folder.path + "/spool" : named, maxBytes: Int64(configuration.integer("spool.max_bytes")))
        return try await choice.open(kafka, spools, logger, announce)
    }

    /// Brokers may be away for a night: a group that writes to them waits that long and goes on where it stood.
    func deciding<Work>() -> ProcessorRunner<Work>.Configuration {
        var patient = ProcessorRunner<Work>.Configuration()
        if !configuration.text("log.url").isEmpty { patient.backoff = Backoff(longest: .seconds(5), attempts: .max) }
        return patient
    }
}

extension Role {
    /// What the consumer groups read.
    static let kinds: [Role: RecordKinds] = [
        .engine: [.siteEvents, .incidents, .heartbeats], .kpis: [.siteEvents, .alerts, .incidents, .heartbeats],
        .notifications: [.siteEvents, .alerts, .incidents, .heartbeats, .routes], .analytics: .siteEvents, .dashboard: [.siteEvents, .alerts, .incidents, .kpis, .canaries],
    ]
}
