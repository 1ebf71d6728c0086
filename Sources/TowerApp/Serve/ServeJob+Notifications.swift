import Logging
import TowerModel
import TowerNotify
import TowerPipeline
import TowerRegistry
import TowerStreaming

extension ServeJob {
    /// The role `notification-service`; made in every process, because the API seals routes' secrets, and run where it is asked for.
    func notifications(
        _ folder: DataFolder, log: any EventLog, records: DecodedLog, symbols: SymbolTable, checkpoints: CheckpointPlan?, meters: Meters,
        usage: SchemaUsage, logger: Logger
    ) throws -> NotificationService {
        try NotificationService(
            configuration: configuration, secrets: try NotificationKey.secrets(configuration, folder), log: log, records: records,
            symbols: symbols, checkpoints: checkpoints, clock: SystemSources.now, meters: meters, logger: logger,
            noteRead: usage.reader(Role.notifications, SystemSources.now))
    }
}
