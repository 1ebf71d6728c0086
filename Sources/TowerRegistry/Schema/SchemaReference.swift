/// Another registered schema that a schema builds on.
public struct SchemaReference: Sendable, Hashable {
    /// What the schema calls it: the full name of an Avro type, the `$ref` of a JSON schema.
    public var name: String
    public var subject: String
    public var version: Int
    public init(name: String, subject: String, version: Int) {
        self.name = name
        self.subject = subject
        self.version = version
    }
}
