/// What one try came to.
public enum DeliveryAttempt: Sendable, Hashable {
    case sent(detail: String)
    /// It may work later; not before so many seconds, where the other side said so.
    case failed(reason: String, detail: String, retryAfterSeconds: Int? = nil)
    /// No further try will help.
    case refused(reason: String, detail: String)
}

/// Brings one message to its target. Never throws: what goes wrong is an answer.
public protocol NotificationSending: Sendable {
    func send(_ delivery: NotificationDelivery) async -> DeliveryAttempt
}
