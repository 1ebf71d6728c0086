import NIOCore
import NIOPosix
public import NIOSSL
public import TowerModel

/// Sends mail through one relay, a connection for each message.
public struct MailSender: NotificationSending {
    private let settings: SMTPSettings?
    private let tls: NIOSSLContext?
    private let clock: @Sendable () -> Timestamp
    private let timeout: TimeAmount

    /// - Parameters:
    ///   - settings: `nil` without a relay; then every mail is refused with that reason.
    ///   - roots: whose certificates are believed.
    ///   - clock: for the Date header.
    /// - Errors: the TLS library's, for roots that cannot be read.
    public init(
        settings: SMTPSettings?, roots: TLSRoots = TLSRoots(), timeoutSeconds: Int = 30, clock: @escaping @Sendable () -> Timestamp
    ) throws {
        self.settings = settings
        self.clock = clock
        timeout = .seconds(Int64(timeoutSeconds))
        tls = settings == nil || settings?.security == SMTPSettings.Security.none ? nil : try NIOSSLContext(configuration: roots.configuration())
    }

    public func send(_ delivery: NotificationDelivery) async -> DeliveryAttempt {
        guard let settings else { return .refused(reason: "mail.no_relay", detail: "notify.smtp.host is not set") }
        // Checked when the route was saved; a log may hold more than this version would have taken.
        guard let to = delivery.target.to, !to.isEmpty, to.allSatisfy(MailAddress.isValid) else {
            return .refused(reason: "mail.bad_address", detail: "the route names no mail address that can be written to")
        }
        let mail = MailMessage(
            from: settings.from, to: to, subject: delivery.message.subject, text: delivery.message.text, deliveryID: delivery.deliveryID,
            kind: delivery.kind, at: clock())
        let dialogue = SMTPDialogue(settings: settings, recipients: to, body: MailMessage.dotStuffed(mail.bytes))
        let tls = tls
        let loop = MultiThreadedEventLoopGroup.singleton.next()
        let promise = loop.makePromise(of: DeliveryAttempt.self)
        let deadline = loop.scheduleTask(in: timeout) {
            promise.succeed(.failed(reason: "mail.timeout", detail: "the relay did not take the message in time"))
        }
        let connecting = ClientBootstrap(group: loop)
            .connectTimeout(.seconds(10))
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(SMTPHandler(dialogue, tls: tls, host: settings.host, promise: promise))
                }
            }
            .connect(host: settings.host, port: settings.port)
        connecting.whenFailure { _ in promise.succeed(.failed(reason: "mail.connection", detail: "the relay cannot be reached")) }
        let attempt = (try? await promise.futureResult.get()) ?? .failed(reason: "mail.connection", detail: "the connection broke")
        deadline.cancel()
        // A relay that hangs is left; one that has answered was told to quit.
        connecting.whenSuccess { channel in
            loop.scheduleTask(in: .seconds(2)) { channel.close(promise: nil) }
        }
        return attempt
    }
}

/// Whose certificates are believed: the machine's, and those in a file.
public struct TLSRoots: Sendable {
    public var file: String
    /// - Parameter file: of PEM certificates to believe as well; empty for none.
    public init(file: String = "") { self.file = file }

    public func configuration() throws -> TLSConfiguration {
        var configuration = TLSConfiguration.makeClientConfiguration()
        if !file.isEmpty { configuration.additionalTrustRoots = [.file(file)] }
        return configuration
    }
}
