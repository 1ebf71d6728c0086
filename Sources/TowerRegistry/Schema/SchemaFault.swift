/// Why a text is no schema that is understood.
public struct SchemaFault: Error, Sendable, Hashable, CustomStringConvertible {
    /// JSON pointer into the schema.
    public var path: String
    public var reason: String
    public init(_ path: String, _ reason: String) {
        self.path = path.isEmpty ? "#" : path
        self.reason = reason
    }
    public var description: String { "\(path): \(reason)" }
}
