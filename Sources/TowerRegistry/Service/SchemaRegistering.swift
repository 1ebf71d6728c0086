/// What producers and consumers ask of a registry: the one in the house, or another's by its address.
///
/// - Errors: `RegistryError`, its code that of the contract.
public protocol SchemaRegistering: Sendable {
    /// The schema of an id.
    func schema(id: Int32) async throws -> SchemaContent
    /// The id of that content under the subject; a new version when it is new and compatible.
    func register(subject: String, _ content: SchemaContent) async throws -> Int32
    /// The version that has this content.
    func lookup(subject: String, _ content: SchemaContent) async throws -> RegistryVersion
    func latest(subject: String) async throws -> RegistryVersion
    /// Why this content could not follow the latest version; empty when it could.
    func incompatibilities(subject: String, _ content: SchemaContent) async throws -> [String]
}

/// A version as a client sees it.
public struct RegistryVersion: Sendable, Hashable {
    public var subject: String
    public var version: Int
    public var id: Int32
    public var content: SchemaContent
    public init(subject: String, version: Int, id: Int32, content: SchemaContent) {
        self.subject = subject
        self.version = version
        self.id = id
        self.content = content
    }
}
