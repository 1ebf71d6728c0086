import Logging
import NIOCore
import NIOWebSocket
import Synchronization
import TowerModel
import TowerStores

/// One WebSocket of the live feed: moves frames between the socket and a `LiveSession`, and decides nothing itself.
final class LiveConnection: Sendable {
    typealias Socket = NIOAsyncChannel<WebSocketFrame, WebSocketFrame>

    /// What a connection needs beside its socket.
    struct Environment: Sendable {
        var hub: LiveHub
        var snapshot: LiveSnapshot
        var limits: LiveLimits
        var clock: @Sendable () -> Timestamp
        /// Whether the credentials of the upgrade are still good.
        var isStillValid: @Sendable (LiveGrant) async -> Bool
        var logger: Logger
    }

    let grant: LiveGrant
    var tenant: TenantID { grant.principal.tenantID }
    private let environment: Environment
    private let session: Mutex<LiveSession>
    /// Merged slices that the meters know of.
    private let toldCoalesced = Mutex(0)
    private let signal: AsyncStream<Void>
    private let signalling: AsyncStream<Void>.Continuation

    init(grant: LiveGrant, environment: Environment) {
        self.grant = grant
        self.environment = environment
        self.session = Mutex(
            LiveSession(limits: environment.limits, published: environment.hub.sequence, now: environment.clock()))
        (self.signal, self.signalling) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    }

    // MARK: From the hub

    /// Notes a slice. The hub calls it under its lock, so it only appends; `wake` follows outside.
    func note(_ slice: LiveSlice) { session.withLock { $0.published(slice, now: environment.clock()) } }
    func wake() { signalling.yield() }
    func begin(_ subscription: LiveSubscription, _ attachment: LiveSession.Attachment, published: Int64) {
        session.withLock { $0.attached(subscription, attachment, published: published) }
    }
    func interrupt() { change { $0.interrupted(now: $1) } }
    func shutdown() { change { $0.shutdown(now: $1) } }

    private func change(_ body: (inout LiveSession, Timestamp) -> Void) {
        session.withLock { body(&$0, environment.clock()) }
        wake()
    }

    // MARK: Running

    /// Returns when the connection is over, whichever side ended it.
    func run(_ socket: Socket) async {
        guard let id = environment.hub.add(self) else {
            shutdown()
            await move(socket)
            return
        }
        await move(socket)
        environment.hub.remove(id)
        tellCoalesced()
        if let cut = session.withLock({ $0.cutSlices }) { environment.hub.meters.add(cut: cut, clientsCut: 1) }
    }

    var standing: LiveStanding { session.withLock { $0.standing } }

    /// Also while it is open: a client may stay for days.
    private func tellCoalesced() {
        let total = session.withLock { $0.coalesced }
        let more = toldCoalesced.withLock { told in
            defer { told = max(told, total) }
            return total - told
        }
        if more > 0 { environment.hub.meters.add(coalesced: more) }
    }

    private func move(_ socket: Socket) async {
        do {
            try await socket.executeThenClose { inbound, outbound in
                await withTaskGroup(of: Void.self) { group in
                    // The reader ends when the peer is gone or has answered our close frame; that ends the rest.
                    group.addTask { await self.tick(socket.channel) }
                    group.addTask { await self.write(outbound) }
                    await self.read(inbound)
                    group.cancelAll()
                }
            }
        } catch {
            environment.logger.debug("live connection ended", metadata: ["error": "\(error)"])
        }
    }

    private func write(_ outbound: NIOAsyncChannelOutboundWriter<WebSocketFrame>) async {
        wake()
        for await _ in signal {
            while let (output, kind, delta) = next() {
                do {
                    try await outbound.write(Self.frame(output))
                } catch {
                    environment.hub.meters.add(lost: 1)
                    return
                }
                environment.hub.meters.wrote(kind)
                if let delta { environment.hub.sent(delta, at: environment.clock()) }
            }
        }
    }

