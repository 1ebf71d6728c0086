import TowerModel

extension CloudEvent {
    /// What the envelope's fields become, and from what.
    private struct Fields {
        var id: String
        var type: String
        var site: String
        var tenant: String
        var timestamp: String
        /// As JSON.
        var version: [UInt8]
    }

    /// Member of `cloudevents` that says what the payload holds. No attribute is called so: names have no underscore.
    static let payloadIs = "payload_is"

    /// Source of the events that began as ours.
    static func ownSource(_ tenant: String) -> String { "urn:towerco:tenant:\(tenant)" }

    /// Writes the envelope behind what `out` holds; on an error leaves it as it was.
    func writeEnvelope(tenant: String, receivedAt: Timestamp, limits: DecodeLimits, into out: inout [UInt8])
        throws(EnvelopeError) -> CloudEvents.Origin
    {
        let fields = try fields(tenant: tenant, receivedAt: receivedAt)
        var json = JSONBuffer(capacity: 512)
        json.beginObject()
        json.member("event_id", fields.id)
        json.member("event_type", fields.type)
        json.member("tenant_id", fields.tenant)
        json.member("site_id", fields.site)
        json.member("timestamp", fields.timestamp)
        json.key("version")
        json.raw(fields.version)
        json.key("payload")
        let payloadAt = out.count + json.bytes.count
        let isPlain = writePayload(&json)
        let payload = payloadAt..<out.count + json.bytes.count
        if isOurs(fields, limits) {
            if let metadata = text(CloudEvents.metadataExtension) {
                json.key("metadata")
                json.raw(Array(metadata.utf8))
            }
        } else {
            json.key("metadata")
            json.beginObject()
            json.key("cloudevents")
            writeRest(fields, &json)
            json.endObject()
        }
        json.endObject()
        out.append(contentsOf: json.bytes)
        return CloudEvents.Origin(payload: payload, dataAt: isPlain ? dataAt : nil)
    }

    private func fields(tenant: String, receivedAt: Timestamp) throws(EnvelopeError) -> Fields {
        let id = text("id") ?? ""
        let source = text("source") ?? ""
        let type = Self.eventType(text("type") ?? "")
        guard type.utf8.count <= 128 else {
            throw EnvelopeError(.badEventType, field: "type", column: 1, reason: "a type of more than 128 bytes")
        }
        guard let site = text("subject").flatMap(Self.site) ?? Self.site(source) else {
            throw EnvelopeError(
                .badSiteID, field: "subject", column: 1,
                reason: "neither subject nor source ends in an identifier of 1 to 128 of A-Z, a-z, 0-9 and . _ : -")
        }
        let time = text("time")
        if let time, Array(time.utf8).withUnsafeBytes({ Timestamp.parse($0) }) == nil {
            throw EnvelopeError(
                .badTimestamp, field: "time", column: 1, reason: "\(time.prefix(40)) is no RFC 3339 time with a zone")
        }
        return Fields(
            id: EventID(id) == nil ? CloudEvents.eventID(source: source, id: id).description : id, type: type, site: site,
            tenant: text("tenantid") ?? tenant, timestamp: time ?? receivedAt.description, version: version)
    }

    /// `dataversion`, else the version at the end of `dataschema`, else 1.0.
    private var version: [UInt8] {
        if let given = self["dataversion"], Self.isVersion(given.text ?? String(decoding: given.json, as: UTF8.self)) {
            return given.text.map { Attribute("", $0).json } ?? given.json
        }
        if let schema = text("dataschema") {
            var last = schema.split(omittingEmptySubsequences: false) { "/:#=".contains($0) }.last ?? ""
            if last.hasSuffix(".json") { last = last.dropLast(5) }
            if last.hasPrefix("v") { last = last.dropFirst() }
            if Self.isVersion(String(last)) { return Attribute("", String(last)).json }
        }
        return Array("\"1.0\"".utf8)
    }

    private static func isVersion(_ text: String) -> Bool {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        return (1...2).contains(parts.count)
            && parts.allSatisfy { part in
                part.utf8.count <= 5 && part.utf8.allSatisfy { $0 &- 0x30 < 10 } && UInt16(part) != nil
            }
    }

