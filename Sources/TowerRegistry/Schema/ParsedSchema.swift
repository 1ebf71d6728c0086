import TowerWire

/// A schema that was understood.
public enum ParsedSchema: Sendable {
    case avro(AvroSchema)
    case json(JSONSchema)

    /// - Parameter references: by name as the schema calls them, in an order in which each needs only those before it.
    public static func parse(_ type: SchemaType, _ text: String, references: [(name: String, text: String)] = [])
        throws(SchemaFault)
        -> ParsedSchema
    {
        let tree = try Self.tree(text)
        var others: [(name: String, tree: JSONTree)] = []
        for reference in references { others.append((reference.name, try Self.tree(reference.text))) }
        switch type {
        case .avro: return .avro(try AvroSchema(tree, references: others))
        case .json: return .json(try JSONSchema(tree, references: others))
        }
    }

    /// Steps from the version before; Avro has none, its aliases, defaults and promotions do that.
    var operations: [UpcastOperation] {
        guard case .json(let schema) = self else { return [] }
        return schema.operations
    }

    private static func tree(_ text: String) throws(SchemaFault) -> JSONTree {
        do throws(JSONTree.Fault) {
            return try JSONTree.parse(text, limits: SchemaLimits.text)
        } catch {
            throw SchemaFault("#", "not a JSON value: \(error)")
        }
    }

    /// Why data written with `writer` cannot be read with this schema; empty when all of it can.
    public func differences(reading writer: ParsedSchema) -> [SchemaDifference] {
        switch (self, writer) {
        case (.avro(let reader), .avro(let writer)): AvroCompatibility.differences(reader: reader, writer: writer)
        case (.json(let reader), .json(let writer)): JSONSchemaCompatibility.differences(original: writer, update: reader)
        default: [SchemaDifference("SCHEMA_TYPE_CHANGED", "#", "the language of the schema may not change within a subject")]
        }
    }
}
