public import TowerModel

extension SchemaRegistry {
    /// The version, seen anew from the log when it is not known yet.
    public func version(
        _ tenant: TenantID, subject: String, _ selector: VersionSelector, withDeleted: Bool = false
    ) async throws(RegistryError) -> RegistryVersion {
        try await reading { (_, state) throws(RegistryError) in
            RegistryVersion(try Self.find(tenant, subject, selector, withDeleted: withDeleted, in: state))
        }
    }

    static func find(
        _ tenant: TenantID, _ subject: String, _ selector: VersionSelector, withDeleted: Bool, in state: RegistryState
    ) throws(RegistryError) -> RegisteredVersion {
        let versions = state.versions(tenant, subject, withDeleted: withDeleted)
        guard !versions.isEmpty else { throw .subjectNotFound(subject) }
        switch selector {
        case .latest: return versions[versions.count - 1]
        case .number(let number):
            guard let found = versions.first(where: { $0.version == number }) else { throw .versionNotFound(number) }
            return found
        }
    }

    public func schema(_ tenant: TenantID, id: Int32) async throws(RegistryError) -> SchemaContent {
        try await reading { (_, state) throws(RegistryError) in
            guard let content = state.content(tenant, id: id) else { throw .schemaNotFound }
            return content
        }
    }

    /// The version of the subject with this content.
    public func lookup(
        _ tenant: TenantID, subject: String, _ content: SchemaContent, withDeleted: Bool = false
    ) async throws(RegistryError) -> RegistryVersion {
        try await reading { (_, state) throws(RegistryError) in
            let versions = state.versions(tenant, subject, withDeleted: withDeleted)
            guard !versions.isEmpty else { throw .subjectNotFound(subject) }
            let wanted = content.text
            let found =
                versions.last { $0.content == content }
                // The same schema in other words: members in another order, metadata not given.
                ?? versions.last {
                    $0.content.type == content.type && $0.content.references == content.references && $0.content.text == wanted
                }
            guard let found else { throw .schemaNotFound }
            return RegistryVersion(found)
        }
    }

    /// Why the content could not follow what the selector names; all versions when it is `nil`.
    public func incompatibilities(
        _ tenant: TenantID, subject: String, _ content: SchemaContent, with selector: VersionSelector?
    ) async throws(RegistryError) -> [String] {
        try await reading { (registry, state) throws(RegistryError) in
            let history = state.versions(tenant, subject, withDeleted: true)
            let alive = history.filter { !$0.isDeleted }
            let level = state.effectiveLevel(tenant, subject)
            let others: [RegisteredVersion]
            switch selector {
            case .none: others = level.isTransitive ? alive : alive.suffix(1)
            case .some(let selector): others = [try Self.find(tenant, subject, selector, withDeleted: false, in: state)]
            }
            let schema = try registry.parse(tenant, content, in: state)
            return try registry.refusals(
                tenant, schema, named: "the new schema", after: history, against: others, level: level, in: state)
        }
    }

    /// Asks what is known, and again after reading the topic when something was not found: another process may have written it.
    private func reading<Answer: Sendable>(
        _ ask: (isolated SchemaRegistry, RegistryState) throws(RegistryError) -> Answer
    ) async throws(RegistryError) -> Answer {
        do throws(RegistryError) {
            return try ask(self, state)
        } catch {
            guard error.status == 404 else { throw error }
            let before = revision
            try await catchUp()
            guard revision != before else { throw error }
            return try ask(self, state)
        }
    }
}
