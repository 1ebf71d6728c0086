import HTTPTypes
import Hummingbird
import NIOCore

extension Response {
    /// A JSON answer. Answers are about now and about one tenant, so no cache may keep them.
    static func json(_ value: some Encodable, status: HTTPResponse.Status = .ok) -> Response {
        json(buffer: WireJSON.buffer(value), status: status)
    }

    static func json(buffer: ByteBuffer, status: HTTPResponse.Status = .ok) -> Response {
        Response(
            status: status, headers: [.contentType: "application/json", .cacheControl: "no-store"],
            body: .init(byteBuffer: buffer))
    }

    static func text(_ text: String, contentType: String = "text/plain; charset=utf-8") -> Response {
        Response(
            status: .ok, headers: [.contentType: contentType, .cacheControl: "no-store"],
            body: .init(byteBuffer: ByteBuffer(string: text)))
    }
}
