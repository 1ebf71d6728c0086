import Foundation

/// Strict reading of a command's body: one JSON object whose members are known strings.
enum CommandBody {
    /// - Parameter contentType: `application/json`; may be absent only when the body is empty.
    /// - Throws: `Problem` 400 (naming the member) or 415.
    static func parse(_ bytes: [UInt8], contentType: String?, fields: [Route.BodyField]) throws -> [String: String] {
        if bytes.isEmpty {
            try requireAll(fields, in: [:])
            return [:]
        }
        let mediaType = contentType?.split(separator: ";").first.map { $0.trimmingCharacters(in: .whitespaces).lowercased() }
        guard mediaType == "application/json" else {
            throw Problem(415, "request.unsupported_media_type", "Send the body as application/json.")
        }
        guard let object = try? JSONSerialization.jsonObject(with: Data(bytes)) as? [String: Any] else {
            throw Problem.badRequest("request.malformed_body", "The body must be one JSON object.")
        }
        var values: [String: String] = [:]
        for name in object.keys.sorted() {
            guard let field = fields.first(where: { $0.name == name }) else {
                throw Problem.badRequest(
                    "request.unknown_field", "The body has a member that this route does not know: \(name.prefix(64)).")
            }
            guard let value = object[name] as? String else {
                throw Problem.badRequest("request.invalid_field", "Member \(name) must be a string.")
            }
            guard value.utf8.count <= field.bytesMax else {
                throw Problem.badRequest("request.invalid_field", "Member \(name) must be at most \(field.bytesMax) bytes long.")
            }
            values[name] = value
        }
        try requireAll(fields, in: values)
        return values
    }

    private static func requireAll(_ fields: [Route.BodyField], in values: [String: String]) throws {
        for field in fields where field.isRequired && (values[field.name] ?? "").isEmpty {
            throw Problem.badRequest("request.missing_field", "The body needs a non-empty member \(field.name).")
        }
    }
}
