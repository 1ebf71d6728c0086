/// One way in which a reader's schema cannot read what a writer's schema allows.
public struct SchemaDifference: Sendable, Hashable {
    /// Stable, in capitals: `READER_FIELD_MISSING_DEFAULT_VALUE`, `PROPERTY_ADDED_TO_OPEN_CONTENT_MODEL`.
    public var kind: String
    /// JSON pointer into the schema.
    public var path: String
    /// What it is and what to do, as a sentence.
    public var reason: String
    public init(_ kind: String, _ path: String, _ reason: String) {
        self.kind = kind
        self.path = path
        self.reason = reason
    }
}
