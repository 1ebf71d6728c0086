import Foundation
import NIOCore
import NIOHTTP1
import NIOPosix

/// One request on a connection of its own.
struct HTTPClient: Sendable {
    struct Answer: Sendable {
        var status: Int
        var headers: HTTPHeaders
        var body: [UInt8]
        func header(_ name: String) -> String? { headers.first(name: name) }
        var text: String { String(decoding: body, as: UTF8.self) }
        func json() throws -> [String: Any] {
            guard let object = try JSONSerialization.jsonObject(with: Data(body)) as? [String: Any] else {
                throw NotAnObject(text: text)
            }
            return object
        }
        var code: String? { (try? json())?["code"] as? String }
    }
    struct NotAnObject: Error { var text: String }
    struct NoAnswer: Error {}

    let port: Int

    func request(
        _ method: String, _ path: String, key: String? = nil, headers: [String: String] = [:], body: String? = nil
    ) async throws -> Answer {
        let channel = try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .connect(host: "127.0.0.1", port: port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHTTPClientHandlers()
                    return try NIOAsyncChannel<HTTPClientResponsePart, HTTPClientRequestPart>(
                        wrappingChannelSynchronously: channel)
                }
            }
        return try await channel.executeThenClose { inbound, outbound in
            var head = HTTPRequestHead(version: .http1_1, method: .init(rawValue: method), uri: path)
            head.headers.add(name: "host", value: "127.0.0.1:\(port)")
            head.headers.add(name: "connection", value: "close")
            if let key { head.headers.add(name: "authorization", value: "Bearer \(key)") }
            for (name, value) in headers { head.headers.replaceOrAdd(name: name, value: value) }
            if let body {
                if headers["content-type"] == nil { head.headers.add(name: "content-type", value: "application/json") }
                if headers["content-length"] == nil { head.headers.add(name: "content-length", value: String(body.utf8.count)) }
            }
            // In one go: a refusal that comes before the body was written would close the connection under the writer.
            var parts: [HTTPClientRequestPart] = [.head(head)]
            if let body { parts.append(.body(.byteBuffer(ByteBuffer(string: body)))) }
            parts.append(.end(nil))
            try await outbound.write(contentsOf: parts)
            var answer: Answer?
            for try await part in inbound {
                switch part {
                case .head(let head): answer = Answer(status: Int(head.status.code), headers: head.headers, body: [])
                case .body(let buffer): answer?.body.append(contentsOf: buffer.readableBytesView)
                case .end: break
                }
                if case .end = part { break }
            }
            guard let answer else { throw NoAnswer() }
            return answer
        }
    }

    /// Writes `pieces` as they are and answers everything that comes back until the server closes.
    func raw(_ pieces: [String], endsInput: Bool = false) async throws -> String {
        let channel = try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .channelOption(.allowRemoteHalfClosure, value: true)
            .connect(host: "127.0.0.1", port: port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
                }
            }
        return try await channel.executeThenClose { inbound, outbound in
            for piece in pieces { try await outbound.write(ByteBuffer(string: piece)) }
            var text = ""
            do {
                for try await buffer in inbound { text += String(buffer: buffer) }
            } catch is IOError {
                // A reset after the answer ends the conversation too.
            }
            return text
        }
    }
}
