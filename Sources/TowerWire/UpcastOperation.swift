/// One step from the payload of an older schema version to the next: data of the newer schema (`x-upcast`), not code.
///
/// - Missing data: a field that is absent, or is of another kind than the step works on, is left as it is; a step never fails.
public enum UpcastOperation: Sendable, Hashable {
    /// Moves a field; what lay under the new name before was nobody's and goes.
    case rename(from: Path, to: Path)
    /// Sets a field where it is absent.
    case fill(Path, JSONTree)
    case remove(Path)
    /// Cuts a text into neighbours of the field, which goes; the last part takes the rest.
    case split(Path, into: [String], separator: String, asNumbers: Bool)
    /// Another unit: value times factor plus offset.
    case scale(Path, factor: Double, offset: Double)
    /// Other words for the same; those not listed stay.
    case translate(Path, [String: String])

    /// Member names from the payload inwards.
    public struct Path: Sendable, Hashable, CustomStringConvertible {
        public var steps: [String]
        /// - Returns: `nil` unless it is 1 to 8 names between dots.
        public init?(_ text: String) {
            steps = text.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
            guard (1...8).contains(steps.count), steps.allSatisfy({ !$0.isEmpty && $0.utf8.count <= 256 }) else { return nil }
        }
        public var description: String { steps.joined(separator: ".") }
        public var name: String { steps[steps.count - 1] }
    }

    /// Steps of one version.
    public static let maxOperations = 100

    /// The steps of `x-upcast`, a list of objects: `{"op": "rename", "from": "a", "to": "b"}`.
    ///
    /// - Returns: the number and fault of the first that is not understood.
    public static func list(_ tree: JSONTree) -> Result<[UpcastOperation], ListFault> {
        guard let items = tree.items, items.count <= maxOperations else {
            return .failure(ListFault(index: 0, reason: "a list of at most \(maxOperations) steps is wanted"))
        }
        var operations: [UpcastOperation] = []
        for (index, item) in items.enumerated() {
            guard let operation = UpcastOperation(item) else {
                return .failure(
                    ListFault(
                        index: index,
                        reason:
                            "not a step: op is rename (from, to), default (field, value), remove (field), split (from, to, separator), "
                            + "scale (field, factor, offset) or translate (field, values)"))
            }
            operations.append(operation)
        }
        return .success(operations)
    }

    public struct ListFault: Error, Sendable, Hashable {
        public var index: Int
        public var reason: String
    }

    private init?(_ tree: JSONTree) {
        func path(_ name: String) -> Path? { tree[name]?.text.flatMap(Path.init) }
        switch tree["op"]?.text {
        case "rename":
            guard let from = path("from"), let to = path("to"), from != to else { return nil }
            self = .rename(from: from, to: to)
        case "default":
            guard let field = path("field"), let value = tree["value"] else { return nil }
            self = .fill(field, value)
        case "remove":
            guard let field = path("field") else { return nil }
            self = .remove(field)
        case "split":
            guard let from = path("from"), let separator = tree["separator"]?.text, !separator.isEmpty,
                let items = tree["to"]?.items,
                (2...16).contains(items.count)
            else { return nil }
            let names = items.compactMap(\.text).filter { !$0.isEmpty }
            guard names.count == items.count, Set(names).count == names.count, !names.contains(from.name) else { return nil }
            self = .split(from, into: names, separator: separator, asNumbers: tree["as"]?.text == "number")
        case "scale":
            guard let field = path("field"), let factor = tree["factor"]?.double, factor.isFinite, factor != 0 else { return nil }
            let offset = tree["offset"]?.double ?? 0
            guard offset.isFinite else { return nil }
            self = .scale(field, factor: factor, offset: offset)
        case "translate":
            guard let field = path("field"), let members = tree["values"]?.members, members.count <= 256 else { return nil }
            var words: [String: String] = [:]
            for member in members {
                guard let word = member.value.text else { return nil }
                words[member.name] = word
            }
            self = .translate(field, words)
        default: return nil
        }
    }
}
