extension CloudEvent {
    /// Reads attributes from headers and data from a body (HTTP binding, 3.1).
    init(headers: [(name: String, value: String)], contentType: String?, body: UnsafeRawBufferPointer, limits: DecodeLimits)
        throws(EnvelopeError)
    {
        for header in headers {
            let name = header.name.lowercased()
            guard name.hasPrefix(CloudEvents.headerPrefix) else { continue }
            let attribute = String(name.dropFirst(CloudEvents.headerPrefix.count))
            guard Self.isName(attribute) else {
                throw EnvelopeError(
                    .badAttribute, field: String(attribute.prefix(64)), column: 1,
                    reason: "an attribute's name is made of a-z and 0-9")
            }
            guard self[attribute] == nil else {
                throw EnvelopeError(.duplicateKey, field: attribute, column: 1, reason: "the header is there twice")
            }
            guard let value = HeaderText.decode(header.value), attribute != "datacontenttype" else {
                throw EnvelopeError(
                    .badAttribute, field: attribute, column: 1,
                    reason: attribute == "datacontenttype" ? "Content-Type says it" : "not percent-encoded UTF-8")
            }
            guard attributes.count < Self.maxAttributes else {
                throw EnvelopeError(.tooManyFields, field: attribute, column: 1, reason: "one attribute too many")
            }
            attributes.append(Attribute(attribute, value))
        }
        if let contentType, !contentType.isEmpty { attributes.append(Attribute("datacontenttype", contentType)) }
        try check()
        if body.isEmpty { return }
        guard Self.isJSON(contentType) else {
            data = .base64([0x22] + Base64.encode(body) + [0x22])
            return
        }
        var scanner = JSONScanner(body)
        do throws(JSONScanner.Failure) {
            _ = try scanner.next()
            let start = scanner.at
            try scanner.skipValue(depth: 2, maxDepth: limits.maxDepth)
            data = .json(scanner.slice(start..<scanner.at))
            dataAt = start
            try scanner.finish()
        } catch {
            throw EnvelopeError(error.code, field: "data", column: error.at + 1, reason: "\(error.reason)")
        }
    }

    /// No content type means JSON.
    private static func isJSON(_ contentType: String?) -> Bool {
        guard let contentType, !contentType.isEmpty else { return true }
        let type = contentType.prefix { $0 != ";" }.filter { $0 != " " && $0 != "\t" }.lowercased()
        return type.hasSuffix("/json") || type.hasSuffix("+json")
    }

    /// Headers and body.
    var message: CloudEvents.Message {
        var message = CloudEvents.Message(headers: [], contentType: text("datacontenttype"), body: [])
        for attribute in attributes where attribute.name != "datacontenttype" {
            let value = attribute.text ?? String(decoding: attribute.json, as: UTF8.self)
            message.headers.append(.init(name: CloudEvents.headerPrefix + attribute.name, value: HeaderText.encode(value)))
        }
        switch data {
        case .absent: break
        case .json(let value):
            // With another content type a JSON string stands for its text.
            let isText = !Self.isJSON(message.contentType)
            message.body = isText ? Self.text(value).map { Array($0.utf8) } ?? value : value
            if message.contentType == nil { message.contentType = "application/json" }
        case .base64(let value): message.body = Self.text(value).flatMap(Base64.decode) ?? []
        }
        return message
    }
}

/// Attribute values in headers (HTTP binding, 3.1.3.2).
enum HeaderText {
    static func encode(_ text: String) -> String {
        let digits = Array("0123456789ABCDEF".utf8)
        var out: [UInt8] = []
        for byte in text.utf8 {
            if (0x21...0x7E).contains(byte), byte != 0x22, byte != 0x25 {
                out.append(byte)
            } else {
                out += [0x25, digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return String(decoding: out, as: UTF8.self)
    }

    /// Takes quotes away, then one round of percent-encoding; `nil` when no UTF-8 comes of it.
    static func decode(_ value: String) -> String? {
        var bytes = Array(value.utf8)
        if bytes.count >= 2, bytes.first == 0x22, bytes.last == 0x22 {
            var plain: [UInt8] = []
            var isEscaped = false
            for byte in bytes[1..<bytes.count - 1] {
                if byte == 0x5C, !isEscaped {
                    isEscaped = true
                    continue
                }
                plain.append(byte)
                isEscaped = false
            }
            bytes = plain
        }
        var out: [UInt8] = []
        var index = 0
        while index < bytes.count {
            if bytes[index] == 0x25, index + 2 < bytes.count, let high = digit(bytes[index + 1]),
                let low = digit(bytes[index + 2])
            {
                out.append(high << 4 | low)
                index += 3
            } else {
                out.append(bytes[index])
                index += 1
            }
        }
        return String(validating: out, as: UTF8.self)
    }

    private static func digit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case 0x30...0x39: byte - 0x30
        case 0x41...0x46: byte - 0x41 + 10
        case 0x61...0x66: byte - 0x61 + 10
        default: nil
        }
    }
}
