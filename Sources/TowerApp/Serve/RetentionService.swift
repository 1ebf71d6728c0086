import Logging
import ServiceLifecycle
import TowerJournal
import TowerModel
import TowerStores

/// Drops what is older than it has to be kept, once an hour: journal segments and samples.
struct RetentionService: Service {
    let journal: Journal
    let samples: any SampleStore
    let keepHours: Int
    let clock: @Sendable () -> Timestamp
    let logger: Logger

    func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                do {
                    try await journal.enforceRetention(now: clock().milliseconds)
                    try await samples.dropSamples(before: clock().adding(seconds: -3600 * Double(keepHours)))
                } catch {
                    logger.error("old data was not dropped; the next try is in an hour", metadata: ["error": "\(error)"])
                }
                do { try await Task.sleep(for: .seconds(3600)) } catch { return }
            }
        }
    }
}
