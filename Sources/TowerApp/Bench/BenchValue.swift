/// A value of a result's line: JSON's scalars, with numbers cut to what a measurement can carry.
public enum BenchValue: Sendable, Equatable {
    case integer(Int)
    case number(Double)
    case text(String)
    case flag(Bool)

    /// JSON. Numbers have at most six decimals; what is not finite is `null`.
    var json: String {
        switch self {
        case .integer(let value): return String(value)
        case .flag(let value): return value ? "true" : "false"
        case .number(let value):
            guard value.isFinite else { return "null" }
            guard value.magnitude < 1e9 else { return String(Int64(exactly: value.rounded()) ?? .max) }
            return String((value * 1e6).rounded() / 1e6)
        case .text(let value): return Self.quoted(value)
        }
    }

    private static func quoted(_ text: String) -> String {
        var json = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": json += "\\\""
            case "\\": json += "\\\\"
            case "\n": json += "\\n"
            case _ where scalar.value < 0x20: json += " "
            default: json.unicodeScalars.append(scalar)
            }
        }
        return json + "\""
    }
}

extension BenchValue {
    /// The number, if it is one.
    var asNumber: Double? {
        switch self {
        case .integer(let value): return Double(value)
        case .number(let value): return value
        case .text, .flag: return nil
        }
    }
}
