public import TowerModel

/// Everything the registry knows: a pure fold of its topic, so that a restart and another process come to the same.
///
/// - Ids: one space for the whole log, so that an id in a framed value says everything; equal content of one tenant has one
///   id, and content that the platform has already has the platform's. Two tenants never share an id of their own.
public struct RegistryState: Sendable {
    /// Owner of what comes with the product; every tenant may read it. No tenant can have this name.
    public static let platform = TenantID("@platform")

    struct SubjectKey: Hashable, Sendable {
        var tenant: TenantID
        /// Empty: the tenant's default.
        var subject: String
    }
    struct ContentKey: Hashable, Sendable {
        var tenant: TenantID
        var content: SchemaContent
    }
    struct Content: Sendable {
        var tenant: TenantID
        var content: SchemaContent
        /// Versions that have it, softly deleted ones included.
        var uses: Int
    }

    /// Versions by rising number, softly deleted ones included.
    private(set) var subjects: [SubjectKey: [RegisteredVersion]] = [:]
    private(set) var contents: [Int32: Content] = [:]
    private(set) var ids: [ContentKey: Int32] = [:]
    private(set) var levels: [SubjectKey: CompatibilityLevel] = [:]
    private(set) var modes: [SubjectKey: RegistryMode] = [:]
    /// The highest id that the registry itself gave out.
    private(set) var lastID: Int32 = 0
    /// Changes with every record that changed something.
    public private(set) var revision: UInt64 = 0

    public init() {}

    /// What became of a record.
    public enum Outcome: Sendable, Hashable {
        case applied
        /// Another process was first with this version or id; its record counts.
        case lost
    }

    public mutating func apply(_ record: RegistryRecord) -> Outcome {
        switch record {
        case .version(let version):
            guard apply(version) else { return .lost }
        case .versionGone(let tenant, let subject, let version, let writer):
            guard remove(SubjectKey(tenant: tenant, subject: subject), version, writer) else { return .lost }
        case .compatibility(let tenant, let subject, let level):
            levels[SubjectKey(tenant: tenant, subject: subject ?? "")] = level
        case .mode(let tenant, let subject, let mode): modes[SubjectKey(tenant: tenant, subject: subject ?? "")] = mode
        case .lastID(let id): lastID = max(lastID, id)
        }
        revision += 1
        return .applied
    }

    private mutating func apply(_ version: RegisteredVersion) -> Bool {
        let key = SubjectKey(tenant: version.tenant, subject: version.subject)
        var versions = subjects[key] ?? []
        if let index = versions.firstIndex(where: { $0.version == version.version }) {
            // The same record again, or its deletion; never another schema in the same place.
            guard versions[index].writer == version.writer, versions[index].id == version.id else { return false }
            versions[index].isDeleted = version.isDeleted
            subjects[key] = versions
            return true
        }
        if let known = contents[version.id] {
            guard known.content == version.content, known.tenant == version.tenant || known.tenant == Self.platform else {
                return false
            }
        } else {
            contents[version.id] = Content(tenant: version.tenant, content: version.content, uses: 0)
            ids[ContentKey(tenant: version.tenant, content: version.content)] = version.id
        }
        contents[version.id]?.uses += 1
        // An id that came from another registry is no measure of ours.
        if !version.isImported { lastID = max(lastID, version.id) }
        let place = versions.firstIndex { $0.version > version.version } ?? versions.count
        versions.insert(version, at: place)
        subjects[key] = versions
        return true
    }

    private mutating func remove(_ key: SubjectKey, _ version: Int, _ writer: String) -> Bool {
        guard var versions = subjects[key],
            let index = versions.firstIndex(where: { $0.version == version && $0.writer == writer })
        else {
            return false
        }
        let gone = versions.remove(at: index)
        subjects[key] = versions.isEmpty ? nil : versions
        contents[gone.id]?.uses -= 1
        if let content = contents[gone.id], content.uses <= 0 {
            contents[gone.id] = nil
            ids[ContentKey(tenant: content.tenant, content: content.content)] = nil
        }
        return true
    }

    /// The id that new content gets.
    var nextID: Int32? {
        var id = lastID
        repeat {
            guard id < Int32.max else { return nil }
            id += 1
        } while contents[id] != nil
        return id
    }
}
