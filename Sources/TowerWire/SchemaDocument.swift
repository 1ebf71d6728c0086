public import TowerModel

/// The catalogue as JSON Schemas (draft 2020-12), one document a type: what `schemas/<event_type>/1.0.json` holds.
///
/// The documents are written from the catalogue and never by hand, so that the door and the schemas cannot disagree.
public enum SchemaDocument {
    /// Version of every payload schema the catalogue describes now.
    public static let version = "1.0"

    /// The document of one type: its payload, as indented JSON with a final newline.
    public static func json(for type: EventTypeSpec) -> String {
        var properties = Tree()
        for field in EventCatalog.commonFields + type.fields {
            properties.insert(field, at: field.name.split(separator: ".").map(String.init)[...])
        }
        let members: [(String, Value)] =
            [
                ("$schema", .text("https://json-schema.org/draft/2020-12/schema")),
                ("$id", .text("urn:towerco:schema:\(type.name):\(version)")),
                ("title", .text(type.name)),
                ("description", .text(description(of: type))),
                ("x-kind", .text(type.kind.rawValue)),
                ("x-severity", .text(type.severity.rawValue)),
            ] + (type.probableCause.map { [("x-probable-cause", .number($0))] } ?? []) + properties.members
        return Value.object(members).rendered(indent: 0) + "\n"
    }

    /// Path of the document below `schemas/`.
    public static func path(for type: EventTypeSpec) -> String { "\(type.name)/\(version).json" }

    private static func description(of type: EventTypeSpec) -> String {
        switch type.kind {
        case .telemetry: "Payload of numbers at an instant."
        case .alarm: "Payload of a condition that is raised, changes and clears."
        case .notice: "Payload of something that happened."
        case .inventory: "Payload that describes the world: sites, assets, links."
        case .platform: "Payload of an event that the platform writes itself."
        }
    }

    /// Fields by their dotted names, as nested objects.
    private struct Tree {
        private var field: EventTypeSpec.Field?
        private var children: [(name: String, tree: Tree)] = []

        mutating func insert(_ field: EventTypeSpec.Field, at path: ArraySlice<String>) {
            guard let name = path.first else {
                self.field = field
                return
            }
            if let index = children.firstIndex(where: { $0.name == name }) {
                children[index].tree.insert(field, at: path.dropFirst())
            } else {
                var tree = Tree()
                tree.insert(field, at: path.dropFirst())
                children.append((name, tree))
            }
        }

        /// `type`, `required`, `properties`; further members are always allowed.
        var members: [(String, Value)] {
            let required = children.filter { $0.tree.field?.isRequired == true }.map(\.name)
            return [("type", .text("object"))]
                + (required.isEmpty ? [] : [("required", .array(required.map(Value.text)))])
                + [("properties", .object(children.map { ($0.name, $0.tree.schema) })), ("additionalProperties", .flag(true))]
        }

        private var schema: Value {
            if !children.isEmpty {
                let isRequired = field?.isRequired ?? false
                return .object(
                    members.map { $0.0 == "type" && !isRequired ? ("type", .array([.text("object"), .text("null")])) : $0 })
            }
            guard let field else { return .flag(true) }
            var members: [(String, Value)] = []
            if let name = Tree.typeName(field.kind) {
                members.append(("type", field.isRequired ? .text(name) : .array([.text(name), .text("null")])))
            }
            if !field.allowedValues.isEmpty {
                members.append(("enum", .array(field.allowedValues.map(Value.text) + (field.isRequired ? [] : [.null]))))
            }
            if !field.unit.isEmpty { members.append(("x-unit", .text(field.unit))) }
            return .object(members)
        }

        /// A field of any kind has no type.
        private static func typeName(_ kind: EventTypeSpec.Field.Kind) -> String? {
            switch kind {
            case .number: "number"
            case .string: "string"
            case .bool: "boolean"
            case .object: "object"
            case .array: "array"
            case .any: nil
            }
        }
    }

    private enum Value {
        case null
        case flag(Bool)
        case number(Int)
        case text(String)
        case array([Value])
        case object([(String, Value)])

        func rendered(indent: Int) -> String {
            let inner = String(repeating: " ", count: indent + 2)
            let outer = String(repeating: " ", count: indent)
            switch self {
            case .null: return "null"
            case .flag(let flag): return flag ? "true" : "false"
            case .number(let number): return String(number)
            case .text(let text): return Self.quoted(text)
            case .array(let values): return "[" + values.map { $0.rendered(indent: indent) }.joined(separator: ", ") + "]"
            case .object(let members):
                guard !members.isEmpty else { return "{}" }
                let lines = members.map { "\(inner)\(Self.quoted($0.0)): \($0.1.rendered(indent: indent + 2))" }
                return "{\n" + lines.joined(separator: ",\n") + "\n\(outer)}"
            }
        }

        private static func quoted(_ text: String) -> String {
            var json = JSONBuffer(capacity: text.utf8.count + 2)
            json.value(text)
            return String(decoding: json.bytes, as: UTF8.self)
        }
    }
}
