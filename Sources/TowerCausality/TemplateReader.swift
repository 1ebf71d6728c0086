import Yams

/// Reads stories from YAML and says with file and line what is wrong with them (docs/causality.md draws the format).
///
/// - Bounds: `bytesMax` a file, `storiesMax` in all, `nodesMax` a story, nesting of `nestingMax`; aliases are refused.
public struct TemplateReader {
    public static let bytesMax = 1 << 20
    public static let storiesMax = 512
    public static let nodesMax = 96
    static let nestingMax = 16

    /// A value of the file that is being read, with where it stands.
    struct Place {
        var file: String
        func error(_ node: Yams.Node, _ reason: String) -> TemplateError {
            TemplateError(file: file, line: node.mark?.line ?? 0, reason: reason)
        }
    }

    private var fragments: [String: Yams.Node] = [:]
    private var fragmentFile: [String: String] = [:]

    public init() {}

    /// Reads all files as one library. A later story of the same name takes the place of the earlier one.
    public static func read(_ files: [TemplateFile]) -> Result<TemplateLibrary, TemplateError> {
        var reader = TemplateReader()
        do { return .success(try reader.library(files)) } catch { return .failure(error) }
    }

    private mutating func library(_ files: [TemplateFile]) throws(TemplateError) -> TemplateLibrary {
        var roots: [(Place, Yams.Node.Mapping)] = []
        for file in files {
            guard let root = try Self.compose(file) else { continue }
            let place = Place(file: file.name)
            guard case .mapping(let mapping) = root else {
                throw place.error(root, "the top level must be `fragments:`, `stories:` and `adjust:`")
            }
            try Self.check(mapping, ["version", "fragments", "stories", "adjust"], place)
            if let found = mapping["fragments"] {
                guard case .mapping(let named) = found else { throw place.error(found, "`fragments` must be `name: [nodes]`") }
                for (key, value) in named {
                    fragments[key.string ?? ""] = value
                    fragmentFile[key.string ?? ""] = file.name
                }
            }
            roots.append((place, mapping))
        }
        var templates: [CausalTemplate] = []
        for (place, mapping) in roots {
            guard let stories = mapping["stories"] else { continue }
            guard case .sequence(let list) = stories else { throw place.error(stories, "`stories` must be a list") }
            for entry in list {
                guard templates.count < Self.storiesMax else {
                    throw place.error(entry, "more than \(Self.storiesMax) stories")
                }
                guard case .mapping(let story) = entry else { throw place.error(entry, "a story must be `key: value` lines") }
                let name = try Self.text(story, "story", entry, place)
                let known = templates.firstIndex { $0.name == name }
                if try Self.flag(story, "off", place) {
                    try Self.check(story, ["story", "off"], place)
                    guard let known else { throw place.error(entry, "story `\(name)` is switched off but is not known") }
                    templates.remove(at: known)
                    continue
                }
                let template = try self.story(story, entry, name, place)
                if let known { templates[known] = template } else { templates.append(template) }
            }
        }
        var library = TemplateLibrary(templates: templates)
        for (place, mapping) in roots { try Self.adjust(&library, mapping, place) }
        return library
    }

    // MARK: Text

    private static func compose(_ file: TemplateFile) throws(TemplateError) -> Yams.Node? {
        guard file.text.utf8.count <= bytesMax else {
            throw TemplateError(file: file.name, line: 0, reason: "it has \(file.text.utf8.count) bytes; \(bytesMax) are allowed")
        }
        // The parser recurses and copies what an alias names: both are bounded before it sees the text.
        var line = 1
        var open = 0
        var indentation = 0
        var isStart = true
        var before: UInt8 = 0x0A
        for byte in file.text.utf8 {
            switch byte {
            case 0x0A:
                line += 1
                indentation = 0
                isStart = true
            case 0x20 where isStart: indentation += 1
            default: isStart = false
            }
            if byte == 0x5B || byte == 0x7B { open += 1 }
            if byte == 0x5D || byte == 0x7D { open = max(0, open - 1) }
            if open + indentation / 2 > nestingMax {
                throw TemplateError(file: file.name, line: line, reason: "values are nested more than \(nestingMax) deep")
            }
            if byte == 0x2A || byte == 0x26, before == 0x20 || before == 0x5B || before == 0x2C || before == 0x3A {
                throw TemplateError(file: file.name, line: line, reason: "anchors and aliases (`&`, `*`) are not read here; write a fragment")
            }
            before = byte
        }
        let outcome = Result { try Yams.compose(yaml: file.text) }
        switch outcome {
        case .success(let node): return node
        case .failure(let error):
            let at = (error as? YamlError).flatMap { failure -> Mark? in
                switch failure {
                case .scanner(_, _, let mark, _), .parser(_, _, let mark, _), .composer(_, _, let mark, _): mark
                default: nil
                }
            }
            throw TemplateError(file: file.name, line: at?.line ?? 0, reason: "it is not YAML: \(problem(error))")
        }
    }

