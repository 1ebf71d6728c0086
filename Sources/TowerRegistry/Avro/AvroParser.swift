import TowerWire

/// Reads the JSON form of an Avro schema. Logical types and unknown attributes are passed over, as the specification says.
struct AvroParser {
    private(set) var nodes: [AvroSchema.Node] = []
    private(set) var names: [AvroSchema.Name?] = []
    private var byName: [String: Int] = [:]
    private var primitives: [AvroSchema.Primitive: Int] = [:]
    /// Defaults, checked when all types are known.
    private var defaults: [(value: JSONTree, node: Int, path: String)] = []

    /// The node of a schema at `path`.
    mutating func node(_ tree: JSONTree, namespace: String, path: String, depth: Int) throws(SchemaFault) -> Int {
        guard depth < SchemaLimits.text.maxDepth else { throw SchemaFault(path, "nested too deeply") }
        guard nodes.count < SchemaLimits.maxNodes else { throw SchemaFault(path, "more types than a schema may have") }
        switch tree {
        case .string(let name): return try reference(name, namespace: namespace, path: path)
        case .array(let branches): return try union(branches, namespace: namespace, path: path, depth: depth)
        case .object: return try object(tree, namespace: namespace, path: path, depth: depth)
        default: throw SchemaFault(path, "a schema is a name, an object or a list of schemas")
        }
    }

    private mutating func add(_ node: AvroSchema.Node, _ name: AvroSchema.Name? = nil) -> Int {
        nodes.append(node)
        names.append(name)
        return nodes.count - 1
    }

    private mutating func primitive(_ primitive: AvroSchema.Primitive) -> Int {
        if let known = primitives[primitive] { return known }
        let made = add(.primitive(primitive))
        primitives[primitive] = made
        return made
    }

    private mutating func reference(_ name: String, namespace: String, path: String) throws(SchemaFault) -> Int {
        if let known = AvroSchema.Primitive(rawValue: name) { return primitive(known) }
        if !name.contains("."), !namespace.isEmpty, let known = byName[namespace + "." + name] { return known }
        if let known = byName[name] { return known }
        throw SchemaFault(
            path, "there is no type \(name.prefix(128)); define it before it is used, or refer to the schema that does")
    }

    private mutating func union(_ branches: [JSONTree], namespace: String, path: String, depth: Int) throws(SchemaFault) -> Int {
        var found: [Int] = []
        var kinds: Set<String> = []
        for (index, branch) in branches.enumerated() {
            let place = "\(path)/\(index)"
            let made = try node(branch, namespace: namespace, path: place, depth: depth + 1)
            if case .union = nodes[made] { throw SchemaFault(place, "a union may not hold a union directly") }
            guard kinds.insert(kind(made)).inserted else { throw SchemaFault(place, "a union may hold \(kind(made)) only once") }
            found.append(made)
        }
        return add(.union(found))
    }

    private func kind(_ index: Int) -> String {
        if let name = names[index] { return name.full }
        return switch nodes[index] {
        case .primitive(let primitive): primitive.rawValue
        case .array: "array"
        case .map: "map"
        default: "union"
        }
    }

    private mutating func object(_ tree: JSONTree, namespace: String, path: String, depth: Int) throws(SchemaFault) -> Int {
        guard let type = tree["type"] else { throw SchemaFault(path, "`type` is missing") }
        guard case .string(let type) = type else {
            return try node(type, namespace: namespace, path: path + "/type", depth: depth + 1)
        }
        switch type {
        case "record", "error": return try record(tree, namespace: namespace, path: path, depth: depth)
        case "enum": return try enumeration(tree, namespace: namespace, path: path)
        case "fixed":
            guard let size = tree["size"]?.integer, size >= 0 else { throw SchemaFault(path + "/size", "a fixed needs a size") }
            return try named(tree, namespace: namespace, path: path, .fixed(size: size)).index
        case "array":
            guard let items = tree["items"] else { throw SchemaFault(path, "an array needs `items`") }
            return add(.array(try node(items, namespace: namespace, path: path + "/items", depth: depth + 1)))
        case "map":
            guard let values = tree["values"] else { throw SchemaFault(path, "a map needs `values`") }
            return add(.map(try node(values, namespace: namespace, path: path + "/values", depth: depth + 1)))
        default: return try reference(type, namespace: namespace, path: path + "/type")
        }
    }

    /// Files a named type; the namespace is the one that names inside it belong to.
    private mutating func named(_ tree: JSONTree, namespace: String, path: String, _ node: AvroSchema.Node) throws(SchemaFault)
        -> (index: Int, namespace: String)
    {
        guard let given = tree["name"]?.text else { throw SchemaFault(path, "`name` is missing") }
        let space = given.contains(".") ? "" : tree["namespace"]?.text ?? namespace
        let full = given.contains(".") || space.isEmpty ? given : space + "." + given
        guard full.split(separator: ".", omittingEmptySubsequences: false).allSatisfy(Self.isName) else {
            throw SchemaFault(
                path + "/name", "\(full.prefix(128)) is no name: letters, digits and _ between dots, no digit first")
        }
        guard AvroSchema.Primitive(rawValue: full) == nil else {
            throw SchemaFault(path + "/name", "\(full) is a primitive type")
        }
        guard byName[full] == nil else { throw SchemaFault(path + "/name", "\(full) is defined twice") }
        let inner = full.split(separator: ".").dropLast().joined(separator: ".")
        let aliases = try Self.names(tree["aliases"], path: path + "/aliases").map {
            $0.contains(".") || inner.isEmpty ? $0 : inner + "." + $0
        }
        let index = add(node, AvroSchema.Name(full: full, aliases: aliases))
        byName[full] = index
        return (index, inner)
    }

