import TowerWire

/// What an update of a JSON schema does not take any more of what the original took.
///
/// The rules are those of Confluent's registry, so that a subject moves between registries: a property may be added to a
/// closed content model only and removed from an open one only, because an open one already allowed the property to be
/// anything.
struct JSONSchemaCompatibility {
    let original: JSONSchema
    let update: JSONSchema
    var differences: [SchemaDifference] = []
    private var seen: Set<Pair> = []
    private var comparisons = 0
    private var depth = 0

    private struct Pair: Hashable {
        var old: Int
        var new: Int
    }

    static func differences(original: JSONSchema, update: JSONSchema) -> [SchemaDifference] {
        var comparison = JSONSchemaCompatibility(original: original, update: update)
        comparison.compare(original.root, update.root, "#")
        return comparison.differences
    }

    private init(original: JSONSchema, update: JSONSchema) {
        self.original = original
        self.update = update
    }

    mutating func add(_ kind: String, _ path: String, _ reason: String) {
        guard differences.count < SchemaLimits.maxDifferences else { return }
        differences.append(SchemaDifference(kind, path, reason))
    }

    mutating func isCompatible(_ old: Int, _ new: Int) -> Bool {
        let kept = differences
        let known = seen
        differences = []
        compare(old, new, "")
        let isCompatible = differences.isEmpty
        differences = kept
        if !isCompatible { seen = known }
        return isCompatible
    }

    mutating func compare(_ oldIndex: Int, _ newIndex: Int, _ path: String) {
        let oldIndex = original.target(oldIndex)
        let newIndex = update.target(newIndex)
        comparisons += 1
        guard comparisons <= SchemaLimits.maxComparisons, depth < 256 else {
            if differences.last?.kind != "TOO_COMPLEX" { add("TOO_COMPLEX", path, "the schemas are too large to be compared") }
            return
        }
        guard seen.insert(Pair(old: oldIndex, new: newIndex)).inserted else { return }
        depth += 1
        defer { depth -= 1 }
        let old = original.nodes[oldIndex]
        let new = update.nodes[newIndex]
        if old.isNever || new.isAnything { return }
        if new.isNever { return add("TYPE_CHANGED", path, "nothing is allowed here any more") }
        if compareAsSum(oldIndex, newIndex, path) { return }
        compareTypes(old, new, path)
        compareValues(old, new, path)
        compareBounds(old, new, path)
        if !old.types.isDisjoint(with: .object), !new.types.isDisjoint(with: .object) { compareObjects(old, new, path) }
        if !old.types.isDisjoint(with: .array), !new.types.isDisjoint(with: .array) { compareArrays(old, new, path) }
        compareCombinations(old, new, path)
        compareReference(old, new, path)
        compareOthers(old, new, path)
    }

    /// A schema that becomes one of several, or several that become one: compatible when one of them takes it.
    private mutating func compareAsSum(_ oldIndex: Int, _ newIndex: Int, _ path: String) -> Bool {
        let old = original.nodes[oldIndex]
        let new = update.nodes[newIndex]
        let oldParts = old.anyOf + old.oneOf
        let newParts = new.anyOf + new.oneOf
        if oldParts.isEmpty, !newParts.isEmpty, Self.isOnlyCombination(new), new.allOf.isEmpty {
            for part in newParts where isCompatible(oldIndex, part) { return true }
            add("TYPE_CHANGED", path, "none of the alternatives takes all that was allowed before")
            return true
        }
        if !oldParts.isEmpty, newParts.isEmpty, Self.isOnlyCombination(old), old.allOf.isEmpty {
            for (index, part) in oldParts.enumerated() where !isCompatible(part, newIndex) {
                add(
                    "SUM_TYPE_NARROWED", "\(path)/\(old.anyOf.isEmpty ? "oneOf" : "anyOf")/\(index)",
                    "this alternative is not taken any more")
            }
            return true
        }
        return false
    }

    private static func isOnlyCombination(_ node: JSONSchema.Node) -> Bool {
        var rest = node
        rest.anyOf = []
        rest.oneOf = []
        rest.allOf = []
        return rest.isAnything
    }

    private mutating func compareTypes(_ old: JSONSchema.Node, _ new: JSONSchema.Node, _ path: String) {
        // An enumeration without a type allows the types of its values.
        let before =
            old.values.map { $0.reduce(into: JSONSchema.Types()) { $0.formUnion(.init(of: $1)) } }?.intersection(old.types)
            ?? old.types
        guard !new.types.isSuperset(of: before) else { return }
        add(
            before.isDisjoint(with: new.types) ? "TYPE_CHANGED" : "TYPE_NARROWED", path,
            "was \(before.words), is \(new.types.words)")
    }

