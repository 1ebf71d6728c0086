import Logging
import ServiceLifecycle
import TowerModel
import TowerRegistry

/// Keeps the registry's memory up with what other processes write to its topic. What this process writes it knows at once.
struct RegistryService: Service {
    let registry: SchemaRegistry
    let logger: Logger
    private static let period = Duration.seconds(2)

    func run() async throws {
        await cancelWhenGracefulShutdown {
            var isFailing = false
            while !Task.isCancelled {
                do {
                    try await registry.catchUp()
                    isFailing = false
                } catch {
                    if !isFailing, !Task.isCancelled {
                        logger.warning("the schema registry's topic cannot be read", metadata: ["error": "\(error)"])
                    }
                    isFailing = true
                }
                do { try await Task.sleep(for: Self.period) } catch { return }
            }
        }
    }
}

extension SchemaUsage {
    /// What a group's runner tells of the events that went through.
    func reader(_ group: Role, _ clock: @escaping @Sendable () -> Timestamp) -> @Sendable (EventRun) -> Void {
        { [self] run in note(.consumer, group.rawValue, run.batch, run.events, at: clock()) }
    }
}
