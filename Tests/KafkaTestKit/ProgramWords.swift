/// What a measuring or testing program was told: a command and `--name value` pairs.
public struct ProgramWords: Sendable {
    public let command: String
    private var values: [String: String] = [:]

    public init(_ arguments: [String]) {
        command = arguments.first ?? ""
        var at = 1
        while at + 1 < arguments.count {
            values[arguments[at]] = arguments[at + 1]
            at += 2
        }
    }

    public subscript(_ name: String) -> String? { values[name] }

    public func number(_ name: String, _ standard: Int) -> Int { values[name].flatMap(Int.init) ?? standard }
}
