/// A schema as it is handed in.
public struct RegistrationRequest: Sendable, Hashable {
    public var content: SchemaContent
    /// Only in mode IMPORT.
    public var id: Int32?
    public var version: Int?
    public init(content: SchemaContent, id: Int32? = nil, version: Int? = nil) {
        self.content = content
        self.id = id
        self.version = version
    }
}