    /// What to write next, and the sequence of the changes in it, if it has any.
    private func next() -> (LiveSession.Output, LiveFrameKind, delta: Int64?)? {
        session.withLock { session in
            let before = session.deltaSequence
            guard let output = session.next(now: environment.clock()) else { return nil }
            return (output, session.takenKind, session.deltaSequence > before ? session.deltaSequence : nil)
        }
    }

    private func tick(_ channel: any Channel) async {
        var ticks = 0
        while !Task.isCancelled {
            try? await Task.sleep(for: .seconds(1))
            guard !Task.isCancelled else { return }
            if session.withLock({ $0.tick(now: environment.clock()) }) {
                channel.close(promise: nil)
                return
            }
            ticks += 1
            tellCoalesced()
            if ticks % 10 == 0, await !environment.isStillValid(grant) { change { $0.unauthorized(now: $1) } }
            wake()
        }
    }

    private func read(_ inbound: NIOAsyncChannelInboundStream<WebSocketFrame>) async {
        do {
            for try await frame in inbound {
                switch frame.opcode {
                case .text:
                    await received(Array(frame.unmaskedData.readableBytesView))
                case .binary:
                    change { $0.protocolError(code: 1003, reason: "send text", now: $1) }
                case .ping:
                    change { $0.receivedPing(frame.unmaskedData, now: $1) }
                case .pong:
                    change { $0.receivedPong(now: $1) }
                case .connectionClose:
                    await finishClose()
                    return
                default: break
                }
            }
        } catch {
            change { $0.protocolError(code: Self.closeCode(for: error), reason: "protocol error", now: $1) }
            await finishClose()
        }
    }

    /// Lets the writer send the answer to a close frame before the socket goes; the ticker bounds the wait.
    private func finishClose() async {
        change { $0.receivedClose(now: $1) }
        while !session.withLock({ $0.isClosed }), !Task.isCancelled {
            do { try await Task.sleep(for: .milliseconds(2)) } catch { return }
        }
    }

    private func received(_ bytes: [UInt8]) async {
        guard String(validating: bytes, as: UTF8.self) != nil else {
            change { $0.protocolError(code: 1007, reason: "text must be UTF-8", now: $1) }
            return
        }
        let request = session.withLock { $0.received(text: bytes, now: environment.clock()) }
        if case .attach(let subscription) = request {
            switch environment.hub.attach(self, subscription) {
            case .resumed: break
            case .needsSnapshot: await load(subscription)
            }
        }
        wake()
    }

    private func load(_ subscription: LiveSubscription) async {
        do {
            let result = try await environment.snapshot.load(tenant: tenant, subscription, now: environment.clock())
            change { $0.loaded(result.items, before: result.before, after: result.after, now: $1) }
        } catch {
            environment.logger.warning("live snapshot failed", metadata: ["error": "\(error)"])
            change { $0.loadFailed(now: $1) }
        }
    }

    // MARK: Frames

    private static func frame(_ output: LiveSession.Output) -> WebSocketFrame {
        switch output {
        case .text(let buffer): return WebSocketFrame(fin: true, opcode: .text, data: buffer)
        case .ping: return WebSocketFrame(fin: true, opcode: .ping, data: ByteBuffer())
        case .pong(let data): return WebSocketFrame(fin: true, opcode: .pong, data: data)
        case .close(let code, let reason):
            var data = ByteBuffer()
            data.writeInteger(code)
            data.writeString(reason)
            return WebSocketFrame(fin: true, opcode: .connectionClose, data: data)
        }
    }

    private static func closeCode(for error: any Error) -> UInt16 {
        switch error {
        case NIOWebSocketError.invalidFrameLength: 1009
        case NIOWebSocketFrameAggregator.Error.accumulatedFrameSizeIsTooLarge, NIOWebSocketFrameAggregator.Error.tooManyFragments:
            1009
        default: 1002
        }
    }
}

/// A verified right to open the live feed.
struct LiveGrant: Sendable {
    var principal: Principal
    /// Kept to ask again whether it is still valid; never written anywhere.
    var token: String
}
