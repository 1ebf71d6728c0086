public import TowerWire

extension JSONSchema {
    /// Where a value breaks the schema.
    public struct Violation: Sendable, Hashable, CustomStringConvertible {
        /// JSON pointer into the value.
        public var path: String
        public var reason: String
        public var description: String { "\(path.isEmpty ? "the whole" : path) \(reason)" }
    }

    /// The first thing that does not fit; `nil` when all does. Patterns and conditions are not looked at.
    public func violation(of value: JSONTree) -> Violation? {
        var budget = Budget()
        return violation(of: value, root, "", &budget)
    }

    /// References that fan out could otherwise take for ever, and chains of them all of the stack.
    private struct Budget {
        var steps = 100_000
        var depth = 300
    }

    private func violation(of value: JSONTree, _ index: Int, _ path: String, _ budget: inout Budget) -> Violation? {
        budget.steps -= 1
        guard budget.steps > 0, budget.depth > 0 else {
            return Violation(path: path, reason: "takes too long to check against the schema")
        }
        budget.depth -= 1
        defer { budget.depth += 1 }
        let node = nodes[index]
        if node.isNever { return Violation(path: path, reason: "must not be there") }
        if let reference = node.reference, let found = violation(of: value, reference, path, &budget) { return found }
        if !node.types.contains(Types(of: value)) { return Violation(path: path, reason: "must be \(node.types.words)") }
        if let values = node.values, !values.contains(where: { Self.areEqual($0, value) }) {
            let words = values.prefix(12).map { String($0.compact.prefix(64)) }.joined(separator: ", ")
            return Violation(path: path, reason: values.count == 1 ? "must be \(words)" : "must be one of \(words)")
        }
        if let reason = node.bounds.fault(of: value) { return Violation(path: path, reason: reason) }
        switch value {
        case .object(let members):
            if let found = violation(in: members, node, path, &budget) { return found }
        case .array(let items):
            if let found = violation(in: items, node, path, &budget) { return found }
        default: break
        }
        return violation(ofCombinations: value, node, path, &budget)
    }

    private func violation(in members: [JSONTree.Member], _ node: Node, _ path: String, _ budget: inout Budget) -> Violation? {
        for name in node.required.sorted() where !members.contains(where: { $0.name == name }) {
            return Violation(path: path + "/" + name, reason: "is required and absent")
        }
        for member in members {
            let place = path + "/" + member.name
            if let property = node.property(member.name) {
                if let found = violation(of: member.value, property, place, &budget) { return found }
                continue
            }
            // Whether a pattern takes it is not known without running it.
            guard node.patterns.isEmpty else { continue }
            switch node.additional {
            case .open: break
            case .closed: return Violation(path: place, reason: "is not allowed by the schema")
            case .schema(let schema):
                if let found = violation(of: member.value, schema, place, &budget) { return found }
            }
        }
        return nil
    }

    private func violation(in items: [JSONTree], _ node: Node, _ path: String, _ budget: inout Budget) -> Violation? {
        for (index, item) in items.enumerated() {
            let place = "\(path)/\(index)"
            if index < node.prefixItems.count {
                if let found = violation(of: item, node.prefixItems[index], place, &budget) { return found }
                continue
            }
            switch node.items {
            case .open: break
            case .closed: return Violation(path: place, reason: "is one item too many")
            case .schema(let schema):
                if let found = violation(of: item, schema, place, &budget) { return found }
            }
        }
        if node.uniqueItems, Set(items.map(\.canonical)).count != items.count {
            return Violation(path: path, reason: "must not hold an item twice")
        }
        return nil
    }

    private func violation(ofCombinations value: JSONTree, _ node: Node, _ path: String, _ budget: inout Budget) -> Violation? {
        for part in node.allOf {
            if let found = violation(of: value, part, path, &budget) { return found }
        }
        if !node.anyOf.isEmpty, !node.anyOf.contains(where: { violation(of: value, $0, path, &budget) == nil }) {
            return Violation(path: path, reason: "fits none of the alternatives")
        }
        if !node.oneOf.isEmpty {
            let fitting = node.oneOf.count { violation(of: value, $0, path, &budget) == nil }
            if fitting != 1 { return Violation(path: path, reason: "fits \(fitting) of the alternatives and must fit one") }
        }
        if let not = node.not, violation(of: value, not, path, &budget) == nil {
            return Violation(path: path, reason: "is what the schema excludes")
        }
        return nil
    }

    /// Numbers by value, objects whatever the order of their members.
    static func areEqual(_ left: JSONTree, _ right: JSONTree) -> Bool {
        switch (left, right) {
        case (.number(let a), .number(let b)): a == b || Double(a) == Double(b)
        case (.array(let a), .array(let b)): a.count == b.count && zip(a, b).allSatisfy { areEqual($0, $1) }
        case (.object(let a), .object(let b)):
            a.count == b.count && a.allSatisfy { member in right[member.name].map { areEqual(member.value, $0) } ?? false }
        default: left == right
        }
    }
}

extension JSONSchema.Types {
    init(of value: JSONTree) {
        switch value {
        case .null: self = .null
        case .bool: self = .boolean
        case .number(let literal):
            let number = Double(literal) ?? 0
            self = number == number.rounded() ? .integer : JSONSchema.Types(rawValue: 8)
        case .string: self = .string
        case .array: self = .array
        case .object: self = .object
        }
    }
}

extension JSONSchema.Bounds {
    /// Which bound a value breaks, in words.
    func fault(of value: JSONTree) -> String? {
        switch value {
        case .number(let literal): fault(of: Double(literal) ?? 0)
        case .string(let text):
            fault(of: text.unicodeScalars.count, minLength, maxLength, "characters")
        case .array(let items): fault(of: items.count, minItems, maxItems, "items")
        case .object(let members): fault(of: members.count, minProperties, maxProperties, "members")
        default: nil
        }
    }

    private func fault(of number: Double) -> String? {
        if let minimum, number < minimum { return "must be at least \(minimum)" }
        if let maximum, number > maximum { return "must be at most \(maximum)" }
        if let exclusiveMinimum, number <= exclusiveMinimum { return "must be above \(exclusiveMinimum)" }
        if let exclusiveMaximum, number >= exclusiveMaximum { return "must be below \(exclusiveMaximum)" }
        if let multipleOf {
            let factor = number / multipleOf
            // 0.3 is a multiple of 0.1 though their quotient is not whole in binary.
            if (factor - factor.rounded()).magnitude > 1e-9 * max(1, factor.magnitude) {
                return "must be a multiple of \(multipleOf)"
            }
        }
        return nil
    }

    private func fault(of count: Int, _ least: Int?, _ most: Int?, _ unit: String) -> String? {
        if let least, count < least { return "must have at least \(least) \(unit)" }
        if let most, count > most { return "must have at most \(most) \(unit)" }
        return nil
    }
}
