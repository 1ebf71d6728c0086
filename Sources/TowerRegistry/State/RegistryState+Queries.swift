public import TowerModel

extension RegistryState {
    /// Versions of a subject as a tenant sees it: its own, else the platform's. By rising number.
    public func versions(_ tenant: TenantID, _ subject: String, withDeleted: Bool = false) -> [RegisteredVersion] {
        let own = subjects[SubjectKey(tenant: tenant, subject: subject)]
        let found = own ?? subjects[SubjectKey(tenant: Self.platform, subject: subject)] ?? []
        return withDeleted ? found : found.filter { !$0.isDeleted }
    }

    /// Versions of a subject that the tenant may change: never the platform's.
    func ownVersions(_ tenant: TenantID, _ subject: String) -> [RegisteredVersion] {
        subjects[SubjectKey(tenant: tenant, subject: subject)] ?? []
    }

    func ownSubjectNames(_ tenant: TenantID) -> [String] { subjects.keys.filter { $0.tenant == tenant }.map(\.subject).sorted() }

    func ownSubjects(_ tenant: TenantID) -> Int { subjects.keys.count { $0.tenant == tenant } }

    /// Names of the subjects a tenant sees, sorted. One whose versions are all softly deleted is shown with the deleted.
    public func subjectNames(_ tenant: TenantID, withDeleted: Bool = false, onlyDeleted: Bool = false) -> [String] {
        var names: Set<String> = []
        for (key, versions) in subjects where key.tenant == tenant || key.tenant == Self.platform {
            // A tenant's own subject hides the platform's of the same name.
            if key.tenant != tenant, subjects[SubjectKey(tenant: tenant, subject: key.subject)] != nil { continue }
            let isAlive = versions.contains { !$0.isDeleted }
            if onlyDeleted ? !isAlive : isAlive || withDeleted { names.insert(key.subject) }
        }
        return names.sorted()
    }

    /// A schema by id, where the tenant may see it.
    public func content(_ tenant: TenantID, id: Int32) -> SchemaContent? {
        guard let found = contents[id], found.tenant == tenant || found.tenant == Self.platform else { return nil }
        return found.content
    }

    /// Where an id is used, among what the tenant sees.
    public func uses(_ tenant: TenantID, id: Int32, withDeleted: Bool = false) -> [RegisteredVersion] {
        subjects.filter { $0.key.tenant == tenant || $0.key.tenant == Self.platform }
            .flatMap { $0.value.filter { $0.id == id && (withDeleted || !$0.isDeleted) } }
            .sorted { ($0.subject, $0.version) < ($1.subject, $1.version) }
    }

    /// Every version the tenant sees, by subject and version.
    public func allVersions(_ tenant: TenantID, withDeleted: Bool = false) -> [RegisteredVersion] {
        subjectNames(tenant, withDeleted: withDeleted).flatMap { versions(tenant, $0, withDeleted: withDeleted) }
    }

    func id(_ tenant: TenantID, of content: SchemaContent) -> Int32? {
        ids[ContentKey(tenant: tenant, content: content)] ?? ids[ContentKey(tenant: Self.platform, content: content)]
    }

    public func level(_ tenant: TenantID, _ subject: String?) -> CompatibilityLevel? {
        levels[SubjectKey(tenant: tenant, subject: subject ?? "")]
    }
    public func mode(_ tenant: TenantID, _ subject: String?) -> RegistryMode? {
        modes[SubjectKey(tenant: tenant, subject: subject ?? "")]
    }

    public func effectiveLevel(_ tenant: TenantID, _ subject: String) -> CompatibilityLevel {
        level(tenant, subject) ?? level(tenant, nil) ?? .backward
    }

    public func effectiveMode(_ tenant: TenantID, _ subject: String) -> RegistryMode {
        mode(tenant, subject) ?? mode(tenant, nil) ?? .readWrite
    }

    /// Versions, not softly deleted, that refer to this one.
    public func referrers(_ tenant: TenantID, subject: String, version: Int) -> [RegisteredVersion] {
        subjects.filter { $0.key.tenant == tenant }
            .flatMap {
                $0.value.filter {
                    !$0.isDeleted && $0.content.references.contains { $0.subject == subject && $0.version == version }
                }
            }
            .sorted { ($0.subject, $0.version) < ($1.subject, $1.version) }
    }

    /// Distinct schemas, the platform's included.
    public var schemaCount: Int { contents.count }

    /// Owners of at least one subject, the platform included.
    public var tenants: [TenantID] { Set(subjects.keys.map(\.tenant)).sorted { $0.rawValue < $1.rawValue } }
}
