/// A reader of JSON that shares nothing with ours: recursive, over Unicode scalars, slow and plain. It says whether a text is
/// JSON by RFC 8259 and by the decisions of docs/formats/event-envelope.md.
struct StrictJSON {
    enum Verdict: Equatable {
        case taken
        case refused(String)
    }

    private let scalars: [Unicode.Scalar]
    private var at = 0
    private struct Stop: Error { var reason: String }

    private init(_ scalars: [Unicode.Scalar]) { self.scalars = scalars }

    /// - Parameter depth: levels that are open around the text.
    static func verdict(_ bytes: [UInt8], maxDepth: Int = 32) -> Verdict {
        guard let text = String(validating: bytes, as: UTF8.self) else { return .refused("not UTF-8") }
        var reader = StrictJSON(Array(text.unicodeScalars))
        do {
            try reader.value(depth: 1, maxDepth)
            reader.space()
            return reader.at == reader.scalars.count ? .taken : .refused("something follows")
        } catch {
            return .refused("\(error)")
        }
    }

    private var current: Unicode.Scalar? { at < scalars.count ? scalars[at] : nil }

    private mutating func space() {
        while let scalar = current, [" ", "\n", "\t", "\r"].contains(scalar) { at += 1 }
    }

    private mutating func take(_ wanted: Unicode.Scalar) throws {
        guard current == wanted else { throw Stop(reason: "\(wanted) is missing at \(at)") }
        at += 1
    }

    private mutating func value(depth: Int, _ maxDepth: Int) throws {
        space()
        switch current {
        case "{": try object(depth, maxDepth)
        case "[": try array(depth, maxDepth)
        case "\"": _ = try string()
        case "t": for scalar in "true".unicodeScalars { try take(scalar) }
        case "f": for scalar in "false".unicodeScalars { try take(scalar) }
        case "n": for scalar in "null".unicodeScalars { try take(scalar) }
        default: try number()
        }
    }

    private mutating func object(_ depth: Int, _ maxDepth: Int) throws {
        guard depth <= maxDepth else { throw Stop(reason: "too deep") }
        // Keys by their scalars: two spellings that look alike are two keys.
        var keys: Set<[UInt32]> = []
        try take("{")
        space()
        if current == "}" { return at += 1 }
        while true {
            space()
            let start = at
            let key = try string()
            guard scalars[start..<at].reduce(0, { $0 + UTF8.width($1) }) - 2 <= 1024 else { throw Stop(reason: "long key") }
            guard keys.insert(key.map(\.value)).inserted else { throw Stop(reason: "twice") }
            space()
            try take(":")
            try value(depth: depth + 1, maxDepth)
            space()
            if current == "}" { return at += 1 }
            try take(",")
        }
    }

    private mutating func array(_ depth: Int, _ maxDepth: Int) throws {
        guard depth <= maxDepth else { throw Stop(reason: "too deep") }
        try take("[")
        space()
        if current == "]" { return at += 1 }
        while true {
            try value(depth: depth + 1, maxDepth)
            space()
            if current == "]" { return at += 1 }
            try take(",")
        }
    }

    private mutating func string() throws -> [Unicode.Scalar] {
        var text: [Unicode.Scalar] = []
        try take("\"")
        while let scalar = current {
            at += 1
            if scalar == "\"" { return text }
            guard scalar.value >= 0x20 else { throw Stop(reason: "control") }
            guard scalar == "\\" else {
                text.append(scalar)
                continue
            }
            let plain: [Unicode.Scalar: Unicode.Scalar] = [
                "\"": "\"", "\\": "\\", "/": "/", "b": "\u{8}", "f": "\u{C}", "n": "\n", "r": "\r", "t": "\t",
            ]
            guard let kind = current else { break }
            at += 1
            if let meant = plain[kind] {
                text.append(meant)
                continue
            }
            guard kind == "u" else { throw Stop(reason: "escape") }
            let unit = try hex()
            if let scalar = Unicode.Scalar(unit) {
                text.append(scalar)
                continue
            }
            guard unit < 0xDC00 else { throw Stop(reason: "second half first") }
            try take("\\")
            try take("u")
            let second = try hex()
            guard (0xDC00...0xDFFF).contains(second),
                let whole = Unicode.Scalar(0x10000 + (unit - 0xD800) << 10 + (second - 0xDC00))
            else { throw Stop(reason: "first half alone") }
            text.append(whole)
        }
        throw Stop(reason: "open text")
    }

    private mutating func hex() throws -> UInt32 {
        guard at + 4 <= scalars.count else { throw Stop(reason: "short escape") }
        let digits = scalars[at..<at + 4]
        guard digits.allSatisfy({ $0.properties.isASCIIHexDigit }) else { throw Stop(reason: "no hexadecimal digit") }
        at += 4
        return digits.reduce(0) { $0 << 4 | UInt32(Character($1).hexDigitValue ?? 0) }
    }

    private mutating func number() throws {
        let start = at
        if current == "-" { at += 1 }
        let whole = try digits()
        guard whole.count == 1 || whole.first != "0" else { throw Stop(reason: "leading zero") }
        if current == "." {
            at += 1
            _ = try digits()
        }
        if current == "e" || current == "E" {
            at += 1
            if current == "+" || current == "-" { at += 1 }
            _ = try digits()
        }
        guard at - start <= 64 else { throw Stop(reason: "long number") }
        let text = String(String.UnicodeScalarView(scalars[start..<at]))
        guard let value = Double(text), value.isFinite else { throw Stop(reason: "beyond a double") }
    }

    private mutating func digits() throws -> [Unicode.Scalar] {
        let start = at
        while let scalar = current, ("0"..."9").contains(scalar) { at += 1 }
        guard at > start else { throw Stop(reason: "no digit at \(at)") }
        return Array(scalars[start..<at])
    }
}
