import TowerWire

/// Turns the JSON of a schema into nodes. References are followed by place, so each place is compiled once.
struct JSONSchemaCompiler {
    private(set) var nodes: [JSONSchema.Node] = []
    private let documents: [(name: String, tree: JSONTree)]
    private var places: [Place: Int] = [:]
    /// `$id` and `$anchor` of subschemas, by what a `$ref` would say.
    private var anchors: [String: Place] = [:]
    private var draft7: [Bool] = []

    private struct Place: Hashable {
        var document: Int
        var pointer: String
    }

    init(_ tree: JSONTree, references: [(name: String, tree: JSONTree)]) {
        documents = [("", tree)] + references
        for (index, document) in documents.enumerated() {
            let draft = document.tree["$schema"]?.text ?? ""
            draft7.append(!draft.contains("2019-09") && !draft.contains("2020-12"))
            collectAnchors(document.tree, Place(document: index, pointer: ""), depth: 0)
        }
    }

    private mutating func collectAnchors(_ tree: JSONTree, _ place: Place, depth: Int) {
        guard depth < SchemaLimits.text.maxDepth else { return }
        switch tree {
        case .object(let members):
            if let id = tree["$id"]?.text {
                let key = id.hasPrefix("#") ? "\(place.document)\(id)" : id.hasSuffix("#") ? String(id.dropLast()) : id
                if anchors[key] == nil { anchors[key] = place }
            }
            if let anchor = tree["$anchor"]?.text, anchors["\(place.document)#\(anchor)"] == nil {
                anchors["\(place.document)#\(anchor)"] = place
            }
            for member in members where member.name != "enum" && member.name != "const" && member.name != "default" {
                let step = member.name.replacing("~", with: "~0").replacing("/", with: "~1")
                collectAnchors(
                    member.value, Place(document: place.document, pointer: place.pointer + "/" + step), depth: depth + 1)
            }
        case .array(let items):
            for (index, item) in items.enumerated() {
                collectAnchors(item, Place(document: place.document, pointer: "\(place.pointer)/\(index)"), depth: depth + 1)
            }
        default: break
        }
    }

    mutating func compile() throws(SchemaFault) -> Int {
        // References are compiled too: a broken one is refused when it is registered, not when it is used.
        let root = try node(documents[0].tree, Place(document: 0, pointer: ""), depth: 0)
        try refuseCircles()
        return root
    }

    /// A schema that applies to a value only if it applies to that value says nothing, and checking it would not end.
    private func refuseCircles() throws(SchemaFault) {
        var uses = [Int](repeating: 0, count: nodes.count)
        func parts(_ node: JSONSchema.Node) -> [Int] {
            node.allOf + node.anyOf + node.oneOf + [node.not, node.reference].compactMap(\.self)
        }
        for node in nodes { for part in parts(node) { uses[part] += 1 } }
        var free = nodes.indices.filter { uses[$0] == 0 }
        var left = nodes.count
        while let index = free.popLast() {
            left -= 1
            for part in parts(nodes[index]) {
                uses[part] -= 1
                if uses[part] == 0 { free.append(part) }
            }
        }
        guard left == 0 else { throw SchemaFault("#", "a $ref leads back to itself without taking a step into the value") }
    }

    private mutating func node(_ tree: JSONTree, _ place: Place, depth: Int) throws(SchemaFault) -> Int {
        if let known = places[place] { return known }
        let path = "#" + place.pointer
        guard nodes.count < SchemaLimits.maxNodes, depth < 256 else { throw SchemaFault(path, "more schemas than one may have") }
        let index = nodes.count
        places[place] = index
        nodes.append(JSONSchema.Node())
        var node = JSONSchema.Node()
        switch tree {
        case .bool(let flag): node.isNever = !flag
        case .object: try read(tree, place, path, depth, &node)
        default: throw SchemaFault(path, "a schema is an object, true or false")
        }
        nodes[index] = node
        return index
    }

    private mutating func child(_ tree: JSONTree, _ place: Place, _ step: String, _ depth: Int) throws(SchemaFault) -> Int {
        try node(tree, Place(document: place.document, pointer: place.pointer + "/" + step), depth: depth + 1)
    }

