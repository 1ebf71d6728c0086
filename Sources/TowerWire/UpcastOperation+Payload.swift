extension UpcastOperation {
    /// The payload after this step.
    public func apply(to payload: inout JSONTree) {
        switch self {
        case .rename(let from, let to):
            let value = payload.take(from.steps[...])
            payload.change(to.steps[...], createsObjects: value != nil) { _ in value }
        case .fill(let path, let value): payload.change(path.steps[...], createsObjects: true) { $0 ?? value }
        case .remove(let path): payload.change(path.steps[...], createsObjects: false) { _ in nil }
        case .split(let path, let names, let separator, let asNumbers):
            let value = payload.take(path.steps[...])
            let parts = value?.text.map { Self.parts($0, separator, count: names.count) } ?? []
            for (index, name) in names.enumerated() {
                let part = index < parts.count ? Self.part(parts[index], asNumbers: asNumbers) : nil
                payload.change((path.steps.dropLast() + [name])[...], createsObjects: false) { _ in part }
            }
        case .scale(let path, let factor, let offset):
            payload.change(path.steps[...], createsObjects: false) { old in
                guard let number = old?.double else { return old }
                let scaled = number * factor + offset
                return scaled.isFinite ? .number(scaled) : old
            }
        case .translate(let path, let words):
            payload.change(path.steps[...], createsObjects: false) { old in
                old?.text.flatMap { words[$0] }.map(JSONTree.string) ?? old
            }
        }
    }

    private static func part(_ text: String, asNumbers: Bool) -> JSONTree? {
        guard asNumbers else { return .string(text) }
        return Double(text).flatMap { $0.isFinite ? .number($0) : nil }
    }

    private static func parts(_ text: String, _ separator: String, count: Int) -> [String] {
        var parts: [String] = []
        var rest = text[...]
        while parts.count < count - 1, let found = rest.firstRange(of: separator) {
            parts.append(String(rest[..<found.lowerBound]))
            rest = rest[found.upperBound...]
        }
        return parts + [String(rest)]
    }
}

extension JSONTree {
    /// Removes and returns what lies at the end of a path.
    fileprivate mutating func take(_ steps: ArraySlice<String>) -> JSONTree? {
        var taken: JSONTree?
        change(steps, createsObjects: false) { old in
            taken = old
            return nil
        }
        return taken
    }

    /// Replaces what lies at the end of a path; `nil` removes it. Stops where the path meets something that is no object.
    fileprivate mutating func change(_ steps: ArraySlice<String>, createsObjects: Bool, _ body: (JSONTree?) -> JSONTree?) {
        guard let step = steps.first, case .object(let members) = self else { return }
        if steps.count == 1 {
            let old = self[step]
            let new = body(old)
            if new != old { set(step, new) }
            return
        }
        guard var inner = members.first(where: { $0.name == step })?.value ?? (createsObjects ? .object([]) : nil) else { return }
        inner.change(steps.dropFirst(), createsObjects: createsObjects, body)
        set(step, inner)
    }
}