    private mutating func record(_ tree: JSONTree, namespace: String, path: String, depth: Int) throws(SchemaFault) -> Int {
        let (index, inner) = try named(tree, namespace: namespace, path: path, .pending)
        guard let items = tree["fields"]?.items else { throw SchemaFault(path, "a record needs `fields`, a list") }
        var fields: [AvroSchema.Field] = []
        var known: Set<String> = []
        for (number, item) in items.enumerated() {
            let place = "\(path)/fields/\(number)"
            guard let name = item["name"]?.text, Self.isName(name[...]) else {
                throw SchemaFault(place + "/name", "a field needs a name of letters, digits and _")
            }
            guard known.insert(name).inserted else { throw SchemaFault(place + "/name", "\(name) is there twice") }
            guard let type = item["type"] else { throw SchemaFault(place, "`type` is missing") }
            let made = try node(type, namespace: inner, path: place + "/type", depth: depth + 1)
            let fallback = item["default"]
            if let fallback { defaults.append((fallback, made, place + "/default")) }
            fields.append(
                AvroSchema.Field(
                    name: name, aliases: try Self.names(item["aliases"], path: place + "/aliases"), type: made, fallback: fallback
                ))
        }
        nodes[index] = .record(fields: fields)
        return index
    }

    private mutating func enumeration(_ tree: JSONTree, namespace: String, path: String) throws(SchemaFault) -> Int {
        guard let items = tree["symbols"]?.items else { throw SchemaFault(path, "an enum needs `symbols`, a list") }
        var symbols: [String] = []
        for item in items {
            guard let symbol = item.text, Self.isName(symbol[...]) else {
                throw SchemaFault(path + "/symbols", "a symbol is letters, digits and _, no digit first")
            }
            symbols.append(symbol)
        }
        guard Set(symbols).count == symbols.count else { throw SchemaFault(path + "/symbols", "a symbol is there twice") }
        let fallback = tree["default"]?.text
        if let fallback, !symbols.contains(fallback) {
            throw SchemaFault(path + "/default", "\(fallback) is none of the symbols")
        }
        return try named(tree, namespace: namespace, path: path, .enumeration(symbols: symbols, fallback: fallback)).index
    }

    /// Whether every default is a value of its type; a union's is one of its first branch.
    func checkDefaults() throws(SchemaFault) {
        for entry in defaults where !fits(entry.value, entry.node, depth: 0) {
            throw SchemaFault(entry.path, "\(entry.value.compact.prefix(64)) is no value of type \(kind(entry.node))")
        }
    }

    private func fits(_ value: JSONTree, _ index: Int, depth: Int) -> Bool {
        guard depth < SchemaLimits.text.maxDepth else { return false }
        switch nodes[index] {
        case .primitive(let primitive): return Self.fits(value, primitive)
        case .record(let fields):
            guard value.members != nil else { return false }
            return fields.allSatisfy { field in
                (value[field.name] ?? field.fallback).map { fits($0, field.type, depth: depth + 1) } ?? false
            }
        case .enumeration(let symbols, _): return value.text.map(symbols.contains) ?? false
        case .fixed(let size): return value.text.map { $0.unicodeScalars.count == size } ?? false
        case .array(let items): return value.items?.allSatisfy { fits($0, items, depth: depth + 1) } ?? false
        case .map(let values): return value.members?.allSatisfy { fits($0.value, values, depth: depth + 1) } ?? false
        // The specification wants the first branch; since 1.12 any branch will do, and clients write both.
        case .union(let branches): return branches.contains { fits(value, $0, depth: depth + 1) }
        case .pending: return false
        }
    }

    private static func fits(_ value: JSONTree, _ primitive: AvroSchema.Primitive) -> Bool {
        switch primitive {
        case .null: value == .null
        case .boolean: value.flag != nil
        case .int: value.integer.map { Int32(exactly: $0) != nil } ?? false
        case .long: value.integer != nil
        case .float, .double: value.double != nil || ["NaN", "INF", "-INF", "Infinity", "-Infinity"].contains(value.text ?? "")
        case .bytes, .string: value.text != nil
        }
    }

    private static func names(_ tree: JSONTree?, path: String) throws(SchemaFault) -> [String] {
        guard let tree else { return [] }
        guard let items = tree.items else { throw SchemaFault(path, "aliases are a list of names") }
        var names: [String] = []
        for item in items {
            guard let name = item.text, name.split(separator: ".", omittingEmptySubsequences: false).allSatisfy(isName) else {
                throw SchemaFault(path, "aliases are a list of names")
            }
            names.append(name)
        }
        return names
    }

    private static func isName(_ text: Substring) -> Bool {
        guard let first = text.utf8.first, !(0x30...0x39).contains(first) else { return false }
        return text.utf8.allSatisfy { byte in
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x5F: true
            default: false
            }
        }
    }
}
