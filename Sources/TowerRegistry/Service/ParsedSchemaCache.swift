import TowerModel

/// Schemas that were understood before; forgets all of them when there are many.
struct ParsedSchemaCache {
    private struct Key: Hashable {
        var tenant: TenantID
        var content: SchemaContent
    }
    private var schemas: [Key: ParsedSchema] = [:]
    private static let maxSchemas = 512

    subscript(tenant: TenantID, content: SchemaContent) -> ParsedSchema? {
        get { schemas[Key(tenant: tenant, content: content)] }
        set {
            // Referenced versions may be deleted and come back as something else, so only what stands alone is kept.
            guard content.references.isEmpty else { return }
            if schemas.count >= Self.maxSchemas { schemas.removeAll(keepingCapacity: true) }
            schemas[Key(tenant: tenant, content: content)] = newValue
        }
    }
}