    private static func problem(_ error: any Error) -> String {
        guard let failure = error as? YamlError else { return "\(error)" }
        switch failure {
        case .scanner(_, let problem, _, _), .parser(_, let problem, _, _), .composer(_, let problem, _, _): return problem
        default: return "\(failure)"
        }
    }

    // MARK: Stories

    private static let storyKeys = [
        "story", "scenario", "anchor", "requires", "root", "object", "event", "trigger", "label", "prior", "benign", "severity", "attention",
        "sentence", "actions", "nodes", "then",
    ]

    private func story(
        _ story: Yams.Node.Mapping, _ entry: Yams.Node, _ name: String, _ place: Place
    ) throws(TemplateError) -> CausalTemplate {
        try Self.check(story, Self.storyKeys, place)
        guard let list = story["nodes"], case .sequence(let written) = list else {
            throw place.error(entry, "story `\(name)` needs `nodes`, a list of conditions")
        }
        var nodes: [CausalTemplate.Node] = []
        var names: [String] = []
        for node in written { try add(node, to: &nodes, &names, start: nil, share: 1, place) }
        if let tail = story["then"] { try append(tail, to: &nodes, &names, place) }
        guard nodes.count <= Self.nodesMax else { throw place.error(list, "story `\(name)` has more than \(Self.nodesMax) nodes") }
        let prior = try Self.number(story, "prior", entry, place) ?? 0
        guard prior > 0, prior < 1 else { throw place.error(story["prior"] ?? entry, "`prior` must be between 0 and 1") }
        var template = CausalTemplate(
            name: name, anchor: try Self.named(story, "anchor", entry, place), requirement: try Self.named(story, "requires", entry, place, CausalTemplate.Requirement.none),
            root: try Self.condition(story, "root", entry, place), rootObject: try Self.text(story, "object", entry, place),
            eventType: try Self.text(story, "event", entry, place),
            trigger: story["trigger"] == nil ? nil : try Self.condition(story, "trigger", entry, place),
            label: try Self.text(story, "label", entry, place), prior: prior, isBenign: try Self.flag(story, "benign", place), nodes: nodes)
        template.attention = try Self.named(story, "attention", entry, place, .person)
        template.sentence = story["sentence"]?.string ?? ""
        template.mostSeverity = story["severity"]?.string ?? ""
        if let severity = story["severity"], !["warning", "minor", "major", "critical"].contains(template.mostSeverity) {
            throw place.error(severity, "`severity` must be warning, minor, major or critical")
        }
        template.actions = try Self.actions(story, place)
        try Self.checkScopes(template, list, place)
        return template
    }

    /// A scope must make sense from the anchor, and the root must be somewhere in the story.
    private static func checkScopes(_ template: CausalTemplate, _ list: Yams.Node, _ place: Place) throws(TemplateError) {
        let allowed: [CausalTemplate.Scope] =
            switch template.anchor {
            case .site: [.anchor, .dependents, .anchorAndDependents, .touchingLinks, .nearbySites]
            case .link: [.anchor, .dependents, .ends, .nearbyLinks]
            case .feeder: [.members]
            }
        for node in template.nodes where !allowed.contains(node.scope) {
            throw place.error(list, "`at: \(node.scope.rawValue)` has no meaning in a story that starts at a \(template.anchor.rawValue)")
        }
        guard template.anchor == .feeder || template.index(of: template.root) != nil else {
            throw place.error(list, "the root \(template.root.rawValue) is not among the nodes at the anchor")
        }
    }

    private func append(
        _ tail: Yams.Node, to nodes: inout [CausalTemplate.Node], _ names: inout [String], _ place: Place
    ) throws(TemplateError) {
        guard case .mapping(let keys) = tail else { throw place.error(tail, "`then` must be {fragment: …, after: …, share: …}") }
        try Self.check(keys, ["fragment", "after", "share"], place)
        let name = try Self.text(keys, "fragment", tail, place)
        guard let fragment = fragments[name], case .sequence(let list) = fragment else {
            throw place.error(tail, "there is no fragment `\(name)` with a list of nodes")
        }
        let after = try Self.text(keys, "after", tail, place)
        guard let start = names.firstIndex(of: after) else { throw place.error(tail, "`after: \(after)` names no node of the story") }
        let share = try Self.number(keys, "share", tail, place) ?? 1
        guard share > 0, share <= 1 else { throw place.error(tail, "`share` must be above 0 and at most 1") }
        let inside = Place(file: fragmentFile[name] ?? place.file)
        for node in list { try add(node, to: &nodes, &names, start: start, share: share, inside) }
    }

    private static let nodeKeys = ["is", "id", "at", "after", "lag", "happens", "reported", "precursor", "optional", "telling"]

