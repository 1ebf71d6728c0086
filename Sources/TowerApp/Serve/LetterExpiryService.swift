import Logging
import ServiceLifecycle
import TowerAPI
import TowerModel

/// Once an hour records dead letters as expired that have waited for too long.
struct LetterExpiryService: Service {
    let index: DeadLetterIndex
    let watch: DeadLetterWatch
    /// 0 expires none.
    let days: Int
    let clock: @Sendable () -> Timestamp
    let logger: Logger
    private static let period = Duration.seconds(3600)

    func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                if days > 0 { await expire() }
                do { try await Task.sleep(for: Self.period) } catch { return }
            }
        }
    }

    private func expire() async {
        do {
            let count = try await index.expireAll(before: clock().adding(seconds: -86_400 * Double(days)))
            guard count > 0 else { return }
            watch.addExpired(count)
            logger.notice("dead letters expired", metadata: ["letters": "\(count)", "days": "\(days)"])
        } catch {
            if !Task.isCancelled { logger.error("dead letters were not expired; the next try is in an hour", metadata: ["error": "\(error)"]) }
        }
    }
}
