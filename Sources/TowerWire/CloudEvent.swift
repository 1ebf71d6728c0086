/// One CloudEvent, its values as the JSON they were written in.
struct CloudEvent: Sendable {
    struct Attribute: Sendable, Hashable {
        var name: String
        /// The value as JSON.
        var json: [UInt8]
        /// The value when it is a text.
        var text: String?

        init(_ name: String, json: [UInt8], text: String?) {
            self.name = name
            self.json = json
            self.text = text
        }

        init(_ name: String, _ text: String) {
            var buffer = JSONBuffer(capacity: text.utf8.count + 2)
            buffer.value(text)
            self.init(name, json: buffer.bytes, text: text)
        }
    }

    enum Data: Sendable, Hashable {
        case absent
        /// Any JSON value.
        case json([UInt8])
        /// A JSON string of base64.
        case base64([UInt8])
    }

    /// In their order; each name once. Never `data` or `data_base64`.
    var attributes: [Attribute] = []
    var data = Data.absent
    /// Where `data` began in the text this was read from.
    var dataAt: Int?

    /// More names than any producer sends; each becomes part of a record.
    static let maxAttributes = 64

    subscript(_ name: String) -> Attribute? { attributes.first { $0.name == name } }
    func text(_ name: String) -> String? { self[name]?.text }
}

extension CloudEvent {
    /// Reads the JSON format.
    init(json: UnsafeRawBufferPointer, limits: DecodeLimits) throws(EnvelopeError) {
        guard json.count <= limits.maxBytes else {
            throw EnvelopeError(
                .lineTooLong, column: limits.maxBytes + 1, reason: "\(json.count) bytes, \(limits.maxBytes) are allowed")
        }
        var scanner = JSONScanner(json)
        let members: [JSONScanner.Member]
        do throws(JSONScanner.Failure) {
            members = try scanner.onlyObject(maxDepth: limits.maxDepth, maxMembers: Self.maxAttributes + 2)
        } catch {
            throw EnvelopeError(error.code, column: error.at + 1, reason: "\(error.reason)")
        }
        for member in members { try take(member, scanner) }
        try check()
    }

    private mutating func take(_ member: JSONScanner.Member, _ scanner: JSONScanner) throws(EnvelopeError) {
        let raw = scanner.slice(member.value)
        let text = Self.text(raw)
        let column = member.value.lowerBound + 1
        switch member.name {
        case "data", "data_base64":
            // A null data_base64 is an unset one; a null data is a value.
            if member.name == "data_base64", raw == Array("null".utf8) { return }
            guard data == .absent else {
                throw EnvelopeError(
                    .badAttribute, field: member.name, column: column, reason: "data and data_base64 exclude each other")
            }
            dataAt = member.value.lowerBound
            guard member.name == "data_base64" else { return data = .json(raw) }
            guard let text, Base64.decode(text) != nil else {
                throw EnvelopeError(
                    .badAttribute, field: member.name, column: column, reason: "not a text of base64 with padding")
            }
            data = .base64(raw)
        default:
            guard Self.isName(member.name) else {
                throw EnvelopeError(
                    .badAttribute, field: String(member.name.prefix(64)), column: member.at + 1,
                    reason: "an attribute's name is made of a-z and 0-9")
            }
            if raw == Array("null".utf8) { return }
            guard Self.isAttributeValue(raw) else {
                throw EnvelopeError(
                    .badAttribute, field: member.name, column: column, reason: "no text, whole number of 32 bits, true or false")
            }
            attributes.append(Attribute(member.name, json: raw, text: text))
        }
    }

    /// What the specification asks of the attributes it defines.
    func check() throws(EnvelopeError) {
        for name in ["specversion", "id", "source", "type"] where self[name] == nil {
            throw EnvelopeError(.missingAttribute, field: name, column: 1, reason: "the event has no \(name)")
        }
        let texts = [
            "specversion", "id", "source", "type", "subject", "time", "datacontenttype", "dataschema", "tenantid",
        ]
        for name in texts {
            guard let attribute = self[name] else { continue }
            guard let text = attribute.text, !text.isEmpty else {
                throw EnvelopeError(.badAttribute, field: name, column: 1, reason: "\(name) is a text that is not empty")
            }
        }
        guard text("specversion") == "1.0" else {
            throw EnvelopeError(
                .badSpecVersion, field: "specversion", column: 1, reason: "\((text("specversion") ?? "").prefix(20)) is not 1.0")
        }
        // A URI reference has none, and the derived id relies on it.
        if text("source")?.utf8.contains(where: { $0 <= 0x20 || $0 == 0x7F }) == true {
            throw EnvelopeError(.badAttribute, field: "source", column: 1, reason: "a source has no white space")
        }
    }

    /// `data` is no attribute, though it is spelled like one.
    static func isName(_ name: String) -> Bool {
        !name.isEmpty && name != "data" && name.utf8.count <= 128
            && name.utf8.allSatisfy { (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) }
    }

    /// The text of a JSON string; `nil` for another value.
    static func text(_ json: [UInt8]) -> String? {
        guard json.first == 0x22 else { return nil }
        return json.withUnsafeBytes { bytes in
            let scanner = JSONScanner(bytes)
            let isEscaped = json.contains(0x5C)
            return EventDecoder.unescaped(scanner, JSONScanner.Text(start: 1, end: bytes.count - 1, isEscaped: isEscaped))
        }
    }

    /// A text, true, false or a whole number of 32 bits; of valid JSON.
    static func isAttributeValue(_ json: [UInt8]) -> Bool {
        switch json.first {
        case 0x22, 0x74, 0x66: true
        default: Int32(String(decoding: json, as: UTF8.self)) != nil
        }
    }

    /// The JSON format.
    var json: [UInt8] {
        var out = JSONBuffer(capacity: 512)
        out.beginObject()
        for attribute in attributes {
            out.key(attribute.name)
            out.raw(attribute.json)
        }
        switch data {
        case .absent: break
        case .json(let value):
            out.key("data")
            out.raw(value)
        case .base64(let value):
            out.key("data_base64")
            out.raw(value)
        }
        out.endObject()
        return out.bytes
    }
}
