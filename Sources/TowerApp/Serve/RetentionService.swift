import Logging
import ServiceLifecycle
import TowerJournal
import TowerModel
import TowerStores

/// Keeps the stored data small: compresses full segments soon after they are full; once an hour drops what is older than it has
/// to be kept, journal segments and samples, and compacts topics by key.
struct RetentionService: Service {
    /// `nil` where brokers keep the log and drop what is old themselves.
    let journal: Journal?
    let samples: any SampleStore
    let keepHours: Int
    let clock: @Sendable () -> Timestamp
    let logger: Logger
    private static let periodSeconds = 15
    private static let roundsBetweenRetentions = 3600 / periodSeconds

    func run() async throws {
        await cancelWhenGracefulShutdown {
            var round = 0
            while !Task.isCancelled {
                if round % Self.roundsBetweenRetentions == 0 {
                    await attempt("old data was not dropped; the next try is in an hour") {
                        _ = try await journal?.enforceRetention(now: clock().milliseconds)
                        try await samples.dropSamples(before: clock().adding(seconds: -3600 * Double(keepHours)))
                    }
                    await attempt("topics were not compacted; the next try is in an hour") {
                        _ = try await journal?.compactTopics(now: clock().milliseconds)
                    }
                }
                await attempt("full segments were not compressed; the next try is in \(Self.periodSeconds) s") {
                    _ = try await journal?.compressSealed(now: clock().milliseconds)
                }
                round += 1
                do { try await Task.sleep(for: .seconds(Self.periodSeconds)) } catch { return }
            }
        }
    }

    private func attempt(_ failure: String, _ body: () async throws -> Void) async {
        do {
            try await body()
        } catch {
            if !Task.isCancelled { logger.error("\(failure)", metadata: ["error": "\(error)"]) }
        }
    }
}
