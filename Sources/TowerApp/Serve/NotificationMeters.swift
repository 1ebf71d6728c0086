import Synchronization
import TowerNotify
import TowerPipeline
import TowerStreaming

/// What the notification service measures of itself.
final class NotificationMeters: Sendable {
    struct Counts: Sendable {
        var sent: [NotificationTarget.Channel: Int] = [:]
        var failed: [NotificationTarget.Channel: Int] = [:]
        var expired = 0
        var waiting = 0
    }

    /// From the decision to the acceptance by the other side.
    let delivery = HistogramFamily(NotificationTarget.Channel.allCases.map(\.rawValue))
    private let state = Mutex(Counts())

    var counts: Counts { state.withLock { $0 } }

    func finished(_ finished: NotificationOutbox.Finished) {
        state.withLock { state in
            switch finished.reason {
            case nil: state.sent[finished.channel, default: 0] += 1
            case NotificationOutbox.expired: state.expired += 1
            default: state.failed[finished.channel, default: 0] += 1
            }
        }
        if finished.isSent { delivery[finished.channel.rawValue]?.record(seconds: max(0, finished.seconds)) }
    }

    func waiting(_ count: Int) { state.withLock { $0.waiting = count } }
}

extension NotificationMeters.Counts {
    /// A sample for every channel, so that a first failure is a rise and not a beginning.
    static func byChannel(_ counts: [NotificationTarget.Channel: Int]) -> [(label: String, value: Double)] {
        NotificationTarget.Channel.allCases.map { (label: $0.rawValue, value: Double(counts[$0] ?? 0)) }.sorted { $0.label < $1.label }
    }
}
