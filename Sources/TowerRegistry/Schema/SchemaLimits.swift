public import TowerWire

/// Bounds of what is registered: a schema is read by every consumer, so a hostile one must stay cheap.
public enum SchemaLimits {
    /// Bytes, depth and values of one schema's text.
    public static let text = JSONTree.Limits(maxBytes: 256 << 10, maxDepth: 64, maxNodes: 20_000)
    /// Schemas and named types of one compiled schema, referenced ones included.
    public static let maxNodes = 20_000
    /// References of one schema, and how deep references may refer.
    public static let maxReferences = 100
    public static let maxReferenceDepth = 16
    /// Pairs of nodes that one comparison looks at.
    public static let maxComparisons = 100_000
    /// Differences that one comparison reports.
    public static let maxDifferences = 50
    /// Subjects of a tenant, and versions of a subject.
    public static let maxSubjects = 10_000
    public static let maxVersions = 1_000
    public static let maxSubjectBytes = 255
}
