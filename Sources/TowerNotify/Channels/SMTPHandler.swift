import NIOCore
import NIOSSL

/// Drives a dialogue over a connection and answers what it came to.
final class SMTPHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private var dialogue: SMTPDialogue
    private var reader = SMTPReplyReader()
    private let tls: NIOSSLContext?
    private let host: String
    private var promise: EventLoopPromise<DeliveryAttempt>?

    init(_ dialogue: SMTPDialogue, tls: NIOSSLContext?, host: String, promise: EventLoopPromise<DeliveryAttempt>) {
        self.dialogue = dialogue
        self.tls = tls
        self.host = host
        self.promise = promise
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let buffer = unwrapInboundIn(data)
        guard promise != nil else { return }
        do {
            let replies = try reader.read(buffer.readableBytesView)
            for (index, reply) in replies.enumerated() {
                let action = dialogue.receive(reply)
                if action == .startTLS, index + 1 < replies.count || !reader.isEmpty {
                    // What came behind the consent was sent in the clear by who knows whom.
                    return finish(.refused(reason: "mail.protocol", detail: "the relay sent text between STARTTLS and TLS"), context)
                }
                perform(action, context)
                guard promise != nil else { return }
            }
        } catch {
            finish(.failed(reason: "mail.protocol", detail: "the relay's answer is no SMTP reply"), context)
        }
    }

    private func perform(_ action: SMTPDialogue.Action, _ context: ChannelHandlerContext) {
        switch action {
        case .send(let bytes): context.writeAndFlush(wrapOutboundOut(ByteBuffer(bytes: bytes)), promise: nil)
        case .finish(let attempt): finish(attempt, context)
        case .startTLS:
            do {
                guard let tls else { throw NIOSSLError.unableToValidateCertificate }
                // A literal address cannot be a server name.
                let handler = try NIOSSLClientHandler(context: tls, serverHostname: IPAddress(host) == nil ? host : nil)
                try context.pipeline.syncOperations.addHandler(handler, position: .first)
                perform(dialogue.secured(), context)
            } catch {
                finish(.failed(reason: "mail.tls", detail: "TLS could not begin"), context)
            }
        }
    }

    private func finish(_ attempt: DeliveryAttempt, _ context: ChannelHandlerContext) {
        promise?.succeed(attempt)
        promise = nil
        let channel = context.channel
        context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: "QUIT\r\n"))).whenComplete { _ in channel.close(promise: nil) }
    }

    func channelInactive(context: ChannelHandlerContext) {
        promise?.succeed(.failed(reason: "mail.closed", detail: "the relay closed the connection"))
        promise = nil
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        let isTLS = error is NIOSSLError || error is BoringSSLError || error is NIOSSLExtraError
        promise?.succeed(
            isTLS
                ? .refused(reason: "mail.tls", detail: "the relay's certificate or TLS was not accepted")
                : .failed(reason: "mail.connection", detail: "the connection broke"))
        promise = nil
        context.close(promise: nil)
    }
}
