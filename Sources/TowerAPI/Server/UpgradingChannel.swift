import HummingbirdCore
import Logging
import NIOCore
import NIOHTTP1
import NIOHTTPTypes
import NIOHTTPTypesHTTP1
import NIOWebSocket
import Synchronization

/// HTTP/1.1 whose first request on a connection may become a WebSocket of the live feed.
struct UpgradingChannel: HTTPChannelHandler {
    /// What a connection turned out to be.
    enum Kind: Sendable {
        case http(NIOAsyncChannel<HTTPRequestPart, HTTPResponsePart>)
        case live(LiveConnection.Socket, LiveGrant)
    }

    /// The accept loop gets this at once; what the connection is shows with its first request.
    struct Value: ServerChildChannelValue {
        let channel: any Channel
        let negotiated: EventLoopFuture<Kind>
    }

    let responder: HTTPChannelHandler.Responder
    let services: Services
    let authorize: LiveUpgradeGate.Authorize
    let live: LiveConnection.Environment

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Value> {
        channel.eventLoop.makeCompletedFuture {
            // The gate fills it before the upgrader can run; both are on this connection's event loop.
            let grant = GrantBox()
            let upgrader = NIOTypedWebSocketServerUpgrader<Kind>(
                maxFrameSize: services.configuration.live.frameBytesMax, enableAutomaticErrorHandling: false,
                shouldUpgrade: { channel, _ in channel.eventLoop.makeSucceededFuture([:]) },
                upgradePipelineHandler: { channel, _ in
                    channel.eventLoop.makeCompletedFuture { try self.live(channel, grant) }
                })
            var pipeline = NIOUpgradableHTTPServerPipelineConfiguration(
                upgradeConfiguration: .init(upgraders: [upgrader]) { channel in
                    channel.eventLoop.makeCompletedFuture { try self.http(channel, logger: logger) }
                })
            // Hummingbird handles requests of a connection in order and answers parser errors, as in its own channel.
            pipeline.enablePipelining = false
            pipeline.enableErrorHandling = false
            pipeline.enableResponseHeaderValidation = false
            let sync = channel.pipeline.syncOperations
            let negotiated = try sync.configureUpgradableHTTPServerPipeline(configuration: pipeline)
            let gate = LiveUpgradeGate(
                waitMax: .nanoseconds(Int64(services.configuration.headSecondsMax * 1e9)), granted: { grant.fill($0) },
                authorize: authorize)
            try sync.addHandler(gate, position: .after(sync.handler(type: ByteToMessageHandler<HTTPRequestDecoder>.self)))
            return Value(channel: channel, negotiated: negotiated)
        }
    }

    func handle(value: Value, logger: Logger) async {
        do {
            switch try await value.negotiated.get() {
            case .http(let channel): await handleHTTP(asyncChannel: channel, logger: logger)
            case .live(let socket, let grant): await LiveConnection(grant: grant, environment: live).run(socket)
            }
        } catch {
            // Closed before its first request was whole.
            logger.trace("connection ended early", metadata: ["error": "\(error)"])
            value.channel.close(promise: nil)
        }
    }

    private func http(_ channel: any Channel, logger: Logger) throws -> Kind {
        let sync = channel.pipeline.syncOperations
        try sync.addHandler(HTTP1ToHTTPServerCodec(secure: false))
        try sync.addHandler(RequestDeadlineHandler(requestMax: .nanoseconds(Int64(services.configuration.requestSecondsMax * 1e9))))
        try sync.addHandler(HTTPConnectionStateHandler(idleTimeout: .seconds(services.configuration.idleSecondsMax), logger: logger))
        try sync.addHandler(EventDoorHandler(services: services, logger: logger))
        return .http(
            try NIOAsyncChannel(wrappingChannelSynchronously: channel, configuration: .init(isOutboundHalfClosureEnabled: true)))
    }

    private func live(_ channel: any Channel, _ grant: GrantBox) throws -> Kind {
        guard let grant = grant.value else { throw ChannelError.inappropriateOperationForState }
        try channel.pipeline.syncOperations.addHandler(
            NIOWebSocketFrameAggregator(
                minNonFinalFragmentSize: 0, maxAccumulatedFrameCount: 1024,
                maxAccumulatedFrameSize: services.configuration.live.frameBytesMax))
        return .live(try NIOAsyncChannel(wrappingChannelSynchronously: channel), grant)
    }
}

/// Carries the verified caller from the gate to the upgraded connection.
private final class GrantBox: Sendable {
    private let stored = Mutex<LiveGrant?>(nil)
    var value: LiveGrant? { stored.withLock { $0 } }
    func fill(_ grant: LiveGrant) { stored.withLock { $0 = grant } }
}
