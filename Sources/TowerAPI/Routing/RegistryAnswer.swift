import HTTPTypes
import Hummingbird
import NIOCore
import TowerRegistry
import TowerWire

/// Answers in the form of the schema registry's contract: its media type, and its own shape of errors.
enum RegistryAnswer {
    static let basePath = "/registry"
    private static let mediaType = "application/vnd.schemaregistry.v1+json"

    static func isAbout(_ path: String) -> Bool { path == basePath || path.hasPrefix(basePath + "/") }

    static func json(_ tree: JSONTree, status: Int = 200) -> Response {
        var json = JSONBuffer()
        tree.write(to: &json)
        return Response(
            status: .init(code: status), headers: [.contentType: mediaType, .cacheControl: "no-store"],
            body: .init(byteBuffer: ByteBuffer(bytes: json.bytes)))
    }

    static func error(_ error: RegistryError) -> Response {
        var response = json(
            .object([.init("error_code", .number(error.code)), .init("message", .string(error.message))]), status: error.status)
        if error.status >= 500 { response.headers[.retryAfter] = "1" }
        return response
    }

    /// A refusal that the rest of the server would have told as problem details; `code` is still ours.
    static func problem(_ problem: Problem) -> Response {
        var members: [JSONTree.Member] = [
            .init("error_code", .number(code(of: problem.status))), .init("message", .string(problem.detail)),
            .init("code", .string(problem.code)),
        ]
        if let errorID = problem.errorID { members.append(.init("error_id", .string(errorID))) }
        var response = json(.object(members), status: problem.status)
        if problem.status == 401 { response.headers[.wwwAuthenticate] = "Basic realm=\"towerco\"" }
        if let seconds = problem.retryAfterSeconds { response.headers[.retryAfter] = String(seconds) }
        if !problem.allow.isEmpty { response.headers[.allow] = problem.allow.joined(separator: ", ") }
        if problem.closesConnection { response.headers[.connection] = "close" }
        return response
    }

    private static func code(of status: Int) -> Int {
        switch status {
        case 401: 40101
        case 403: 40301
        case 500...: 50001
        default: status
        }
    }
}
