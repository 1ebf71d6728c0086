public import TowerModel
public import TowerStreaming
import TowerWire

/// One record of `towerco.platform.schemas`: the registry's state is these, applied in order.
///
/// - Shape: key and value are JSON objects; the key names the thing, so that compaction keeps its last state; an empty value
///   says that it is gone. docs/registry.md draws both.
public enum RegistryRecord: Sendable, Hashable {
    case version(RegisteredVersion)
    case versionGone(tenant: TenantID, subject: String, version: Int, writer: String)
    /// `nil` subject: the tenant's default. `nil` level: not set any more.
    case compatibility(tenant: TenantID, subject: String?, CompatibilityLevel?)
    case mode(tenant: TenantID, subject: String?, RegistryMode?)
    /// Ids up to this were given out: written before a schema goes for good, so that its id is not given again.
    case lastID(Int32)

    public static let topic = TopicName("towerco.platform.schemas")

    var key: String {
        switch self {
        case .version(let version):
            Self.key("SCHEMA", version.tenant, version.subject, version.version, version.writer)
        case .versionGone(let tenant, let subject, let version, let writer): Self.key("SCHEMA", tenant, subject, version, writer)
        case .compatibility(let tenant, let subject, _): Self.key("CONFIG", tenant, subject)
        case .mode(let tenant, let subject, _): Self.key("MODE", tenant, subject)
        case .lastID: #"{"keytype":"IDS"}"#
        }
    }

    private static func key(
        _ kind: String, _ tenant: TenantID, _ subject: String?, _ version: Int? = nil, _ writer: String? = nil
    ) -> String {
        var members: [JSONTree.Member] = [.init("keytype", .string(kind)), .init("tenant", .string(tenant.rawValue))]
        if let subject { members.append(.init("subject", .string(subject))) }
        if let version { members.append(.init("version", .number(version))) }
        if let writer { members.append(.init("writer", .string(writer))) }
        return JSONTree.object(members).compact
    }

    private var value: String {
        switch self {
        case .version(let version): Self.value(version)
        case .versionGone, .compatibility(_, _, nil), .mode(_, _, nil): ""
        case .compatibility(_, _, let level?): JSONTree.object([.init("compatibilityLevel", .string(level.rawValue))]).compact
        case .mode(_, _, let mode?): JSONTree.object([.init("mode", .string(mode.rawValue))]).compact
        case .lastID(let id): JSONTree.object([.init("last", .number(Int(id)))]).compact
        }
    }

    private static func value(_ version: RegisteredVersion) -> String {
        var members: [JSONTree.Member] = [
            .init("id", .number(Int(version.id))), .init("schemaType", .string(version.content.type.rawValue)),
            .init("schema", .string(version.content.text)),
        ]
        if !version.content.references.isEmpty { members.append(.init("references", version.content.referencesTree)) }
        if let metadata = version.content.metadata { members.append(.init("metadata", .string(metadata))) }
        if version.isImported { members.append(.init("imported", .bool(true))) }
        if version.isDeleted { members.append(.init("deleted", .bool(true))) }
        return JSONTree.object(members).compact
    }

    public var record: Record {
        Record(topic: Self.topic, key: Array(key.utf8), value: Array(value.utf8))
    }

    /// - Returns: `nil` for a record that is none of the registry's, or of a later version of it.
    public init?(_ record: Record) {
        guard let keyBytes = record.key, let key = try? JSONTree.parse(keyBytes), let kind = key["keytype"]?.text else {
            return nil
        }
        let value = record.value.isEmpty ? nil : try? JSONTree.parse(record.value, limits: Self.limits)
        let tenant = TenantID(key["tenant"]?.text ?? "")
        let subject = key["subject"]?.text
        switch kind {
        case "SCHEMA":
            guard let subject, let version = key["version"]?.integer, let writer = key["writer"]?.text else { return nil }
            guard !record.value.isEmpty else {
                self = .versionGone(tenant: tenant, subject: subject, version: version, writer: writer)
                return
            }
            guard let value, let id = value["id"]?.integer.flatMap({ Int32(exactly: $0) }),
                let type = value["schemaType"]?.text.flatMap(SchemaType.init(rawValue:)), let text = value["schema"]?.text
            else { return nil }
            let content = SchemaContent(
                type: type, text: text, references: SchemaContent.references(value["references"]) ?? [],
                metadata: value["metadata"]?.text)
            self = .version(
                RegisteredVersion(
                    tenant: tenant, subject: subject, version: version, id: id, content: content,
                    isDeleted: value["deleted"]?.flag ?? false, writer: writer,
                    isImported: value["imported"]?.flag ?? false))
        case "CONFIG":
            self = .compatibility(
                tenant: tenant, subject: subject, value?["compatibilityLevel"]?.text.flatMap(CompatibilityLevel.init(rawValue:)))
        case "MODE": self = .mode(tenant: tenant, subject: subject, value?["mode"]?.text.flatMap(RegistryMode.init(rawValue:)))
        case "IDS": self = .lastID(Int32(exactly: value?["last"]?.integer ?? 0) ?? 0)
        default: return nil
        }
    }

    /// A schema inside a text inside a value.
    private static let limits = JSONTree.Limits(maxBytes: 4 << 20, maxDepth: 16, maxNodes: 10_000)
}
