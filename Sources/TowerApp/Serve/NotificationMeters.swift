import Synchronization
import TowerNotify
import TowerPipeline

/// What the notification service measures of itself.
final class NotificationMeters: Sendable {
    private let latency = LatencyHistogram()
    private let counts = Mutex<[String: Int]>([:])

    var observe: @Sendable (NotificationOutbox.Finished) -> Void {
        { [self] finished in
            let labels = "channel=\"\(finished.channel.rawValue)\",outcome=\"\(finished.isSent ? "sent" : "failed")\""
            counts.withLock { $0[labels, default: 0] += 1 }
            guard finished.isSent else { return }
            latency.record(milliseconds: max(0, finished.seconds * 1000), now: SystemSources.seconds())
        }
    }

    /// Prometheus text.
    func exposition(pending: Int) -> String {
        var text = """
            # HELP towerco_notify_deliveries_total Messages that were sent or given up.
            # TYPE towerco_notify_deliveries_total counter

            """
        for (labels, count) in counts.withLock({ $0 }).sorted(by: { $0.key < $1.key }) {
            text += "towerco_notify_deliveries_total{\(labels)} \(count)\n"
        }
        text += "# HELP towerco_notify_pending Messages that wait or are on their way.\n# TYPE towerco_notify_pending gauge\n"
        text += "towerco_notify_pending \(pending)\n"
        text += "# HELP towerco_notify_delivery_seconds From the decision to the acceptance by the other side.\n"
        return text + latency.exposition("towerco_notify_delivery_seconds")
    }
}
