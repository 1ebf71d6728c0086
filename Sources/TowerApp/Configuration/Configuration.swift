internal import Yams

/// Settings resolved once at the start: flags win over the environment, it wins over the file, that over the defaults.
///
/// Everything is checked here, before a port is opened or a file made; the error names the setting, where it came
/// from, and what it takes.
public struct Configuration: Sendable {
    private var values: [String: (text: String, origin: String)] = [:]

    public init(flags: [String: String] = [:], environment: [String: String] = [:], file: String? = nil, fileName: String = "configuration file") throws {
        if let file {
            for (key, text) in try Self.flatten(yaml: file, fileName: fileName) {
                try set(key, text, origin: fileName)
            }
        }
        for (name, text) in environment.sorted(by: { $0.key < $1.key }) where name.hasPrefix("TOWERCO_") && !Self.isReserved(name) {
            guard let setting = Settings.all.first(where: { $0.environmentName == name }) else {
                throw ConfigurationError.unknownKey(name, origin: "the environment", nearest: Self.nearestEnvironmentName(to: name))
            }
            try set(setting.key, text, origin: "environment variable \(name)")
        }
        for (key, text) in flags.sorted(by: { $0.key < $1.key }) { try set(key, text, origin: "a flag") }
    }

    public func text(_ key: String) -> String { values[key]?.text ?? Settings.byKey[key]?.fallback ?? "" }
    public func integer(_ key: String) -> Int { Int(text(key)) ?? 0 }
    public func number(_ key: String) -> Double { Double(text(key)) ?? 0 }
    public func flag(_ key: String) -> Bool { text(key) == "true" }

    private mutating func set(_ key: String, _ text: String, origin: String) throws {
        guard let setting = Settings.byKey[key] else {
            throw ConfigurationError.unknownKey(key, origin: origin, nearest: Settings.nearest(to: key))
        }
        switch setting.kind {
        case .text: break
        case .flag:
            guard text == "true" || text == "false" else { throw ConfigurationError.badValue(setting, text, origin: origin) }
        case .integer(let range):
            guard let number = Int(text), range.contains(number) else { throw ConfigurationError.badValue(setting, text, origin: origin) }
        case .number(let range):
            guard let number = Double(text), range.contains(number) else { throw ConfigurationError.badValue(setting, text, origin: origin) }
        }
        values[key] = (text, origin)
    }

    /// Variables with a meaning of their own, which are no settings.
    static func isReserved(_ name: String) -> Bool {
        ["TOWERCO_BOOTSTRAP_KEY", "TOWERCO_URL", "TOWERCO_KEY", "TOWERCO_DATA"].contains(name) || name.hasPrefix("TOWERCO_TEST_")
    }

    private static func nearestEnvironmentName(to name: String) -> String? {
        let key = name.dropFirst("TOWERCO_".count).lowercased().replacing("_", with: ".")
        return Settings.nearest(to: key).flatMap { Settings.byKey[$0]?.environmentName }
    }

    /// Bounds of the file: an alias of an alias of an alias makes few bytes many, and reading nested ones takes stack.
    private static let bytesMax = 64 << 10
    private static let nodesMax = 2000
    private static let nestingMax = 32

    /// How deep brackets, or indentations, are nested in a text at most; at least as deep as it really is.
    private static func nesting(_ yaml: String) -> Int {
        var (open, deepest) = (0, 0)
        var indented = 0
        var isIndentation = true
        for byte in yaml.utf8 {
            switch byte {
            case 0x0A, 0x0D: (isIndentation, indented) = (true, 0)
            case 0x20, 0x09, 0x2D, 0x3F, 0x3A: if isIndentation { indented += 1 }
            default: isIndentation = false
            }
            if byte == 0x5B || byte == 0x7B { open += 1 }
            deepest = max(deepest, open, indented / 2)
        }
        return deepest
    }

    private static func flatten(yaml: String, fileName: String) throws -> [(String, String)] {
        guard yaml.utf8.count <= bytesMax else {
            throw ConfigurationError.unreadable(fileName, reason: "it has \(yaml.utf8.count) bytes; \(bytesMax) are allowed")
        }
        guard nesting(yaml) <= nestingMax else {
            throw ConfigurationError.unreadable(fileName, reason: "its values are nested more than \(nestingMax) deep")
        }
        let root: Node?
        do { root = try Yams.compose(yaml: yaml) } catch {
            throw ConfigurationError.unreadable(fileName, reason: "\(error)")
        }
        guard let root else { return [] }
        var pairs: [(String, String)] = []
        var seen = 0
        func walk(_ node: Node, _ path: String) throws {
            seen += 1
            guard seen <= nodesMax else {
                throw ConfigurationError.unreadable(fileName, reason: "it has more than \(nodesMax) values, aliases counted as often as used")
            }
            switch node {
            case .mapping(let mapping):
                for (key, value) in mapping { try walk(value, path.isEmpty ? key.string ?? "" : path + "." + (key.string ?? "")) }
            case .scalar(let scalar): pairs.append((path, scalar.string))
            default: throw ConfigurationError.unreadable(fileName, reason: "\(path) must be a single value")
            }
        }
        guard case .mapping = root else { throw ConfigurationError.unreadable(fileName, reason: "the top level must be `key: value`") }
        try walk(root, "")
        return pairs
    }
}

public enum ConfigurationError: Error, CustomStringConvertible {
    case unknownKey(String, origin: String, nearest: String?)
    case badValue(Setting, String, origin: String)
    case unreadable(String, reason: String)

    public var description: String {
        switch self {
        case .unknownKey(let key, let origin, let nearest):
            "Unknown setting `\(key)` in \(origin)." + (nearest.map { " Did you mean `\($0)`?" } ?? " docs/configuration.md lists them all.")
        case .badValue(let setting, let text, let origin):
            "`\(setting.key)` is `\(text)` in \(origin), but takes \(setting.range)."
        case .unreadable(let file, let reason): "Could not read \(file): \(reason)"
        }
    }
}
