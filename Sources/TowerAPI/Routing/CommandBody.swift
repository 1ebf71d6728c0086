import Foundation

/// Strict reading of a command's body: one JSON object whose members are known strings, lists or objects of strings.
enum CommandBody {
    /// What was read, by name.
    struct Members: Sendable {
        var texts: [String: String] = [:]
        var lists: [String: [String]] = [:]
        var objects: [String: [String: String]] = [:]
    }

    /// - Parameter contentType: `application/json`; may be absent only when the body is empty.
    /// - Throws: `Problem` 400 (naming the member) or 415.
    static func parse(_ bytes: [UInt8], contentType: String?, fields: [Route.BodyField]) throws -> Members {
        if bytes.isEmpty {
            try requireAll(fields, in: Members())
            return Members()
        }
        let mediaType = contentType?.split(separator: ";").first.map { $0.trimmingCharacters(in: .whitespaces).lowercased() }
        guard mediaType == "application/json" else {
            throw Problem(415, "request.unsupported_media_type", "Send the body as application/json.")
        }
        guard let object = try? JSONSerialization.jsonObject(with: Data(bytes)) as? [String: Any] else {
            throw Problem.badRequest("request.malformed_body", "The body must be one JSON object.")
        }
        var members = Members()
        for name in object.keys.sorted() {
            guard let field = fields.first(where: { $0.name == name }) else {
                throw Problem.badRequest(
                    "request.unknown_field", "The body has a member that this route does not know: \(name.prefix(64)).")
            }
            switch field.kind {
            case .text: members.texts[name] = try text(object[name], name, field)
            case .list(let itemsMax):
                guard let items = object[name] as? [Any], items.count <= itemsMax else {
                    throw Problem.badRequest("request.invalid_field", "Member \(name) must be a list of at most \(itemsMax) strings.")
                }
                members.lists[name] = try items.map { try text($0, "\(name)[]", field) }
            case .object(let known):
                guard let inner = object[name] as? [String: Any] else {
                    throw Problem.badRequest("request.invalid_field", "Member \(name) must be an object.")
                }
                if let stranger = inner.keys.sorted().first(where: { !known.contains($0) }) {
                    throw Problem.badRequest(
                        "request.unknown_field", "Member \(name) has a member that this route does not know: \(stranger.prefix(64)).")
                }
                members.objects[name] = try inner.reduce(into: [:]) { $0[$1.key] = try text($1.value, "\(name).\($1.key)", field) }
            }
        }
        try requireAll(fields, in: members)
        return members
    }

    private static func text(_ value: Any?, _ name: String, _ field: Route.BodyField) throws -> String {
        guard let value = value as? String else {
            throw Problem.badRequest("request.invalid_field", "Member \(name) must be a string.")
        }
        guard value.utf8.count <= field.bytesMax else {
            throw Problem.badRequest("request.invalid_field", "Member \(name) must be at most \(field.bytesMax) bytes long.")
        }
        return value
    }

    private static func requireAll(_ fields: [Route.BodyField], in members: Members) throws {
        for field in fields where field.isRequired && (members.texts[field.name] ?? "").isEmpty {
            throw Problem.badRequest("request.missing_field", "The body needs a non-empty member \(field.name).")
        }
    }
}
