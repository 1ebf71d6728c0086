public import TowerWire

extension UpcastOperation {
    /// The JSON schema of what this step makes of every value of `schema`.
    ///
    /// - Throws: where the schema does not say what the step needs to know; the two versions are then not comparable.
    public func apply(toSchema schema: inout JSONTree) throws(SchemaFault) {
        switch self {
        case .rename(let from, let to):
            let (property, isRequired) = try Self.take(from, from: &schema)
            try Self.put(to, property, isRequired: isRequired, in: &schema)
        case .fill(let path, let value): try Self.fill(path, value, in: &schema)
        case .remove(let path): _ = try Self.take(path, from: &schema)
        case .split(let path, let names, _, let asNumbers):
            _ = try Self.take(path, from: &schema)
            for name in names {
                guard let place = Path((path.steps.dropLast() + [name]).joined(separator: ".")) else { continue }
                let property = JSONTree.object([.init("type", .string(asNumbers ? "number" : "string"))])
                try Self.put(place, property, isRequired: false, in: &schema)
            }
        case .scale(let path, let factor, let offset):
            try Self.change(path.steps[...], in: &schema, path) { (object: inout JSONTree, name: String) throws(SchemaFault) in
                var property = try Self.described(name, in: object, path)
                property.scaleBounds(by: factor, offset)
                object.setProperty(name, property)
            }
        case .translate(let path, let words):
            try Self.change(path.steps[...], in: &schema, path) { (object: inout JSONTree, name: String) throws(SchemaFault) in
                var property = try Self.described(name, in: object, path)
                if let values = property["enum"]?.items {
                    property.set(
                        "enum", .array(values.map { value in value.text.flatMap { words[$0] }.map(JSONTree.string) ?? value }))
                }
                if let value = property["const"]?.text, let word = words[value] { property.set("const", .string(word)) }
                object.setProperty(name, property)
            }
        }
    }

    private static func unknown(_ path: Path) -> SchemaFault {
        SchemaFault("#/x-upcast", "the older version does not describe \(path) in `properties`, so the step cannot be followed")
    }

    /// A property's schema; one that a closed content model does not name is certain not to be there.
    private static func described(_ name: String, in object: JSONTree, _ path: Path) throws(SchemaFault) -> JSONTree {
        if let property = object["properties"]?[name] { return property }
        guard object["additionalProperties"] == .bool(false), object["patternProperties"] == nil else { throw unknown(path) }
        return .bool(false)
    }

    /// Takes a property out; afterwards it is certain not to be there.
    private static func take(_ path: Path, from schema: inout JSONTree) throws(SchemaFault) -> (
        property: JSONTree, isRequired: Bool
    ) {
        var taken: (JSONTree, Bool)?
        try change(path.steps[...], in: &schema, path) { (object: inout JSONTree, name: String) throws(SchemaFault) in
            let property = try described(name, in: object, path)
            taken = (property, object.requires(name))
            object.setProperty(name, .bool(false))
            object.setRequired(name, false)
        }
        guard let taken else { throw unknown(path) }
        return taken
    }

    private static func put(_ path: Path, _ property: JSONTree, isRequired: Bool, in schema: inout JSONTree) throws(SchemaFault) {
        try change(path.steps[...], in: &schema, path) { (object: inout JSONTree, name: String) throws(SchemaFault) in
            object.setProperty(name, property)
            object.setRequired(name, isRequired)
        }
    }

    private static func fill(_ path: Path, _ value: JSONTree, in schema: inout JSONTree) throws(SchemaFault) {
        try change(path.steps[...], in: &schema, path) { (object: inout JSONTree, name: String) throws(SchemaFault) in
            let isClosed = object["additionalProperties"] == .bool(false)
            switch object["properties"]?[name] {
            case .none, .some(.bool(false)):
                // An open content model allowed the field to be anything already.
                let isAbsent = isClosed || object["properties"]?[name] != nil
                object.setProperty(name, isAbsent ? .object([.init("enum", .array([value]))]) : .bool(true))
            case .some(let property):
                if !object.requires(name) {
                    object.setProperty(
                        name, .object([.init("anyOf", .array([property, .object([.init("enum", .array([value]))])]))]))
                }
            }
            object.setRequired(name, true)
        }
    }

    private static func change(
        _ steps: ArraySlice<String>, in schema: inout JSONTree, _ path: Path,
        _ body: (inout JSONTree, String) throws(SchemaFault) -> Void
    ) throws(SchemaFault) {
        guard let step = steps.first, schema.members != nil, schema["$ref"] == nil else { throw unknown(path) }
        if steps.count == 1 { return try body(&schema, step) }
        guard var inner = schema["properties"]?[step] else { throw unknown(path) }
        try change(steps.dropFirst(), in: &inner, path, body)
        schema.setProperty(step, inner)
    }
}

extension JSONTree {
    fileprivate mutating func setProperty(_ name: String, _ schema: JSONTree) {
        var properties = self["properties"] ?? .object([])
        properties.set(name, schema)
        set("properties", properties)
    }

    fileprivate func requires(_ name: String) -> Bool { self["required"]?.items?.contains(.string(name)) ?? false }

    fileprivate mutating func setRequired(_ name: String, _ isRequired: Bool) {
        var names = self["required"]?.items ?? []
        names.removeAll { $0 == .string(name) }
        if isRequired { names.append(.string(name)) }
        set("required", .array(names))
    }

    /// The bounds of a number in another unit.
    fileprivate mutating func scaleBounds(by factor: Double, _ offset: Double) {
        let pairs = [("minimum", "maximum"), ("exclusiveMinimum", "exclusiveMaximum")]
        for (low, high) in pairs {
            let bounds = [self[low], self[high]].map { $0?.double.map { JSONTree.number($0 * factor + offset) } }
            set(low, factor > 0 ? bounds[0] : bounds[1])
            set(high, factor > 0 ? bounds[1] : bounds[0])
        }
        set("multipleOf", nil)
        if let values = self["enum"]?.items {
            set("enum", .array(values.map { value in value.double.map { .number($0 * factor + offset) } ?? value }))
        }
        if let value = self["const"]?.double { set("const", .number(value * factor + offset)) }
        guard factor != factor.rounded() || offset != offset.rounded() else { return }
        if self["type"] == .string("integer") { set("type", .string("number")) }
        if let types = self["type"]?.items {
            set("type", .array(types.map { $0 == .string("integer") ? .string("number") : $0 }))
        }
    }
}
