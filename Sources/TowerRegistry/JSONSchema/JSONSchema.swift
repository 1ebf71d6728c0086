public import TowerWire

/// A JSON Schema, compiled into a graph of nodes: a schema that refers to itself is an edge back.
///
/// - Source: draft-07 and 2020-12, the part that people and serializers use: types, properties, required, content models,
///   enum and const, bounds, items, the combinations, `$ref` in the document and to references. `format` and annotations say
///   nothing; a `pattern` is compared but never run, because its cost has no bound.
public struct JSONSchema: Sendable {
    public struct Types: OptionSet, Sendable, Hashable {
        public let rawValue: UInt8
        public init(rawValue: UInt8) { self.rawValue = rawValue }
        public static let null = Types(rawValue: 1)
        public static let boolean = Types(rawValue: 2)
        public static let integer = Types(rawValue: 4)
        /// Includes whole numbers.
        public static let number = Types(rawValue: 8 | 4)
        public static let string = Types(rawValue: 16)
        public static let array = Types(rawValue: 32)
        public static let object = Types(rawValue: 64)
        public static let any = Types(rawValue: 127)

        init?(name: String) {
            switch name {
            case "null": self = .null
            case "boolean": self = .boolean
            case "integer": self = .integer
            case "number": self = .number
            case "string": self = .string
            case "array": self = .array
            case "object": self = .object
            default: return nil
            }
        }

        var words: String {
            let names: [(Types, String)] = [
                (.null, "null"), (.boolean, "boolean"), (.number, "number"), (.string, "string"), (.array, "array"),
                (.object, "object"),
            ]
            var found = names.filter { isSuperset(of: $0.0) }.map(\.1)
            if contains(.integer), !isSuperset(of: .number) { found.append("integer") }
            return found.isEmpty ? "nothing" : found.joined(separator: " or ")
        }
    }

    /// What is said of properties (or items) that no other keyword names.
    public enum Rest: Sendable, Hashable {
        case open
        case closed
        case schema(Int)
    }

    /// Bounds by keyword; what is absent bounds nothing.
    public struct Bounds: Sendable, Hashable {
        public var minimum: Double?
        public var maximum: Double?
        public var exclusiveMinimum: Double?
        public var exclusiveMaximum: Double?
        public var multipleOf: Double?
        public var minLength: Int?
        public var maxLength: Int?
        public var minItems: Int?
        public var maxItems: Int?
        public var minProperties: Int?
        public var maxProperties: Int?
    }

    public struct Node: Sendable {
        /// `false`: nothing fits.
        public var isNever = false
        public var types = Types.any
        public var properties: [(name: String, node: Int)] = []
        public var required: Set<String> = []
        public var patterns: [(pattern: String, node: Int)] = []
        public var additional = Rest.open
        /// `nil` when any value will do.
        public var values: [JSONTree]?
        public var bounds = Bounds()
        public var pattern: String?
        public var uniqueItems = false
        public var prefixItems: [Int] = []
        public var items = Rest.open
        public var allOf: [Int] = []
        public var anyOf: [Int] = []
        public var oneOf: [Int] = []
        public var not: Int?
        public var reference: Int?
        public var hasDefault = false
        /// Keywords that are compared as they are written: dependencies, conditions.
        public var others: [String: String] = [:]

        public func property(_ name: String) -> Int? { properties.first { $0.name == name }?.node }

        /// True for `true`, `{}` and annotations alone.
        var isAnything: Bool {
            !isNever && types == .any && properties.isEmpty && required.isEmpty && patterns.isEmpty && additional == .open
                && values == nil
                && bounds == Bounds() && pattern == nil && !uniqueItems && prefixItems.isEmpty && items == .open && allOf.isEmpty
                && anyOf.isEmpty && oneOf.isEmpty && not == nil && reference == nil && others.isEmpty
        }
    }

    public internal(set) var nodes: [Node]
    public internal(set) var root: Int
    /// Steps that make payloads of this version from those of the one before (`x-upcast`).
    public let operations: [UpcastOperation]
    /// What events call this version (`x-version`), `major << 16 | minor`; `nil` when it does not say.
    public let label: UInt32?

    /// - Parameter references: documents that `$ref` may name.
    init(_ tree: JSONTree, references: [(name: String, tree: JSONTree)]) throws(SchemaFault) {
        var compiler = JSONSchemaCompiler(tree, references: references)
        root = try compiler.compile()
        nodes = compiler.nodes
        switch tree["x-upcast"].map(UpcastOperation.list) {
        case .none: operations = []
        case .some(.success(let list)): operations = list
        case .some(.failure(let fault)): throw SchemaFault("#/x-upcast/\(fault.index)", fault.reason)
        }
        guard let text = tree["x-version"] else {
            label = nil
            return
        }
        guard let version = text.text.flatMap(Self.label) else {
            throw SchemaFault("#/x-version", "a text like \"1.2\" is wanted")
        }
        label = version
    }

    /// `major.minor` as events carry it.
    static func label(_ text: String) -> UInt32? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false).map { UInt16($0) }
        guard parts.count == 2, let major = parts[0], let minor = parts[1] else { return nil }
        return UInt32(major) << 16 | UInt32(minor)
    }

    /// The node that a reference stands for, where the node says nothing else.
    func target(_ index: Int) -> Int {
        var index = index
        var steps = 0
        while let next = nodes[index].reference, isOnlyReference(index), steps < nodes.count {
            index = next
            steps += 1
        }
        return index
    }

    private func isOnlyReference(_ index: Int) -> Bool {
        var node = nodes[index]
        node.reference = nil
        return node.isAnything
    }
}
