import HTTPTypes
import Hummingbird
import NIOCore
import NIOHTTP1

/// An answer that is not a success: RFC 9457 problem details with a stable `code`.
public struct Problem: Error, Sendable, Hashable {
    /// HTTP status code.
    public var status: Int
    /// Stable, `room.snake_case`; what programs branch on.
    public var code: String
    /// For people: what was wrong with this request and what to do. Never internals.
    public var detail: String
    public var retryAfterSeconds: Int?
    /// Methods that the resource has, for 405.
    public var allow: [String] = []
    /// An id that leads to the log line, for 500.
    public var errorID: String?
    /// Close the connection after the answer: the rest of the request is not worth reading.
    public var closesConnection = false

    public init(_ status: Int, _ code: String, _ detail: String, retryAfterSeconds: Int? = nil) {
        self.status = status
        self.code = code
        self.detail = detail
        self.retryAfterSeconds = retryAfterSeconds
    }

    static func badRequest(_ code: String, _ detail: String) -> Problem { Problem(400, code, detail) }
    static func notFound(_ code: String, _ detail: String) -> Problem { Problem(404, code, detail) }
}

extension Problem {
    private struct Document: Encodable {
        var type: String
        var title: String
        var status: Int
        var code: String
        var detail: String
        var instance: String?
        var errorID: String?
        enum CodingKeys: String, CodingKey {
            case type, title, status, code, detail, instance
            case errorID = "error_id"
        }
    }

    /// The body. `instance` is the request's path, without its query.
    func document(instance: String?) -> ByteBuffer {
        WireJSON.buffer(
            Document(
                type: "urn:towerco:problem:\(code)", title: HTTPResponseStatus(statusCode: status).reasonPhrase, status: status,
                code: code,
                detail: detail, instance: instance, errorID: errorID))
    }

    /// The `application/problem+json` response.
    func response(instance: String?) -> Response {
        var headers: HTTPFields = [.contentType: "application/problem+json", .cacheControl: "no-store"]
        if let retryAfterSeconds { headers[.retryAfter] = String(retryAfterSeconds) }
        if !allow.isEmpty { headers[.allow] = allow.joined(separator: ", ") }
        if status == 401 { headers[.wwwAuthenticate] = "Bearer realm=\"towerco\"" }
        if closesConnection { headers[.connection] = "close" }
        return Response(status: .init(code: status), headers: headers, body: .init(byteBuffer: document(instance: instance)))
    }
}
