import HTTPTypes
import Logging
import NIOCore
import NIOHTTPTypes
import TowerIngest
import TowerStores

/// The short way of `POST /api/v1/events`: answered on the connection's own event loop, around the framework.
///
/// A whole request costs a few microseconds, of which the framework's general way (two streams, a task hop each, routing)
/// was most for a single event. Only the plain case goes this way: a declared length inside the bound, credentials that are
/// in the token cache, no other request of the connection unanswered. Everything else passes on and is answered by the same
/// route's ordinary handler, so every refusal has one home.
final class EventDoorHandler: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPRequestPart
    typealias InboundOut = HTTPRequestPart
    typealias OutboundIn = HTTPResponsePart
    typealias OutboundOut = HTTPResponsePart

    private enum State {
        case passing
        case collecting(Principal, HTTPRequest, [UInt8])
        case answering
    }

    private let services: Services
    private let logger: Logger
    private var state = State.passing
    /// Requests that were passed on and not answered yet.
    private var answersOwed = 0
    /// What arrived behind a request that is being answered, and whether somebody wanted more to be read meanwhile.
    private var held: [HTTPRequestPart] = []
    private var heldEvents: [Any] = []
    private var wantsRead = false
    private var executor: EventLoopExecutor?
    private var date = HTTPDate()

    private static let path = "/api/v1/events"
    /// A body above this is read elsewhere: it would keep the loop's other connections waiting.
    private static let inlineBytesMax = 1 << 20

    init(services: Services, logger: Logger) {
        self.services = services
        self.logger = logger
    }

    func handlerAdded(context: ChannelHandlerContext) { executor = EventLoopExecutor(context.eventLoop) }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let part = Self.unwrapInboundIn(data)
        if case .answering = state {
            held.append(part)
            return
        }
        take(part, context)
    }

    private func take(_ part: HTTPRequestPart, _ context: ChannelHandlerContext) {
        switch (state, part) {
        case (.passing, .head(let head)):
            if answersOwed == 0, let (principal, length) = admitted(head) {
                var bytes: [UInt8] = []
                bytes.reserveCapacity(min(length, 4 << 20))
                state = .collecting(principal, head, bytes)
                return
            }
            answersOwed += 1
            context.fireChannelRead(Self.wrapInboundOut(part))
        case (.collecting(let principal, let head, var bytes), .body(let buffer)):
            // Taken out of the state, so that the array is not copied.
            state = .passing
            buffer.withUnsafeReadableBytes { bytes.append(contentsOf: $0) }
            state = .collecting(principal, head, bytes)
        case (.collecting(let principal, let head, let bytes), .end):
            state = .answering
            answer(principal, head, bytes, context)
        default: context.fireChannelRead(Self.wrapInboundOut(part))
        }
    }

    /// Whether this request may go the short way, for whom, and how long its body is.
    private func admitted(_ head: HTTPRequest) -> (Principal, Int)? {
        guard head.method == .post, head.path == Self.path,
            let length = head.headerFields[.contentLength].flatMap({ Int($0) }), length > 0,
            length <= services.configuration.eventBodyBytesMax, head.headerFields[.transferEncoding] == nil,
            !Self.isCloudEvent(head.headerFields),
            let token = Authenticator.bearerToken(head.headerFields[.authorization]),
            let principal = services.authenticator.rememberedPrincipal(token: token),
            Route.Access.ingest.admits(principal.role)
        else { return nil }
        return (principal, length)
    }

    private static func isCloudEvent(_ fields: HTTPFields) -> Bool {
        fields[.ceSpecVersion] != nil || fields[.contentType]?.hasPrefix("application/cloudevents") ?? false
    }

    private func answer(_ principal: Principal, _ head: HTTPRequest, _ bytes: [UInt8], _ context: ChannelHandlerContext) {
        let request = DoorRequest(principal: principal, fields: head.headerFields, body: bytes, start: .now())
        let services = services
        let logger = logger
        let eventLoop = context.eventLoop
        let bound = NIOLoopBound((self, context), eventLoop: eventLoop)
        let finish: @Sendable (DoorAnswer) -> Void = { answer in
            let (handler, context) = bound.value
            handler.write(answer, context)
        }
        let inlineExecutor: (any TaskExecutor)? = bytes.count <= Self.inlineBytesMax ? executor : nil
        Task(executorPreference: inlineExecutor) {
            let answer = await request.answer(services, logger)
            if eventLoop.inEventLoop { finish(answer) } else { eventLoop.execute { finish(answer) } }
        }
    }

    private func write(_ answer: DoorAnswer, _ context: ChannelHandlerContext) {
        var head = answer.head
        head.headerFields[.date] = date.text(services.now())
        context.write(Self.wrapOutboundOut(.head(head)), promise: nil)
        context.write(Self.wrapOutboundOut(.body(answer.body)), promise: nil)
        context.writeAndFlush(Self.wrapOutboundOut(.end(nil)), promise: nil)
        state = .passing
        var parts = held[...]
        held = []
        while let part = parts.popFirst() {
            if case .answering = state {
                held.append(part)
                held.append(contentsOf: parts)
                return
            }
            take(part, context)
        }
        if case .answering = state { return }
        context.fireChannelReadComplete()
        let events = heldEvents
        heldEvents = []
        for event in events { context.fireUserInboundEventTriggered(event) }
        if wantsRead {
            wantsRead = false
            context.read()
        }
    }

    // Once something waits behind a request that is being answered, nothing more is read: what a sender pipelines stays in its
    // own buffers. Not before: giving up and asking for reads again would cost two system calls a request.
    func read(context: ChannelHandlerContext) {
        if case .answering = state, !held.isEmpty {
            wantsRead = true
            return
        }
        context.read()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        // The end of the sender's half must not end the connection before its answer.
        if case .answering = state, event is ChannelEvent {
            heldEvents.append(event)
            return
        }
        context.fireUserInboundEventTriggered(event)
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        if case .end = Self.unwrapOutboundIn(data) { answersOwed -= 1 }
        context.write(data, promise: promise)
    }
}

extension HTTPField.Name {
    // Forms a valid name; the initialiser cannot know.
    static let ceSpecVersion = HTTPField.Name("ce-specversion") ?? .contentType
}
