import HTTPTypes
import NIOCore
import NIOHTTPTypes

/// Ends connections in time: when a request does not arrive whole, and after an answer that is the last one.
///
/// The last answer is one that says `Connection: close`, one to a request that says so, and one to a request with
/// `Upgrade` (after which NIO's decoder reads nothing more, so that the client would wait for ever).
///
/// A request that arrives in one read costs nothing here: the timer starts only when a read ended inside a request.
final class RequestDeadlineHandler: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPRequestPart
    typealias InboundOut = HTTPRequestPart
    typealias OutboundIn = HTTPResponsePart
    typealias OutboundOut = HTTPResponsePart

    private let requestMax: TimeAmount
    private var isReading = false
    /// Requests whose answer is not written yet. More than one when a client sends ahead.
    private var answersOwed = 0
    private var isAnswering = false
    private var closesAfterThisAnswer = false
    private var closesAfterLastAnswer = false
    private var hasEnded = false
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
        case .head(var head):
            isReading = true
            answersOwed += 1
            if head.headerFields[.upgrade] != nil || head.method == .connect {
                head.headerFields[.upgrade] = nil
                head.headerFields[.connection] = "close"
            }
            if head.headerFields[.connection]?.lowercased() == "close" { closesAfterLastAnswer = true }
            if head.headerFields[.expect]?.lowercased() == "100-continue" {
                context.writeAndFlush(Self.wrapOutboundOut(.head(HTTPResponse(status: .continue))), promise: nil)
            }
            context.fireChannelRead(Self.wrapInboundOut(.head(head)))
            return
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
        case .head(var head):
            isAnswering = true
            closesAfterThisAnswer = head.headerFields[.connection] == "close" || (closesAfterLastAnswer && answersOwed == 1)
            if closesAfterThisAnswer { head.headerFields[.connection] = "close" }
            context.write(Self.wrapOutboundOut(.head(head)), promise: promise)
        case .body: context.write(data, promise: promise)
        case .end:
            isAnswering = false
            answersOwed -= 1
            guard closesAfterThisAnswer else {
                context.write(data, promise: promise)
                return
            }
            hasEnded = true
            let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
            context.writeAndFlush(data, promise: promise)
            context.eventLoop.execute {
                let (handler, context) = bound.value
                handler.end(context)
            }
        }
    }

    /// Closes, gently when bytes are still coming: closing at once would reset the connection and could destroy the
    /// answer on its way.
    private func end(_ context: ChannelHandlerContext) {
        deadline?.cancel()
        guard isReading else {
            context.close(promise: nil)
            return
        }
        context.close(mode: .output, promise: nil)
        schedule(Self.lingerMax, context)
    }

    private func schedule(_ delay: TimeAmount, _ context: ChannelHandlerContext) {
        let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        deadline = context.eventLoop.scheduleTask(in: delay) {
            let (handler, context) = bound.value
            handler.expire(context)
        }
    }

    private func expire(_ context: ChannelHandlerContext) {
        guard !isAnswering, !hasEnded else {
            context.close(promise: nil)
            return
        }
        hasEnded = true
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