    /// Lower case, and an underscore for what dotted lower case does not have.
    static func eventType(_ type: String) -> String {
        var out: [UInt8] = []
        for scalar in type.unicodeScalars {
            switch scalar {
            case "a"..."z", "0"..."9", "_", "-": out.append(UInt8(scalar.value))
            case "A"..."Z": out.append(UInt8(scalar.value) + 0x20)
            case "." where !out.isEmpty && out.last != 0x2E: out.append(0x2E)
            default: out.append(0x5F)
            }
        }
        if out.last == 0x2E { out[out.count - 1] = 0x5F }
        return String(decoding: out, as: UTF8.self)
    }

    /// The last part of a path, without query and fragment, when it is an identifier.
    static func site(_ reference: String) -> String? {
        var path = Array(reference.utf8.prefix { $0 != 0x3F && $0 != 0x23 })
        while path.last == 0x2F { path.removeLast() }
        if let slash = path.lastIndex(of: 0x2F) { path.removeFirst(slash + 1) }
        guard (1...128).contains(path.count), path.withUnsafeBytes({ Identifier.firstBadByte(of: $0) }) == nil else { return nil }
        return String(decoding: path, as: UTF8.self)
    }

    /// Answers whether the payload is the data itself.
    private func writePayload(_ json: inout JSONBuffer) -> Bool {
        if case .json(let value) = data, value.first == 0x7B {
            json.raw(value)
            return true
        }
        json.beginObject()
        switch data {
        case .absent: break
        case .json(let value):
            json.key("data")
            json.raw(value)
        case .base64(let value):
            json.key("data_base64")
            json.raw(value)
        }
        json.endObject()
        return false
    }

    /// What the eight fields do not say: enough to write the same CloudEvent again.
    private func writeRest(_ fields: Fields, _ json: inout JSONBuffer) {
        json.beginObject()
        for attribute in attributes {
            switch attribute.name {
            case "specversion", "time", "tenantid": continue
            case "id" where attribute.text == fields.id: continue
            case "type" where attribute.text == fields.type: continue
            case "subject" where attribute.text == fields.site: continue
            default:
                json.key(attribute.name)
                json.raw(attribute.json)
            }
        }
        for name in ["subject", "time", "tenantid"] where self[name] == nil {
            json.key(name)
            json.null()
        }
        if let kind = payloadKind { json.member(Self.payloadIs, kind) }
        json.endObject()
    }

    private var payloadKind: String? {
        switch data {
        case .absent: "absent"
        case .base64: "base64"
        case .json(let value): value.first == 0x7B ? nil : "value"
        }
    }

    /// Whether this is what `init(ours:)` makes: then the envelope is the one it was made from.
    private func isOurs(_ fields: Fields, _ limits: DecodeLimits) -> Bool {
        var wanted: Set = [
            "specversion", "id", "source", "type", "subject", "time", "datacontenttype", "tenantid", "dataversion",
        ]
        if self[CloudEvents.metadataExtension] != nil { wanted.insert(CloudEvents.metadataExtension) }
        guard Set(attributes.map(\.name)) == wanted, payloadKind == nil else { return false }
        guard text("source") == Self.ownSource(fields.tenant), text("id") == fields.id, text("type") == fields.type,
            text("subject") == fields.site, text("datacontenttype") == "application/json",
            self["dataversion"].map({ $0.text.map { Attribute("", $0).json } ?? $0.json }) == fields.version
        else { return false }
        guard let attribute = self[CloudEvents.metadataExtension] else { return true }
        guard let metadata = attribute.text.map({ Array($0.utf8) }), metadata.first == 0x7B, metadata.last == 0x7D else {
            return false
        }
        return metadata.withUnsafeBytes { bytes in
            var scanner = JSONScanner(bytes)
            do throws(JSONScanner.Failure) {
                try scanner.skipValue(depth: 2, maxDepth: limits.maxDepth)
                try scanner.finish()
                return true
            } catch {
                return false
            }
        }
    }
}