    private mutating func children(_ tree: JSONTree?, _ place: Place, _ keyword: String, _ depth: Int) throws(SchemaFault)
        -> [Int]
    {
        guard let tree else { return [] }
        guard let items = tree.items, !items.isEmpty else {
            throw SchemaFault("#\(place.pointer)/\(keyword)", "a list of schemas is wanted")
        }
        var found: [Int] = []
        for (index, item) in items.enumerated() { found.append(try child(item, place, "\(keyword)/\(index)", depth)) }
        return found
    }

    private mutating func read(_ tree: JSONTree, _ place: Place, _ path: String, _ depth: Int, _ node: inout JSONSchema.Node)
        throws(SchemaFault)
    {
        if let reference = tree["$ref"] {
            guard let text = reference.text else { throw SchemaFault(path + "/$ref", "$ref is a text") }
            node.reference = try follow(text, from: place, path, depth)
            node.hasDefault = tree["default"] != nil
            // Draft 7 says that a $ref stands alone.
            if draft7[place.document] { return }
        }
        node.hasDefault = tree["default"] != nil
        try readValues(tree, path, &node)
        try readObject(tree, place, path, depth, &node)
        try readArray(tree, place, path, depth, &node)
        node.allOf = try children(tree["allOf"], place, "allOf", depth)
        node.anyOf = try children(tree["anyOf"], place, "anyOf", depth)
        node.oneOf = try children(tree["oneOf"], place, "oneOf", depth)
        if let not = tree["not"] { node.not = try child(not, place, "not", depth) }
        for keyword in [
            "if", "then", "else", "dependencies", "dependentRequired", "dependentSchemas", "contains", "propertyNames",
        ] {
            if let value = tree[keyword] { node.others[keyword] = value.canonical }
        }
    }

    private func readValues(_ tree: JSONTree, _ path: String, _ node: inout JSONSchema.Node) throws(SchemaFault) {
        if let type = tree["type"] {
            let names = type.text.map { [JSONTree.string($0)] } ?? type.items ?? []
            var types = JSONSchema.Types()
            for name in names {
                guard let one = name.text.flatMap(JSONSchema.Types.init(name:)) else {
                    throw SchemaFault(path + "/type", "no such type: \(name.compact.prefix(64))")
                }
                types.formUnion(one)
            }
            guard !types.isEmpty else { throw SchemaFault(path + "/type", "a type or a list of types is wanted") }
            node.types = types
        }
        if let values = tree["enum"] {
            guard let items = values.items else { throw SchemaFault(path + "/enum", "a list of values is wanted") }
            node.values = items
        }
        if let value = tree["const"] { node.values = [value] }
        node.bounds.multipleOf = try number(tree, "multipleOf", path)
        node.bounds.minimum = try number(tree, "minimum", path)
        node.bounds.maximum = try number(tree, "maximum", path)
        node.bounds.exclusiveMinimum = try number(tree, "exclusiveMinimum", path)
        node.bounds.exclusiveMaximum = try number(tree, "exclusiveMaximum", path)
        node.bounds.minLength = try count(tree, "minLength", path)
        node.bounds.maxLength = try count(tree, "maxLength", path)
        node.bounds.minItems = try count(tree, "minItems", path)
        node.bounds.maxItems = try count(tree, "maxItems", path)
        node.bounds.minProperties = try count(tree, "minProperties", path)
        node.bounds.maxProperties = try count(tree, "maxProperties", path)
        if let multiple = node.bounds.multipleOf, multiple <= 0 { throw SchemaFault(path + "/multipleOf", "must be above 0") }
        if let pattern = tree["pattern"] {
            guard let text = pattern.text else { throw SchemaFault(path + "/pattern", "a text is wanted") }
            node.pattern = text
        }
    }

    private func number(_ tree: JSONTree, _ keyword: String, _ path: String) throws(SchemaFault) -> Double? {
        guard let value = tree[keyword] else { return nil }
        guard let number = value.double, number.isFinite else { throw SchemaFault("\(path)/\(keyword)", "a number is wanted") }
        return number
    }

    private func count(_ tree: JSONTree, _ keyword: String, _ path: String) throws(SchemaFault) -> Int? {
        guard let value = tree[keyword] else { return nil }
        guard let count = value.integer, count >= 0 else {
            throw SchemaFault("\(path)/\(keyword)", "a whole number from 0 on is wanted")
        }
        return count
    }

