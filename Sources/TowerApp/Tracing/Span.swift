import TowerStreaming

/// One timed step of a traced request.
struct Span: Sendable, Hashable {
    enum Kind: Int, Sendable {
        case `internal` = 1
        case server = 2
        case client = 3
        case producer = 4
        case consumer = 5
    }
    /// Its trace and its own id.
    var context: TraceContext
    /// 0 for a root.
    var parent: UInt64
    var name: String
    var kind: Kind
    /// Nanoseconds since the epoch.
    var startNs: UInt64
    var endNs: UInt64
    var attributes: [Attribute] = []
    /// Why it failed; `nil` when it did not.
    var failure: String?

    struct Attribute: Sendable, Hashable {
        enum Value: Sendable, Hashable {
            case text(String)
            case number(Int)
        }
        var key: String
        var value: Value
    }
}
