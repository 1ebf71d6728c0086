import TowerModel
import TowerWire

extension RegistryState {
    /// Understands a schema with everything it refers to, as the tenant sees it.
    ///
    /// - Parameter steps: upcasters to run over the schema first, oldest first: it then describes what they make of its data.
    /// - Throws: 42201.
    func parse(_ tenant: TenantID, _ content: SchemaContent, upcastBy steps: [UpcastOperation] = []) throws(RegistryError)
        -> ParsedSchema
    {
        var references: [(name: String, text: String)] = []
        var met: Set<SchemaReference> = []
        try collect(tenant, content, depth: 0, &references, &met)
        do throws(SchemaFault) {
            guard !steps.isEmpty else { return try ParsedSchema.parse(content.type, content.text, references: references) }
            guard var tree = try? JSONTree.parse(content.text, limits: SchemaLimits.text) else {
                throw SchemaFault("#", "not a JSON value")
            }
            tree.set("x-upcast", nil)
            for step in steps { try step.apply(toSchema: &tree) }
            return try ParsedSchema.parse(content.type, tree.compact, references: references)
        } catch {
            throw .invalidSchema("\(error)")
        }
    }

    /// References before what needs them, each once.
    private func collect(
        _ tenant: TenantID, _ content: SchemaContent, depth: Int, _ references: inout [(name: String, text: String)],
        _ met: inout Set<SchemaReference>
    ) throws(RegistryError) {
        guard depth < SchemaLimits.maxReferenceDepth, content.references.count + references.count <= SchemaLimits.maxReferences
        else {
            throw .invalidSchema("more references than a schema may have")
        }
        for reference in content.references where met.insert(reference).inserted {
            let versions = versions(tenant, reference.subject, withDeleted: true)
            let found =
                reference.version == -1 ? versions.last { !$0.isDeleted } : versions.first { $0.version == reference.version }
            guard let found else {
                throw .invalidSchema(
                    "no schema reference found for subject \"\(reference.subject.prefix(255))\" and version \(reference.version)")
            }
            try collect(tenant, found.content, depth: depth + 1, &references, &met)
            references.append((reference.name, found.content.text))
        }
    }
}
