/// What is registered: equal content of one owner has one id.
public struct SchemaContent: Sendable, Hashable {
    public var type: SchemaType
    /// JSON without white space.
    public var text: String
    public var references: [SchemaReference]
    /// The contract's metadata as JSON; `nil` when there is none.
    public var metadata: String?
    public init(type: SchemaType, text: String, references: [SchemaReference] = [], metadata: String? = nil) {
        self.type = type
        self.text = text
        self.references = references
        self.metadata = metadata
    }
}
