import NIOCore
import NIOHTTP1
import TowerModel

/// Decides, before NIO's upgrade handler sees it, whether a connection's first request becomes a WebSocket.
///
/// NIO's typed upgrade handler loses the request's head when a request carries `Upgrade` and no upgrader takes it
/// (swift-nio 2.101): such a client would hang or get an empty answer, for instance every client that offers `h2c`.
/// So only a request that will certainly be upgraded keeps its `Upgrade`: right path, complete handshake, verified
/// credentials, room in the hub. From any other the header is taken off, and the ordinary route answers: 401, 403,
/// 404, 426 or 503 as problem details, or whatever the path means. The connection ends with that answer: NIO's decoder
/// reads nothing more after a request with `Upgrade`, so a further request would never be heard.
///
/// After the first request the gate removes itself. Until then it also bounds how long a silent or half-sent first
/// request may hold the connection.
final class LiveUpgradeGate: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias InboundOut = HTTPServerRequestPart
    typealias OutboundIn = HTTPServerResponsePart
    typealias OutboundOut = HTTPServerResponsePart

    /// Verifies the request; `nil` refuses it.
    typealias Authorize = @Sendable (HTTPRequestHead) async -> LiveGrant?

    private let authorize: Authorize
    private let granted: @Sendable (LiveGrant) -> Void
    private let waitMax: TimeAmount
    private var held: [HTTPServerRequestPart] = []
    private var isDeciding = false
    private var deadline: Scheduled<Void>?
    /// A WebSocket request has a head and an end; anything longer than this is no WebSocket client.
    private static let heldPartsMax = 16

    init(waitMax: TimeAmount, granted: @escaping @Sendable (LiveGrant) -> Void, authorize: @escaping Authorize) {
        self.waitMax = waitMax
        self.granted = granted
        self.authorize = authorize
    }

    func handlerAdded(context: ChannelHandlerContext) {
        let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
        deadline = context.eventLoop.scheduleTask(in: waitMax) { bound.value.close(promise: nil) }
    }

    func handlerRemoved(context: ChannelHandlerContext) { deadline?.cancel() }

    func channelInactive(context: ChannelHandlerContext) {
        deadline?.cancel()
        context.fireChannelInactive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let part = Self.unwrapInboundIn(data)
        if isDeciding {
            held.append(part)
            if held.count > Self.heldPartsMax { context.close(promise: nil) }
            return
        }
        guard case .head(let head) = part, !head.headers["upgrade"].isEmpty else {
            pass([part], context)
            return
        }
        held = [part]
        guard Self.isHandshake(head) else {
            refuse(context)
            return
        }
        isDeciding = true
        let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        context.eventLoop.makeFutureWithTask { [authorize] in await authorize(head) }.whenComplete { result in
            let (gate, context) = bound.value
            guard case .success(let grant?) = result else {
                gate.refuse(context)
                return
            }
            gate.granted(grant)
            gate.pass(gate.held, context)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard error is HTTPParserError else {
            context.fireErrorCaught(error)
            return
        }
        // Nobody behind the gate has seen this connection yet, so the gate answers a request that is not HTTP.
        let headers: HTTPHeaders = ["connection": "close", "content-length": "0"]
        context.write(Self.wrapOutboundOut(.head(.init(version: .http1_1, status: .badRequest, headers: headers))), promise: nil)
        let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
        context.writeAndFlush(Self.wrapOutboundOut(.end(nil))).whenComplete { _ in bound.value.close(promise: nil) }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if event is ChannelShouldQuiesceEvent, !isDeciding {
            context.close(promise: nil)
            return
        }
        context.fireUserInboundEventTriggered(event)
    }

    private func refuse(_ context: ChannelHandlerContext) {
        let parts = held.map { part -> HTTPServerRequestPart in
            guard case .head(var head) = part else { return part }
            head.headers.remove(name: "upgrade")
            head.headers.replaceOrAdd(name: "connection", value: "close")
            return .head(head)
        }
        pass(parts, context)
    }

    /// Lets everything held go on, and leaves.
    private func pass(_ parts: [HTTPServerRequestPart], _ context: ChannelHandlerContext) {
        held = []
        isDeciding = false
        for part in parts { context.fireChannelRead(Self.wrapInboundOut(part)) }
        context.fireChannelReadComplete()
        context.pipeline.syncOperations.removeHandler(self, promise: nil)
    }

    /// RFC 6455, 4.2.1: what a server must find before it may switch. One of it missing, and the upgrader would refuse.
    static func isHandshake(_ head: HTTPRequestHead) -> Bool {
        let path = head.uri.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false).first
        let headers = head.headers
        let keys = headers["sec-websocket-key"]
        return head.method == .GET && head.version == .http1_1 && path.map(String.init) == LiveRoutes.path
            && headers[canonicalForm: "upgrade"].map { $0.lowercased() } == ["websocket"]
            && headers[canonicalForm: "connection"].contains { $0.lowercased() == "upgrade" }
            && headers["sec-websocket-version"] == ["13"] && keys.count == 1 && keys[0].utf8.count == 24
    }
}