    private func add(
        _ node: Yams.Node, to nodes: inout [CausalTemplate.Node], _ names: inout [String], start: Int?, share: Double, _ place: Place
    ) throws(TemplateError) {
        guard case .mapping(let keys) = node else { throw place.error(node, "a node must be {is: condition, …}") }
        try Self.check(keys, Self.nodeKeys, place)
        let condition = try Self.condition(keys, "is", node, place)
        var after: Int?
        // What follows inside a fragment does so as often as ever; the share is that of the fragment's beginning.
        var share = share
        if let cause = keys["after"]?.string {
            if cause == "start", let start {
                after = start
            } else {
                share = 1
                guard let found = names.firstIndex(of: cause) else {
                    throw place.error(node, "`after: \(cause)` names no earlier node of the story")
                }
                after = found
            }
        }
        let happens = try Self.number(keys, "happens", node, place) ?? 0.95
        let reported = try Self.number(keys, "reported", node, place) ?? 0.82
        guard (0...1).contains(happens), (0...1).contains(reported) else {
            throw place.error(node, "`happens` and `reported` are shares between 0 and 1")
        }
        var lag = Lag.uniform(0, 5)
        if let text = keys["lag"]?.string {
            guard let read = Lag(text) else {
                throw place.error(node, "`lag: \(text)` is neither `LOW .. HIGH UNIT` nor `MEDIAN ~ P90 UNIT` (units s, min, h, d)")
            }
            lag = read
        }
        nodes.append(
            CausalTemplate.Node(
                condition, try Self.named(keys, "at", node, place, .anchor), after: after, lag, probability: happens * share, reported: reported,
                precursor: try Self.flag(keys, "precursor", place), optional: try Self.flag(keys, "optional", place),
                telling: try Self.flag(keys, "telling", place)))
        names.append(keys["id"]?.string ?? condition.rawValue)
    }

    private static func actions(_ story: Yams.Node.Mapping, _ place: Place) throws(TemplateError) -> [CausalTemplate.Action] {
        guard let list = story["actions"] else { return [] }
        guard case .sequence(let entries) = list else { throw place.error(list, "`actions` must be a list of {kind, text, detail}") }
        var actions: [CausalTemplate.Action] = []
        for entry in entries {
            guard case .mapping(let keys) = entry else { throw place.error(entry, "an action must be {kind, text, detail}") }
            try check(keys, ["kind", "text", "detail"], place)
            let kind = try text(keys, "kind", entry, place)
            guard ["remote", "visit", "check", "notify"].contains(kind) else {
                throw place.error(entry, "`kind` of an action must be remote, visit, check or notify")
            }
            actions.append(.init(kind: kind, text: try text(keys, "text", entry, place), detail: keys["detail"]?.string ?? ""))
        }
        return actions
    }

    // MARK: Values

    static func check(_ mapping: Yams.Node.Mapping, _ known: [String], _ place: Place) throws(TemplateError) {
        var seen: Set<String> = []
        for (key, _) in mapping {
            let name = key.string ?? ""
            guard known.contains(name) else {
                throw place.error(key, "unknown key `\(name)`; known are \(known.joined(separator: ", "))")
            }
            guard seen.insert(name).inserted else { throw place.error(key, "`\(name)` is given twice") }
        }
    }

    static func text(_ mapping: Yams.Node.Mapping, _ key: String, _ entry: Yams.Node, _ place: Place) throws(TemplateError) -> String {
        guard let found = mapping[key]?.string, !found.isEmpty, found.utf8.count <= 1_000 else {
            throw place.error(mapping[key] ?? entry, "`\(key)` is needed: a text of at most 1,000 bytes")
        }
        return found
    }

    static func number(
        _ mapping: Yams.Node.Mapping, _ key: String, _ entry: Yams.Node, _ place: Place
    ) throws(TemplateError) -> Double? {
        guard let node = mapping[key] else { return nil }
        guard let text = node.string, let value = Double(text), value.isFinite else {
            throw place.error(node, "`\(key)` must be a number")
        }
        return value
    }

    private static func flag(_ mapping: Yams.Node.Mapping, _ key: String, _ place: Place) throws(TemplateError) -> Bool {
        guard let node = mapping[key] else { return false }
        guard let text = node.string, text == "true" || text == "false" else { throw place.error(node, "`\(key)` must be true or false") }
        return text == "true"
    }

    static func condition(
        _ mapping: Yams.Node.Mapping, _ key: String, _ entry: Yams.Node, _ place: Place
    ) throws(TemplateError) -> Condition {
        let name = try text(mapping, key, entry, place)
        guard let condition = Condition(rawValue: name), condition != .unknown else {
            throw place.error(mapping[key] ?? entry, "`\(name)` is no condition that we know; `towerco causality list --conditions` names them")
        }
        return condition
    }

    private static func named<Value: RawRepresentable & CaseIterable>(
        _ mapping: Yams.Node.Mapping, _ key: String, _ entry: Yams.Node, _ place: Place, _ fallback: Value? = nil
    ) throws(TemplateError) -> Value where Value.RawValue == String {
        guard let node = mapping[key] else {
            if let fallback { return fallback }
            throw place.error(entry, "`\(key)` is needed: \(Value.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        guard let text = node.string, let value = Value(rawValue: text) else {
            throw place.error(node, "`\(key)` must be one of \(Value.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        return value
    }
}
