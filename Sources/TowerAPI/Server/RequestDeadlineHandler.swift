import HTTPTypes
import NIOCore
import NIOHTTPTypes

/// Closes a connection whose request does not arrive whole in time, or whose answer says `Connection: close`.
///
/// A request that arrives in one read costs nothing here: the timer starts only when a read ended inside a request.
final class RequestDeadlineHandler: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPRequestPart
    typealias InboundOut = HTTPRequestPart
    typealias OutboundIn = HTTPResponsePart
    typealias OutboundOut = HTTPResponsePart

    private let requestMax: TimeAmount
    private var isReading = false
    private var isAnswering = false
    private var closesAfterAnswer = false
    private var deadline: Scheduled<Void>?
    /// How long the rest of a refused body is read and dropped, so that the client can read the answer first.
    private static let lingerMax = TimeAmount.seconds(2)

    init(requestMax: TimeAmount) { self.requestMax = requestMax }

    func handlerRemoved(context: ChannelHandlerContext) { deadline?.cancel() }

    func channelInactive(context: ChannelHandlerContext) {
        deadline?.cancel()
        context.fireChannelInactive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch Self.unwrapInboundIn(data) {
        case .head(let head):
            isReading = true
            if head.headerFields[.expect]?.lowercased() == "100-continue" {
                context.writeAndFlush(Self.wrapOutboundOut(.head(HTTPResponse(status: .continue))), promise: nil)
            }
        case .body: break
        case .end:
            isReading = false
            deadline?.cancel()
            deadline = nil
        }
        context.fireChannelRead(data)
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        if isReading, deadline == nil { schedule(requestMax, context) }
        context.fireChannelReadComplete()
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        switch Self.unwrapOutboundIn(data) {
        case .head(let head):
            isAnswering = true
            closesAfterAnswer = head.headerFields[.connection] == "close"
            context.write(data, promise: promise)
        case .body: context.write(data, promise: promise)
        case .end:
            isAnswering = false
            guard closesAfterAnswer else {
                context.write(data, promise: promise)
                return
            }
            // Closing at once with unread bytes would reset the connection and could destroy the answer on its way.
            let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
            context.writeAndFlush(data).whenComplete { _ in
                let (handler, context) = bound.value
                handler.deadline?.cancel()
                if handler.isReading {
                    context.close(mode: .output, promise: nil)
                    handler.schedule(Self.lingerMax, context)
                } else {
                    context.close(promise: nil)
                }
            }
            promise?.succeed(())
        }
    }

    private func schedule(_ delay: TimeAmount, _ context: ChannelHandlerContext) {
        let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        deadline = context.eventLoop.scheduleTask(in: delay) {
            let (handler, context) = bound.value
            handler.expire(context)
        }
    }

    private func expire(_ context: ChannelHandlerContext) {
        guard !isAnswering, !closesAfterAnswer else {
            context.close(promise: nil)
            return
        }
        closesAfterAnswer = true
        let problem = Problem(408, "request.timeout", "The request did not arrive whole in time.")
        let body = problem.document(instance: nil)
        let head = HTTPResponse(
            status: .requestTimeout,
            headerFields: [
                .contentType: "application/problem+json", .connection: "close", .contentLength: String(body.readableBytes),
            ])
        context.write(Self.wrapOutboundOut(.head(head)), promise: nil)
        context.write(Self.wrapOutboundOut(.body(body)), promise: nil)
        let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
        context.writeAndFlush(Self.wrapOutboundOut(.end(nil))).whenComplete { _ in bound.value.close(promise: nil) }
    }
}
