/// Every channel, chosen by the delivery's target.
public struct ChannelSender: NotificationSending {
    private let webhook: WebhookSender
    private let mail: MailSender

    public init(webhook: WebhookSender, mail: MailSender) {
        self.webhook = webhook
        self.mail = mail
    }

    public func send(_ delivery: NotificationDelivery) async -> DeliveryAttempt {
        switch delivery.target.channel {
        case .webhook: await webhook.send(delivery)
        case .mail: await mail.send(delivery)
        }
    }
}
