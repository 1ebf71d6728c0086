public import TowerWire

extension SchemaContent {
    /// The contract's list of references.
    public var referencesTree: JSONTree {
        .array(
            references.map {
                .object([
                    .init("name", .string($0.name)), .init("subject", .string($0.subject)), .init("version", .number($0.version)),
                ])
            })
    }

    /// - Returns: `nil` for what is no list of references; absent and null are none.
    public static func references(_ tree: JSONTree?) -> [SchemaReference]? {
        guard let tree, tree != .null else { return [] }
        guard let items = tree.items else { return nil }
        var references: [SchemaReference] = []
        for item in items {
            guard let name = item["name"]?.text, let subject = item["subject"]?.text, let version = item["version"]?.integer
            else {
                return nil
            }
            references.append(SchemaReference(name: name, subject: subject, version: version))
        }
        return references
    }
}
