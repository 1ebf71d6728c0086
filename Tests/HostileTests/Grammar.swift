/// Events made from the JSON grammar and from pieces of the table, some then damaged.
enum Grammar {
    static func event(using generator: inout SeededGenerator) -> [UInt8] {
        let value = value(depth: 0, using: &generator)
        let place = Bool.random(using: &generator) ? "\"payload\":{\"v\":1}" : "\"metadata\":{}"
        let parts = JSONCase.goodEvent.split(separator: place, maxSplits: 1).map { Array($0.utf8) }
        let key = place.prefix { $0 != "{" }
        var event = parts[0] + Array("\(key){\"x\":".utf8) + value + Array("}".utf8) + parts[1]
        if Int.random(in: 0..<3, using: &generator) == 0 { damage(&event, using: &generator) }
        return event
    }

    static func value(depth: Int, using generator: inout SeededGenerator) -> [UInt8] {
        if Int.random(in: 0..<12, using: &generator) == 0, let piece = JSONCase.all.randomElement(using: &generator),
            !piece.isEvent
        {
            return piece.bytes
        }
        switch Int.random(in: 0..<(depth > 5 ? 4 : 6), using: &generator) {
        case 0: return Array(["true", "false", "null"].randomElement(using: &generator)?.utf8 ?? "".utf8)
        case 1: return number(using: &generator)
        case 2, 3: return text(using: &generator)
        case 4: return list("[", "]", depth, using: &generator) { value(depth: depth + 1, using: &$0) }
        default:
            return list("{", "}", depth, using: &generator) {
                text(using: &$0) + space(using: &$0) + [0x3A] + space(using: &$0) + value(depth: depth + 1, using: &$0)
            }
        }
    }

    private static func list(
        _ open: String, _ close: String, _ depth: Int, using generator: inout SeededGenerator,
        _ item: (inout SeededGenerator) -> [UInt8]
    ) -> [UInt8] {
        var out = Array(open.utf8)
        for index in 0..<Int.random(in: 0...4, using: &generator) {
            if index > 0 { out.append(0x2C) }
            out += space(using: &generator) + item(&generator) + space(using: &generator)
        }
        return out + Array(close.utf8)
    }

    private static func space(using generator: inout SeededGenerator) -> [UInt8] {
        Array(["", "", "", " ", "\n", "\t\r\n"].randomElement(using: &generator)?.utf8 ?? "".utf8)
    }

    private static func number(using generator: inout SeededGenerator) -> [UInt8] {
        var out = Bool.random(using: &generator) ? "-" : ""
        out += String(UInt64.random(in: 0...(Bool.random(using: &generator) ? 9 : .max), using: &generator))
        if Bool.random(using: &generator) { out += "." + String(UInt32.random(in: 0 ... .max, using: &generator)) }
        if Bool.random(using: &generator) { out += ["e", "E", "e-", "e+"].randomElement(using: &generator) ?? "e" }
        if !(out.last?.isNumber ?? false) { out += String(Int.random(in: 0..<340, using: &generator)) }
        return Array(out.utf8)
    }

    private static let pieces: [String] = [
        "a", "b", "key", "1234567", "é", "€", "😀", "\\n", "\\\"", "\\\\", "\\/", "\\u0041", "\\u00e9", "\\ud83d\\ude00",
        "\\u0000", " ",
        "\u{7F}", "\u{2028}", "}", "]", ",", ":",
    ]

    private static func text(using generator: inout SeededGenerator) -> [UInt8] {
        var out: [UInt8] = [0x22]
        for _ in 0..<Int.random(in: 0...4, using: &generator) {
            out += Array((pieces.randomElement(using: &generator) ?? "").utf8)
        }
        return out + [0x22]
    }

    static func damage(_ bytes: inout [UInt8], using generator: inout SeededGenerator) {
        for _ in 0..<Int.random(in: 1...3, using: &generator) {
            let at = Int.random(in: 0...bytes.count, using: &generator)
            switch Int.random(in: 0..<5, using: &generator) {
            case 0 where at < bytes.count: bytes[at] = UInt8.random(in: .min ... .max, using: &generator)
            case 1 where at < bytes.count: bytes.remove(at: at)
            case 2: bytes.insert(Array("\"\\{}[],:eE.+-01 \n".utf8).randomElement(using: &generator) ?? 0, at: at)
            case 3 where at < bytes.count:
                bytes.insert(
                    contentsOf: bytes[at..<min(at + 8, bytes.count)], at: Int.random(in: 0...bytes.count, using: &generator))
            default: bytes.removeSubrange(at..<min(at + Int.random(in: 0...6, using: &generator), bytes.count))
            }
        }
    }
}

/// A small generator with a seed (SplitMix64): the same tests every time.
struct SeededGenerator: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
