public import TowerWire

/// An Avro schema (specification 1.11) as a graph of nodes: a named type that holds itself is an edge back.
public struct AvroSchema: Sendable {
    public enum Primitive: String, Sendable, CaseIterable {
        case null, boolean, int, long, float, double, bytes, string
    }

    public struct Field: Sendable {
        public var name: String
        public var aliases: [String]
        public var type: Int
        public var fallback: JSONTree?
    }

    public enum Node: Sendable {
        case primitive(Primitive)
        case record(fields: [Field])
        case enumeration(symbols: [String], fallback: String?)
        case fixed(size: Int)
        case array(Int)
        case map(Int)
        case union([Int])
        /// A named type whose body is being read; none is left in a finished schema.
        case pending
    }

    /// Names of a record, enumeration or fixed.
    public struct Name: Sendable, Hashable {
        /// With its namespace.
        public var full: String
        public var aliases: [String]
        /// Without the namespace.
        public var short: String { String(full.split(separator: ".").last ?? "") }
    }

    public internal(set) var nodes: [Node] = []
    /// By node; `nil` where a node has no name.
    public internal(set) var names: [Name?] = []
    public internal(set) var root = 0

    /// - Parameter references: schemas whose named types this one may use.
    init(_ tree: JSONTree, references: [(name: String, tree: JSONTree)]) throws(SchemaFault) {
        var parser = AvroParser()
        for reference in references {
            _ = try parser.node(reference.tree, namespace: "", path: "#reference/\(reference.name)", depth: 0)
        }
        root = try parser.node(tree, namespace: "", path: "#", depth: 0)
        try parser.checkDefaults()
        nodes = parser.nodes
        names = parser.names
    }

    /// A node in words, for messages.
    func describe(_ index: Int) -> String {
        if let name = names[index] { return name.full }
        return switch nodes[index] {
        case .primitive(let primitive): primitive.rawValue
        case .array: "array"
        case .map: "map"
        case .union: "union"
        case .record: "record"
        case .enumeration: "enum"
        case .fixed: "fixed"
        case .pending: "type"
        }
    }
}
