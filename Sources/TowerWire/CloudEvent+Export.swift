import TowerModel

extension CloudEvent {
    /// The members of one JSON object, raw.
    private typealias Members = [(name: String, json: [UInt8])]

    /// The CloudEvent of an envelope as the log holds it.
    init(envelope: UnsafeRawBufferPointer) throws(EnvelopeError) {
        let members = try Self.members(envelope)
        for name in EventDecoder.EnvelopeField.names where name != "metadata" {
            guard members.contains(where: { $0.name == name }) else {
                throw EnvelopeError(.missingField, field: name, column: 1, reason: "the event has no \(name)")
            }
        }
        self = Self.restored(members) ?? Self(ours: members)
    }

    private static func members(_ json: UnsafeRawBufferPointer) throws(EnvelopeError) -> Members {
        var scanner = JSONScanner(json)
        do throws(JSONScanner.Failure) {
            // What is in the log has passed the door, whose bounds are its own.
            let found = try scanner.onlyObject(maxDepth: 512, maxMembers: 4 * maxAttributes)
            return found.map { ($0.name, scanner.slice($0.value)) }
        } catch {
            throw EnvelopeError(error.code, column: error.at + 1, reason: "\(error.reason)")
        }
    }

    private static func members(_ json: [UInt8]) -> Members? {
        json.withUnsafeBytes { bytes in
            do throws(EnvelopeError) { return try members(bytes) } catch { return nil }
        }
    }

    /// An event of our own: attributes from the eight fields.
    private init(ours members: Members) {
        func field(_ name: String) -> [UInt8] { members.first { $0.name == name }?.json ?? [] }
        func attribute(_ name: String, _ field: [UInt8]) -> Attribute { Attribute(name, json: field, text: Self.text(field)) }
        let tenant = Self.text(field("tenant_id")) ?? ""
        attributes = [
            Attribute("specversion", "1.0"), attribute("id", field("event_id")), Attribute("source", Self.ownSource(tenant)),
            attribute("type", field("event_type")), attribute("subject", field("site_id")), attribute("time", field("timestamp")),
            Attribute("datacontenttype", "application/json"), attribute("tenantid", field("tenant_id")),
            attribute("dataversion", field("version")),
        ]
        let metadata = field("metadata")
        if !metadata.isEmpty {
            attributes.append(Attribute(CloudEvents.metadataExtension, String(decoding: metadata, as: UTF8.self)))
        }
        data = .json(field("payload"))
    }

    /// The CloudEvent that the envelope came from; `nil` when it came from none, or somebody wrote `cloudevents` by hand so
    /// that another envelope would come of it.
    private static func restored(_ members: Members) -> CloudEvent? {
        guard let metadata = members.first(where: { $0.name == "metadata" }).flatMap({ Self.members($0.json) }),
            metadata.count == 1, metadata[0].name == "cloudevents", let rest = Self.members(metadata[0].json),
            let event = CloudEvent(members, rest)
        else { return nil }
        do throws(EnvelopeError) { try event.check() } catch { return nil }
        // The proof is to go the way in again.
        let timestamp = text(field("timestamp", members)).map { Array($0.utf8) } ?? []
        guard let at = timestamp.withUnsafeBytes({ Timestamp.parse($0) }) else { return nil }
        var again: [UInt8] = []
        let tenant = text(field("tenant_id", members)) ?? ""
        do throws(EnvelopeError) {
            _ = try event.writeEnvelope(tenant: tenant, receivedAt: at, limits: .standard, into: &again)
        } catch {
            return nil
        }
        guard let back = Self.members(again), back.count == members.count,
            back.allSatisfy({ member in field(member.name, members) == member.json })
        else { return nil }
        return event
    }

    private static func field(_ name: String, _ members: Members) -> [UInt8] { members.first { $0.name == name }?.json ?? [] }

    /// Attributes from `cloudevents` where it has them, from the eight fields where it has not.
    private init?(_ members: Members, _ rest: Members) {
        let fields = [
            ("id", "event_id"), ("type", "event_type"), ("subject", "site_id"), ("time", "timestamp"), ("tenantid", "tenant_id"),
        ]
        let null = Array("null".utf8)
        attributes = [Attribute("specversion", "1.0")]
        var kind: String?
        // In their order, because the record that comes of them is compared byte for byte.
        for (name, json) in rest {
            if name == Self.payloadIs {
                kind = Self.text(json)
            } else if json != null {
                guard Self.isName(name), Self.isAttributeValue(json), attributes.count < Self.maxAttributes else { return nil }
                attributes.append(Attribute(name, json: json, text: Self.text(json)))
            }
        }
        for (name, field) in fields where !rest.contains(where: { $0.name == name }) {
            let json = Self.field(field, members)
            attributes.append(Attribute(name, json: json, text: Self.text(json)))
        }
        let payload = Self.field("payload", members)
        switch kind {
        case nil: data = .json(payload)
        case "absent": data = .absent
        case "value":
            guard let only = Self.members(payload), only.count == 1, only[0].name == "data" else { return nil }
            data = .json(only[0].json)
        case "base64":
            guard let only = Self.members(payload), only.count == 1, only[0].name == "data_base64",
                Self.text(only[0].json).flatMap(Base64.decode) != nil
            else { return nil }
            data = .base64(only[0].json)
        default: return nil
        }
    }
}
