/// A whole JSON value in memory: for schemas and for payloads that are rewritten, never for the path of every event.
///
/// Read by the house's one strict reader (`JSONScanner`), so that what is JSON at the door is JSON here. Members keep their
/// order and numbers their literal, so that writing a value changes nothing but white space.
public indirect enum JSONTree: Sendable, Hashable {
    case null
    case bool(Bool)
    /// As it was written.
    case number(String)
    case string(String)
    case array([JSONTree])
    case object([Member])

    public struct Member: Sendable, Hashable {
        public var name: String
        public var value: JSONTree
        public init(_ name: String, _ value: JSONTree) {
            self.name = name
            self.value = value
        }
    }

    /// How much of a value is read.
    public struct Limits: Sendable, Hashable {
        public var maxBytes: Int
        public var maxDepth: Int
        /// Values of any kind, the whole one included.
        public var maxNodes: Int
        public init(maxBytes: Int = 1 << 20, maxDepth: Int = 64, maxNodes: Int = 50_000) {
            self.maxBytes = maxBytes
            self.maxDepth = maxDepth
            self.maxNodes = maxNodes
        }
        public static let standard = Limits()
    }

    /// Why bytes are no value, or a larger one than is read.
    public struct Fault: Error, Sendable, Hashable, CustomStringConvertible {
        /// Byte at which it was noticed, counted from 1.
        public var column: Int
        public var reason: String
        public var description: String { "column \(column): \(reason)" }
    }
}

extension JSONTree {
    public static func number(_ value: Int) -> JSONTree { .number(String(value)) }

    /// The shortest literal that reads back to the same number; null for what JSON cannot say.
    public static func number(_ value: Double) -> JSONTree {
        guard value.isFinite else { return .null }
        var json = JSONBuffer(capacity: 24)
        json.value(value)
        return .number(String(decoding: json.bytes, as: UTF8.self))
    }

    /// The member of that name; `nil` also for what is no object. Linear.
    public subscript(_ name: String) -> JSONTree? {
        guard case .object(let members) = self else { return nil }
        return members.first { $0.name == name }?.value
    }

    public var text: String? { if case .string(let text) = self { text } else { nil } }
    public var flag: Bool? { if case .bool(let flag) = self { flag } else { nil } }
    public var items: [JSONTree]? { if case .array(let items) = self { items } else { nil } }
    public var members: [Member]? { if case .object(let members) = self { members } else { nil } }
    public var double: Double? { if case .number(let literal) = self { Double(literal) } else { nil } }
    /// A whole number that fits; `1.0` and `1e2` are whole too.
    public var integer: Int? {
        guard case .number(let literal) = self else { return nil }
        if let exact = Int(literal) { return exact }
        return Double(literal).flatMap { Int(exactly: $0) }
    }

    /// Adds, replaces (in its place) or, with `nil`, removes a member. Does nothing to what is no object.
    public mutating func set(_ name: String, _ value: JSONTree?) {
        guard case .object(var members) = self else { return }
        self = .null
        if let index = members.firstIndex(where: { $0.name == name }) {
            if let value { members[index].value = value } else { members.remove(at: index) }
        } else if let value {
            members.append(Member(name, value))
        }
        self = .object(members)
    }
}
