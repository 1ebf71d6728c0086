import Foundation
import HTTPTypes
import Hummingbird
import NIOCore
import TowerModel
import TowerStores

/// One request on its way through a handler, with strict reading of what it says.
struct Call: Sendable {
    let route: Route
    let request: Request
    let context: APIContext
    let configuration: APIConfiguration
    private let query: [String: String]

    /// - Throws: `Problem` 400 for a query parameter that the route does not know, that comes twice or is not UTF-8.
    init(route: Route, request: Request, context: APIContext, configuration: APIConfiguration) throws {
        self.route = route
        self.request = request
        self.context = context
        self.configuration = configuration
        self.query = try QueryString.parse(
            request.uri.query ?? "", known: route.query, ignoresOthers: RegistryAnswer.isAbout(route.path))
    }

    // MARK: Path and query

    /// A captured segment, percent-decoded.
    func parameter(_ name: String) throws -> String {
        guard let raw = context.parameters.get(name), let text = raw.removingPercentEncoding, !text.isEmpty,
            text.utf8.count <= 300
        else { throw Problem.badRequest("request.bad_path", "The path holds no readable {\(name)}.") }
        return text
    }

    func string(_ name: String) -> String? { query[name].flatMap { $0.isEmpty ? nil : $0 } }

    func integer(_ name: String, in range: ClosedRange<Int>, default fallback: Int) throws -> Int {
        guard let text = string(name) else { return fallback }
        guard let value = Int(text), range.contains(value) else {
            throw invalid(name, "a whole number from \(range.lowerBound) to \(range.upperBound)")
        }
        return value
    }

    func boolean(_ name: String) throws -> Bool? {
        switch string(name) {
        case nil: nil
        case "true": true
        case "false": false
        default: throw invalid(name, "true or false")
        }
    }

    func timestamp(_ name: String) throws -> Timestamp? {
        // A `+` of a zone offset arrives as a space from callers who forget to encode it.
        guard let text = string(name) else { return nil }
        if let value = Timestamp(text) { return value }
        guard text.utf8.count > 10, let time = text.firstIndex(of: "T") else { throw invalid(name, "RFC 3339 with a zone") }
        let repaired = text[..<time] + text[time...].replacing(" ", with: "+")
        guard let value = Timestamp(String(repaired)) else { throw invalid(name, "RFC 3339 with a zone") }
        return value
    }

    func choice<Value: RawRepresentable>(_ name: String, _ type: Value.Type, _ allowed: [String]) throws -> Value?
    where Value.RawValue == String {
        guard let text = string(name) else { return nil }
        guard let value = Value(rawValue: text) else { throw invalid(name, "one of \(allowed.joined(separator: ", "))") }
        return value
    }

    func eventID(_ name: String) throws -> EventID? {
        guard let text = string(name) else { return nil }
        guard let value = EventID(text) else { throw invalid(name, "a UUID") }
        return value
    }

    func limit() throws -> Int { try integer("limit", in: 1...1000, default: 100) }
    var cursor: String? { string("cursor") }

    func invalid(_ name: String, _ expected: String) -> Problem {
        .badRequest("request.invalid_parameter", "Query parameter \(name) must be \(expected).")
    }

    // MARK: Headers and body

    /// `Idempotency-Key`: 1 to 255 visible ASCII characters.
    func idempotencyKey() throws -> String? {
        guard let name = HTTPField.Name("Idempotency-Key"), let key = request.headers[name] else { return nil }
        guard (1...255).contains(key.utf8.count), key.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            throw Problem.badRequest(
                "request.invalid_idempotency_key", "Idempotency-Key must be 1 to 255 visible ASCII characters.")
        }
        return key
    }

    /// The body, refused by its declared length before a byte is read, and by its true length while reading.
    func bytes(upTo limit: Int) async throws -> [UInt8] {
        if let declared = request.headers[.contentLength].flatMap({ Int($0) }), declared > limit { throw Problem.bodyTooLarge }
        let buffer = try await request.body.collect(upTo: limit)
        return Array(buffer.readableBytesView)
    }

    /// The members of a command's JSON body, checked against the route's `body`.
    ///
    /// - Parameter limit: bytes of the body; `nil` for what commands usually have.
    func fields(upTo limit: Int? = nil) async throws -> [String: String] { try await members(upTo: limit).texts }

    /// Likewise, with members that are lists and objects.
    func members(upTo limit: Int? = nil) async throws -> CommandBody.Members {
        let bytes = try await bytes(upTo: limit ?? configuration.commandBodyBytesMax)
        return try CommandBody.parse(bytes, contentType: request.headers[.contentType], fields: route.body ?? [])
    }
}