    private mutating func readObject(
        _ tree: JSONTree, _ place: Place, _ path: String, _ depth: Int, _ node: inout JSONSchema.Node
    ) throws(SchemaFault) {
        if let properties = tree["properties"] {
            guard let members = properties.members else {
                throw SchemaFault(path + "/properties", "an object of schemas is wanted")
            }
            for member in members {
                let step = member.name.replacing("~", with: "~0").replacing("/", with: "~1")
                node.properties.append((member.name, try child(member.value, place, "properties/" + step, depth)))
            }
        }
        if let patterns = tree["patternProperties"] {
            guard let members = patterns.members else {
                throw SchemaFault(path + "/patternProperties", "an object of schemas is wanted")
            }
            for (number, member) in members.enumerated() {
                node.patterns.append((member.name, try child(member.value, place, "patternProperties/\(number)", depth)))
            }
            node.patterns.sort { $0.pattern < $1.pattern }
        }
        if let required = tree["required"] {
            guard let items = required.items else { throw SchemaFault(path + "/required", "a list of names is wanted") }
            for item in items {
                guard let name = item.text else { throw SchemaFault(path + "/required", "a list of names is wanted") }
                node.required.insert(name)
            }
        }
        node.additional = try rest(tree, "additionalProperties", place, depth)
    }

    private mutating func rest(_ tree: JSONTree, _ keyword: String, _ place: Place, _ depth: Int) throws(SchemaFault)
        -> JSONSchema.Rest
    {
        guard let value = tree[keyword] else { return .open }
        if let flag = value.flag { return flag ? .open : .closed }
        if value.members?.isEmpty == true { return .open }
        return .schema(try child(value, place, keyword, depth))
    }

    private mutating func readArray(
        _ tree: JSONTree, _ place: Place, _ path: String, _ depth: Int, _ node: inout JSONSchema.Node
    ) throws(SchemaFault) {
        node.uniqueItems = tree["uniqueItems"]?.flag ?? false
        if tree["items"]?.items != nil {
            // Draft 7: a list is a tuple, and additionalItems says what follows.
            node.prefixItems = tree["items"]?.items?.isEmpty == true ? [] : try children(tree["items"], place, "items", depth)
            node.items = try rest(tree, "additionalItems", place, depth)
        } else {
            node.prefixItems = try children(tree["prefixItems"], place, "prefixItems", depth)
            node.items = try rest(tree, "items", place, depth)
        }
    }

    /// The node that a `$ref` names.
    private mutating func follow(_ reference: String, from place: Place, _ path: String, _ depth: Int) throws(SchemaFault) -> Int
    {
        let parts = reference.split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        let name = parts[0]
        let fragment = parts.count > 1 ? parts[1] : ""
        var base = Place(document: place.document, pointer: "")
        if !name.isEmpty {
            if let found = documents.indices.dropFirst().first(where: {
                documents[$0].name == name || documents[$0].name == reference
            }) {
                base = Place(document: found, pointer: "")
            } else if let found = anchors[name] {
                base = found
            } else {
                throw SchemaFault(path + "/$ref", "nothing is known as \(name.prefix(128)); name it among the references")
            }
        }
        if !fragment.isEmpty, !fragment.hasPrefix("/") {
            guard let found = anchors["\(base.document)#\(fragment)"] else {
                throw SchemaFault(path + "/$ref", "there is no anchor #\(fragment.prefix(128))")
            }
            base = found
        } else {
            base.pointer += fragment
        }
        guard let tree = Self.find(base.pointer, in: documents[base.document].tree) else {
            throw SchemaFault(path + "/$ref", "there is nothing at \(reference.prefix(128))")
        }
        return try node(tree, base, depth: depth + 1)
    }

    private static func find(_ pointer: String, in tree: JSONTree) -> JSONTree? {
        var tree = tree
        for part in pointer.split(separator: "/", omittingEmptySubsequences: false).dropFirst() {
            let name = part.replacing("~1", with: "/").replacing("~0", with: "~")
            if let items = tree.items {
                guard let index = Int(name), items.indices.contains(index) else { return nil }
                tree = items[index]
            } else {
                guard let next = tree[String(name)] else { return nil }
                tree = next
            }
        }
        return tree
    }
}