    private mutating func compareValues(_ old: JSONSchema.Node, _ new: JSONSchema.Node, _ path: String) {
        guard let allowed = new.values else { return }
        guard let before = old.values else {
            return add("ENUM_ARRAY_NARROWED", path + "/enum", "any value was allowed before, now only those listed")
        }
        let gone = before.filter { value in !allowed.contains { JSONSchema.areEqual($0, value) } }
        guard !gone.isEmpty else { return }
        let words = gone.prefix(12).map { String($0.compact.prefix(64)) }.joined(separator: ", ").replacing("\"", with: "'")
        add("ENUM_ARRAY_NARROWED", path + "/enum", "no longer allowed: \(words)")
    }

    private mutating func compareBounds(_ old: JSONSchema.Node, _ new: JSONSchema.Node, _ path: String) {
        if !old.types.isDisjoint(with: .number) {
            lower(old.bounds.minimum, new.bounds.minimum, "MINIMUM", "minimum", path)
            upper(old.bounds.maximum, new.bounds.maximum, "MAXIMUM", "maximum", path)
            lower(old.bounds.exclusiveMinimum, new.bounds.exclusiveMinimum, "EXCLUSIVE_MINIMUM", "exclusiveMinimum", path)
            upper(old.bounds.exclusiveMaximum, new.bounds.exclusiveMaximum, "EXCLUSIVE_MAXIMUM", "exclusiveMaximum", path)
            compareMultiple(old.bounds.multipleOf, new.bounds.multipleOf, path)
        }
        if !old.types.isDisjoint(with: .string) {
            lower(old.bounds.minLength, new.bounds.minLength, "MIN_LENGTH", "minLength", path)
            upper(old.bounds.maxLength, new.bounds.maxLength, "MAX_LENGTH", "maxLength", path)
            if let pattern = new.pattern, pattern != old.pattern {
                add(
                    old.pattern == nil ? "PATTERN_ADDED" : "PATTERN_CHANGED", path + "/pattern",
                    "texts that were allowed may not match it")
            }
        }
        if !old.types.isDisjoint(with: .array) {
            lower(old.bounds.minItems, new.bounds.minItems, "MIN_ITEMS", "minItems", path)
            upper(old.bounds.maxItems, new.bounds.maxItems, "MAX_ITEMS", "maxItems", path)
            if new.uniqueItems, !old.uniqueItems {
                add("UNIQUE_ITEMS_ADDED", path + "/uniqueItems", "an item was allowed twice before")
            }
        }
        if !old.types.isDisjoint(with: .object) {
            lower(old.bounds.minProperties, new.bounds.minProperties, "MIN_PROPERTIES", "minProperties", path)
            upper(old.bounds.maxProperties, new.bounds.maxProperties, "MAX_PROPERTIES", "maxProperties", path)
        }
    }

    private mutating func lower<Bound: Comparable>(
        _ old: Bound?, _ new: Bound?, _ kind: String, _ keyword: String, _ path: String
    ) {
        guard let new else { return }
        guard let old else { return add(kind + "_ADDED", "\(path)/\(keyword)", "there was no lower bound, now it is \(new)") }
        if new > old { add(kind + "_INCREASED", "\(path)/\(keyword)", "was \(old), is \(new)") }
    }

    private mutating func upper<Bound: Comparable>(
        _ old: Bound?, _ new: Bound?, _ kind: String, _ keyword: String, _ path: String
    ) {
        guard let new else { return }
        guard let old else { return add(kind + "_ADDED", "\(path)/\(keyword)", "there was no upper bound, now it is \(new)") }
        if new < old { add(kind + "_DECREASED", "\(path)/\(keyword)", "was \(old), is \(new)") }
    }

    private mutating func compareMultiple(_ old: Double?, _ new: Double?, _ path: String) {
        guard let new else { return }
        guard let old else { return add("MULTIPLE_OF_ADDED", path + "/multipleOf", "any number was allowed before") }
        if (old / new).rounded() != old / new { add("MULTIPLE_OF_CHANGED", path + "/multipleOf", "was \(old), is \(new)") }
    }

    private mutating func compareOthers(_ old: JSONSchema.Node, _ new: JSONSchema.Node, _ path: String) {
        for (keyword, text) in new.others.sorted(by: { $0.key < $1.key }) where old.others[keyword] != text {
            add("CONDITION_CHANGED", "\(path)/\(keyword)", "\(keyword) was added or changed, and is compared as a whole")
        }
    }
}
