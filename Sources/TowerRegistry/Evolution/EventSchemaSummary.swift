public import TowerModel

/// An event type's schemas as a tenant has them, and who uses which.
public struct EventSchemaSummary: Sendable, Hashable, Codable {
    public struct Version: Sendable, Hashable, Codable {
        /// In the subject, from 1.
        public var version: Int
        /// What events call it.
        public var label: String
        public var id: Int32
        public var schemaType: String
        /// Steps from the version before.
        public var upcastSteps: Int
        enum CodingKeys: String, CodingKey {
            case version, label, id
            case schemaType = "schema_type"
            case upcastSteps = "upcast_steps"
        }
    }

    /// A version that is being produced or read.
    public struct Use: Sendable, Hashable, Codable {
        public var version: String
        /// `producer` or `consumer`.
        public var side: String
        public var who: String
        public var firstSeenAt: Timestamp
        public var lastSeenAt: Timestamp
        public var events: Int64
        /// Whether the version is registered.
        public var isRegistered: Bool
        enum CodingKeys: String, CodingKey {
            case version, side, who, events
            case firstSeenAt = "first_seen_at"
            case lastSeenAt = "last_seen_at"
            case isRegistered = "registered"
        }
    }

    public var eventType: String
    public var subject: String
    /// `platform` or `tenant`; `none` for a type that is produced without a schema.
    public var origin: String
    public var compatibility: String
    public var versions: [Version]
    public var uses: [Use]
    enum CodingKeys: String, CodingKey {
        case subject, origin, compatibility, versions, uses
        case eventType = "event_type"
    }
}

extension SchemaRegistry {
    /// Every event type the tenant has a schema for or uses, by name.
    public nonisolated func summaries(_ tenant: TenantID, _ usage: SchemaUsage) -> [EventSchemaSummary] {
        let state = state
        let uses = Dictionary(grouping: usage.entries(of: tenant), by: \.type)
        let suffix = "-value"
        let types = Set(state.subjectNames(tenant).filter { $0.hasSuffix(suffix) }.map { String($0.dropLast(suffix.count)) })
        return types.union(uses.keys).sorted().map { Self.summary($0, tenant, state, uses[$0] ?? []) }
    }

    /// One event type; `nil` when the tenant neither has a schema for it nor uses it.
    public nonisolated func summary(of type: String, _ tenant: TenantID, _ usage: SchemaUsage) -> EventSchemaSummary? {
        let state = state
        let uses = usage.entries(of: tenant).filter { $0.type == type }
        guard !uses.isEmpty || !state.versions(tenant, Self.subject(ofEventType: type)).isEmpty else { return nil }
        return Self.summary(type, tenant, state, uses)
    }

    private static func summary(_ type: String, _ tenant: TenantID, _ state: RegistryState, _ uses: [SchemaUsage.Entry])
        -> EventSchemaSummary
    {
        let subject = subject(ofEventType: type)
        let versions = state.versions(tenant, subject).map { version -> EventSchemaSummary.Version in
            var label = UInt32(truncatingIfNeeded: version.version) << 16
            var steps = 0
            if case .json(let schema)? = try? state.parse(tenant, version.content) {
                label = schema.label ?? label
                steps = schema.operations.count
            }
            return .init(
                version: version.version, label: "\(label >> 16).\(label & 0xFFFF)", id: version.id,
                schemaType: version.content.type.rawValue, upcastSteps: steps)
        }
        let isOwn = !state.ownVersions(tenant, subject).isEmpty
        let labels = Set(versions.map(\.label))
        return EventSchemaSummary(
            eventType: type, subject: subject, origin: versions.isEmpty ? "none" : isOwn ? "tenant" : "platform",
            compatibility: state.effectiveLevel(tenant, subject).rawValue, versions: versions,
            uses: uses.map {
                .init(
                    version: $0.version, side: $0.side.rawValue, who: $0.who, firstSeenAt: $0.firstSeenAt,
                    lastSeenAt: $0.lastSeenAt,
                    events: $0.events, isRegistered: labels.contains($0.version))
            })
    }
}
