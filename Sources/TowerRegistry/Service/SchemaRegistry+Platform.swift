public import TowerModel
import TowerWire

extension SchemaRegistry {
    /// The subject that holds an event type's payload schema.
    public static func subject(ofEventType type: String) -> String { type + "-value" }

    /// Registers the catalogue's schemas as the platform's, where they are new or have changed.
    ///
    /// - Returns: how many versions were added.
    @discardableResult
    public func registerPlatform(_ types: [EventTypeSpec] = EventCatalog.standard.types) async throws(RegistryError) -> Int {
        var contents: [(subject: String, content: SchemaContent)] = []
        for type in types {
            contents.append(
                (Self.subject(ofEventType: type.name), try Self.content(type: .json, text: SchemaDocument.json(for: type))))
        }
        return try await add(contents)
    }

    /// Registers the schema of the whole event as the platform's for topics of a broker, `TOPIC-value` each.
    ///
    /// - Returns: the id, one for all of them.
    public func registerEnvelope(of topics: [String]) async throws(RegistryError) -> Int32 {
        let content = try Self.content(type: .json, text: SchemaDocument.envelope)
        _ = try await add(topics.map { (subject: $0 + "-value", content: content) })
        guard let id = state.ids[.init(tenant: RegistryState.platform, content: content)] else {
            throw .tooMany("the schema of the event has no id")
        }
        return id
    }

    /// - Returns: how many versions were added.
    private func add(_ wanted: [(subject: String, content: SchemaContent)]) async throws(RegistryError) -> Int {
        return try await change { (registry, state) throws(RegistryError) in
            var records: [RegistryRecord] = []
            var added: [SchemaContent: Int32] = [:]
            var last = state.lastID
            for (subject, content) in wanted {
                let own = state.ownVersions(RegistryState.platform, subject)
                if own.last?.content == content { continue }
                let known = state.ids[.init(tenant: RegistryState.platform, content: content)] ?? added[content]
                var id = known ?? last
                while known == nil {
                    guard id < Int32.max else { throw .tooMany("every id is taken") }
                    id += 1
                    if state.contents[id] == nil { break }
                }
                last = max(last, id)
                added[content] = id
                records.append(
                    .version(
                        RegisteredVersion(
                            tenant: RegistryState.platform, subject: subject, version: (own.last?.version ?? 0) + 1, id: id,
                            content: content,
                            isDeleted: false, writer: registry.writer)))
            }
            return (records, records.count)
        }
    }
}
