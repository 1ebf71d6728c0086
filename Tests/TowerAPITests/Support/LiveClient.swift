import Foundation
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOWebSocket

/// A WebSocket client that speaks frames, so that tests can also send what no library would.
struct LiveClient {
    enum Frame: Sendable, Equatable {
        case text(String)
        case ping
        case pong(String)
        case close(UInt16)
    }
    struct Refused: Error { var status: Int }
    struct Ended: Error {}

    private let outbound: NIOAsyncChannelOutboundWriter<WebSocketFrame>
    private var iterator: NIOAsyncChannelInboundStream<WebSocketFrame>.AsyncIterator

    private enum Upgrade: Sendable {
        case open(NIOAsyncChannel<WebSocketFrame, WebSocketFrame>)
        case refused(NIOAsyncChannel<HTTPClientResponsePart, HTTPClientRequestPart>)
    }

    static func open<Answer: Sendable>(
        port: Int, path: String = "/api/v1/live", key: String?, _ body: (inout LiveClient) async throws -> Answer
    ) async throws -> Answer {
        let upgrade: EventLoopFuture<Upgrade> = try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .connect(host: "127.0.0.1", port: port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    let upgrader = NIOTypedWebSocketClientUpgrader<Upgrade>(maxFrameSize: 1 << 24) { channel, _ in
                        channel.eventLoop.makeCompletedFuture {
                            .open(try NIOAsyncChannel(wrappingChannelSynchronously: channel))
                        }
                    }
                    var headers: HTTPHeaders = ["host": "127.0.0.1:\(port)"]
                    if let key { headers.add(name: "authorization", value: "Bearer \(key)") }
                    let configuration = NIOTypedHTTPClientUpgradeConfiguration(
                        upgradeRequestHead: HTTPRequestHead(version: .http1_1, method: .GET, uri: path, headers: headers),
                        upgraders: [upgrader]
                    ) { channel in
                        channel.eventLoop.makeCompletedFuture {
                            .refused(try NIOAsyncChannel(wrappingChannelSynchronously: channel))
                        }
                    }
                    return try channel.pipeline.syncOperations.configureUpgradableHTTPClientPipeline(
                        configuration: .init(upgradeConfiguration: configuration))
                }
            }
        switch try await upgrade.get() {
        case .open(let channel):
            return try await channel.executeThenClose { inbound, outbound in
                var client = LiveClient(outbound: outbound, iterator: inbound.makeAsyncIterator())
                return try await body(&client)
            }
        case .refused(let channel):
            return try await channel.executeThenClose { inbound, _ in
                for try await part in inbound {
                    if case .head(let head) = part { throw Refused(status: Int(head.status.code)) }
                }
                throw Ended()
            }
        }
    }

    func send(_ text: String) async throws { try await send(.text, Array(text.utf8)) }

    func send(_ opcode: WebSocketOpcode, _ bytes: [UInt8], fin: Bool = true) async throws {
        try await outbound.write(
            WebSocketFrame(fin: fin, opcode: opcode, maskKey: [1, 2, 3, 4], data: ByteBuffer(bytes: bytes)))
    }

    mutating func next() async throws -> Frame {
        while let frame = try await iterator.next() {
            var data = frame.unmaskedData
            switch frame.opcode {
            case .text: return .text(String(buffer: data))
            case .ping: return .ping
            case .pong: return .pong(String(buffer: data))
            case .connectionClose: return .close(data.readInteger() ?? 1005)
            default: continue
            }
        }
        throw Ended()
    }

    /// The next text frame as JSON; pings in between are passed over.
    mutating func message() async throws -> [String: Any] {
        while true {
            switch try await next() {
            case .text(let text):
                return try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any] ?? [:]
            case .close: throw Ended()
            case .ping, .pong: continue
            }
        }
    }

    mutating func subscribe(_ channels: [String] = ["sites", "alarms", "incidents"], since: Int64? = nil, site: String? = nil)
        async throws -> [String: Any]
    {
        var object: [String: Any] = ["type": "subscribe", "channels": channels]
        if let since { object["since"] = since }
        if let site { object["site_id"] = site }
        try await send(String(decoding: JSONSerialization.data(withJSONObject: object), as: UTF8.self))
        return try await message()
    }
}
