import Foundation
import TowerNotify

/// Strict reading of a notification route as a caller sends it.
enum RouteBody {
    /// - Throws: `Problem` 400 or 415 that names what is wrong.
    static func parse(_ bytes: [UInt8], contentType: String?) throws -> NotificationRoute {
        let mediaType = contentType?.split(separator: ";").first.map { $0.trimmingCharacters(in: .whitespaces).lowercased() }
        guard mediaType == "application/json" else {
            throw Problem(415, "request.unsupported_media_type", "Send the body as application/json.")
        }
        let data = Data(bytes)
        guard let object = try? JSONSerialization.jsonObject(with: data) as? [String: Any] else {
            throw Problem.badRequest("request.malformed_body", "The body must be one JSON object.")
        }
        let route: NotificationRoute
        do { route = try JSONDecoder().decode(NotificationRoute.self, from: data) } catch let error as DecodingError {
            throw Problem.badRequest("request.invalid_field", sentence(error))
        }
        // What was understood, said again: a member that is missing there was not understood.
        let known = try JSONSerialization.jsonObject(with: Data(WireJSON.bytes(route)))
        if let unknown = unknownMember(object, known, "") {
            throw Problem.badRequest("request.unknown_field", "The body has a member that this route does not know: \(unknown.prefix(64)).")
        }
        return route
    }

    private static func unknownMember(_ sent: Any, _ known: Any, _ path: String) -> String? {
        switch (sent, known) {
        case (let sent as [String: Any], let known as [String: Any]):
            for name in sent.keys.sorted() {
                let member = path.isEmpty ? name : "\(path).\(name)"
                guard let value = sent[name], !(value is NSNull) else { continue }
                guard let other = known[name] else { return member }
                if let unknown = unknownMember(value, other, member) { return unknown }
            }
            return nil
        case (let sent as [Any], let known as [Any]):
            for (one, other) in zip(sent, known) {
                if let unknown = unknownMember(one, other, path) { return unknown }
            }
            return nil
        default: return nil
        }
    }

    private static func sentence(_ error: DecodingError) -> String {
        func path(_ keys: [any CodingKey]) -> String { keys.map(\.stringValue).joined(separator: ".") }
        return switch error {
        case .keyNotFound(let key, let context): "The body needs a member \(path(context.codingPath + [key]))."
        case .typeMismatch(_, let context), .valueNotFound(_, let context), .dataCorrupted(let context):
            "Member \(path(context.codingPath)) cannot be read. The description of this interface shows what it takes."
        @unknown default: "The body cannot be read."
        }
    }
}
