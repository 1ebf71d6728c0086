/// Language of a schema, as the registry's contract calls it.
public enum SchemaType: String, Sendable, Hashable, CaseIterable {
    case avro = "AVRO"
    case json = "JSON"
}
