import Testing
import TowerModel
@testable import TowerWire

/// Cases of our own on every rule of RFC 8259 and where parsers differ from each other; the verdict is written down.
@Suite struct JSONTableTests {
    /// Values that must be taken.
    static let accepted: [String] = [
        "0", "-0", "1", "-1", "10", "123456789012345678", "0.0", "-0.0", "0.1", "1.5", "100.25", "1e0", "1E0", "1e+0", "1e-0",
        "1E+10",
        "1e-10", "0e0", "0e+1", "0E-99", "-0e5", "1.0e2", "2.2250738585072014e-308", "4.9e-324", "1e-400",
        "1.7976931348623157e308",
        "9007199254740993", "0.000000000000000000000000000000000000001", "1e22", "1e23", "123456789012345678901234567890",
        "\"\"", "\" \"", "\"a\"", "\"/\"", "\"\\/\"", "\"\\\"\"", "\"\\\\\"", "\"\\b\\f\\n\\r\\t\"", "\"\\u0041\"", "\"\\u00e9\"",
        "\"\\u0000\"", "\"\\u001f\"", "\"\\u2028\"", "\"\\uFFFF\"", "\"\\ufffe\"", "\"\\ud83d\\ude00\"", "\"\\uD83D\\uDE00\"",
        "\"\\udbff\\udfff\"", "\"\\uD800\\uDC00\"", "\"\\u0022\"", "\"\\u005C\"", "\"é\"", "\"€\"", "\"😀\"", "\"\u{7F}\"",
        "\"\u{80}\"",
        "\"\u{7FF}\"", "\"\u{800}\"", "\"\u{FFFD}\"", "\"\u{FFFF}\"", "\"\u{10000}\"", "\"\u{10FFFF}\"", "\"\u{D7FF}\"",
        "\"\u{E000}\"",
        "\"\u{FEFF}inside\"", "\"1234567\"", "\"12345678\"", "\"123456789\"", "\"1234567\\n\"", "\"12345678\\n\"", "\"1234567é\"",
        "\"a,b]}{[:\"", "\"//comment\"", "\"/* comment */\"", "\"\\\\u0041\"", "\"\\u00410\"", "\"NaN\"", "\"\u{2028}\u{2029}\"",
        "true", "false", "null", "[]", "[ ]", "[\n]", "[1]", "[1,2]", "[ 1 , 2 ]", "[[]]", "[[],[]]", "[{}]", "[null]",
        "[\"a\",1,true,{}]",
        "{}", "{ }", "{\"a\":1}", "{ \"a\" : 1 }", "{\"a\":1,\"b\":2}", "{\"\":1}", "{\"a\":{\"a\":{\"a\":1}}}",
        "{\"a\":[{\"a\":1},{\"a\":2}]}",
        "{\"a\":1,\"A\":2}", "{\"a\":\"b\",\"b\":\"a\"}", "{\"é\":1,\"e\":2}", "{\"\\u0000\":1}", "{\"a.b\":1,\"a\":{\"b\":2}}",
        "\t\r\n 1 \t\r\n", "[1\n,\r\n2\t]", "[-0]", "[1e5]", "[\"\\u0061\"]", "{\"a b\":1}", "{\"\\\"\":1}",
    ]

    /// Values that must be refused, and as what.
    static let refused: [(String, EnvelopeError.Code)] = [
        // Numbers.
        ("01", .badNumber), ("00", .badNumber), ("-01", .badNumber), ("-", .badNumber), ("1.", .badNumber), ("-1.", .badNumber),
        ("1.e1", .badNumber), ("1e", .badNumber), ("1E", .badNumber), ("1e+", .badNumber), ("1e-", .badNumber),
        ("-e1", .badNumber),
        ("-a", .badNumber), ("--1", .badNumber), ("-.1", .badNumber), ("012", .badNumber), ("-00", .badNumber),
        ("1ea", .badNumber),
        ("1.0e", .badNumber), ("0.e", .badNumber), ("+1", .syntax), (".1", .syntax), ("1.2.3", .syntax), ("1e1.5", .syntax),
        ("1 2", .syntax), ("0x1", .syntax), ("1_000", .syntax), ("1a", .syntax), ("1f", .syntax), ("-Infinity", .badNumber),
        ("Infinity", .syntax),
        ("NaN", .syntax), ("-NaN", .badNumber), ("nan", .syntax), ("1e309", .numberOutOfRange), ("-1e309", .numberOutOfRange),
        ("1e999", .numberOutOfRange), ("1e99999999999999999999", .numberOutOfRange), ("1.8e308", .numberOutOfRange),
        ("1" + String(repeating: "0", count: 64), .numberOutOfRange),
        ("0." + String(repeating: "1", count: 63), .numberOutOfRange),
        (String(repeating: "9", count: 400), .numberOutOfRange), ("１", .syntax), ("٣", .syntax), ("1,5", .syntax),
        ("- 1", .badNumber),
        // Words.
        ("True", .syntax), ("TRUE", .syntax), ("tru", .syntax), ("truee", .syntax), ("nul", .syntax), ("nulL", .syntax),
        ("NULL", .syntax),
        ("fals", .syntax), ("False", .syntax), ("undefined", .syntax), ("t", .syntax), ("n", .syntax), ("f", .syntax),
        ("none", .syntax), ("yes", .syntax),
        // Strings.
        ("'a'", .syntax), ("a", .syntax), ("\"\\a\"", .badEscape), ("\"\\x41\"", .badEscape), ("\"\\'\"", .badEscape),
        ("\"\\0\"", .badEscape),
        ("\"\\ \"", .badEscape), ("\"\\U0041\"", .badEscape), ("\"\\u\"", .badEscape), ("\"\\u0\"", .badEscape),
        ("\"\\u00\"", .badEscape),
        ("\"\\u004\"", .badEscape), ("\"\\u00G1\"", .badEscape), ("\"\\u 041\"", .badEscape), ("\"\\u-041\"", .badEscape),
        ("\"\\u{41}\"", .badEscape),
        ("\"\\é\"", .badEscape), ("\"\n\"", .controlCharacter), ("\"\t\"", .controlCharacter), ("\"\r\"", .controlCharacter),
        ("\"\u{0}\"", .controlCharacter), ("\"\u{1F}\"", .controlCharacter), ("\"1234567\u{1}\"", .controlCharacter),
        ("\"\\ud800\"", .loneSurrogate), ("\"\\udc00\"", .loneSurrogate), ("\"\\ud800a\"", .loneSurrogate),
        ("\"\\ud800\\n\"", .loneSurrogate),
        ("\"\\ud800\\ud800\"", .loneSurrogate), ("\"\\udc00\\ud800\"", .loneSurrogate), ("\"\\ud800\\u0041\"", .loneSurrogate),
        ("\"\\uD83D \\uDE00\"", .loneSurrogate), ("\"\\ud83d\\u\"", .badEscape), ("\"\\ud83d\\u12\"", .badEscape),
        ("\"a\"b", .syntax), ("\"a\"\"b\"", .syntax),
        // Arrays and objects.
        ("[,]", .syntax), ("[1,]", .syntax), ("[,1]", .syntax), ("[1,,2]", .syntax), ("[1 2]", .syntax), ("[1;2]", .syntax),
        ("[1:2]", .syntax),
        ("[1}", .syntax), ("[}", .syntax), ("]", .syntax), ("[\"a\" 1]", .syntax), ("[x]", .syntax), ("[[1]", .syntax),
        ("[1]]", .syntax),
        ("{,}", .syntax), ("{\"a\"}", .syntax), ("{\"a\":}", .syntax), ("{\"a\":1,}", .syntax), ("{,\"a\":1}", .syntax),
        ("{\"a\":1,,\"b\":2}", .syntax),
        ("{\"a\" 1}", .syntax), ("{\"a\"::1}", .syntax), ("{\"a\",1}", .syntax), ("{\"a\";1}", .syntax), ("{a:1}", .syntax),
        ("{'a':1}", .syntax),
        ("{1:1}", .syntax), ("{null:1}", .syntax), ("{\"a\":1 \"b\":2}", .syntax), ("{\"a\":1]", .syntax), ("{]", .syntax),
        ("{\"a\":1;}", .syntax),
        ("{\"a\":1,\"a\":2}", .duplicateKey), ("{\"a\":1,\"a\":1}", .duplicateKey), ("{\"a\":1,\"b\":2,\"a\":3}", .duplicateKey),
        ("{\"a\":1,\"\\u0061\":2}", .duplicateKey), ("{\"\":1,\"\":2}", .duplicateKey), ("[{\"a\":1,\"a\":2}]", .duplicateKey),
        ("{\"a\":{\"b\":1,\"b\":2}}", .duplicateKey), ("{\"a\":{\"a\":1},\"a\":2}", .duplicateKey),
        ("{\"\\n\":1,\"\\u000a\":2}", .duplicateKey),
        ("{\"a\":{\"x\":1},\"b\":{\"x\":1},\"a\":{}}", .duplicateKey),
        // Not JSON at all.
        ("", .syntax), ("/*c*/1", .syntax), ("1//c", .syntax), ("#", .syntax), ("<a/>", .syntax), ("\u{0}", .syntax),
        ("1\u{0}", .syntax),
        ("\u{A0}1", .syntax), ("\u{FEFF}1", .syntax), ("1\u{C}", .syntax), ("1\u{B}", .syntax), ("\u{2028}1", .syntax),
        ("*", .syntax), ("\\u0031", .syntax),
        ("(1)", .syntax), ("`a`", .syntax), ("@", .syntax), ("%", .syntax), ("\u{1B}1", .syntax),
    ]

    @Test("a valid value is taken, wherever it lies", arguments: accepted)
    func takes(_ value: String) throws {
        #expect(Envelopes.valueError(Array(value.utf8)) == nil)
        let batch = try Envelopes.batch(Envelopes.json(["event_type": "\"foreign.type\""], payload: "{\"x\":\(value)}"))
        let raw = String(decoding: batch.value(0), as: UTF8.self)
        #expect(raw.contains(value))
    }

    @Test("a broken value is refused with its code, in metadata and in the payload", arguments: refused)
    func refuses(_ value: String, _ code: EnvelopeError.Code) {
        #expect(Envelopes.valueError(Array(value.utf8))?.code == code)
        #expect(Envelopes.error(Envelopes.json(payload: "{\"x\":\(value)}"))?.code == code)
    }

    /// What no Swift string can hold: bytes that are no UTF-8 (Unicode 15, table 3-7).
    static let illFormed: [[UInt8]] = [
        [0x80], [0xBF], [0xC0, 0x80], [0xC0, 0xAF], [0xC1, 0xBF], [0xC2], [0xC2, 0x41], [0xC3, 0x28], [0xE0, 0x80, 0x80],
        [0xE0, 0x9F, 0xBF],
        [0xE0, 0xA0], [0xE1, 0x80, 0x41], [0xE2, 0x82], [0xE2, 0x28, 0xA1], [0xED, 0xA0, 0x80], [0xED, 0xAF, 0xBF],
        [0xED, 0xB0, 0x80],
        [0xED, 0xBF, 0xBF], [0xEF, 0xBF], [0xF0, 0x80, 0x80, 0x80], [0xF0, 0x8F, 0xBF, 0xBF], [0xF0, 0x90, 0x80],
        [0xF1, 0x80, 0x80, 0x41],
        [0xF4, 0x90, 0x80, 0x80], [0xF5, 0x80, 0x80, 0x80], [0xF8, 0x88, 0x80, 0x80, 0x80], [0xFC, 0x84, 0x80, 0x80, 0x80, 0x80],
        [0xFE], [0xFF],
        [0xFF, 0xFE], [0xFE, 0xFF], [0xC3, 0xA9, 0xA9], [0xF0, 0x9F, 0x98], [0xE4, 0xB8, 0xAD, 0x80],
    ]

    @Test("bytes that are not UTF-8 are refused in strings, keys and between tokens", arguments: illFormed)
    func refusesIllFormedText(_ bytes: [UInt8]) {
        for padding in [0, 3, 7, 8, 9, 20] {
            let text = [UInt8](repeating: 0x61, count: padding) + bytes
            #expect(Envelopes.valueError([0x22] + text + [0x22])?.code == .invalidUTF8)
            #expect(Envelopes.valueError([0x7B, 0x22] + text + Array("\":1}".utf8))?.code == .invalidUTF8)
        }
        #expect(Envelopes.valueError(bytes) != nil)
    }

    @Test("a value is nested to the bound and not beyond")
    func boundsDepth() {
        for open in ["[", "{\"a\":"] {
            let close = open == "[" ? "]" : "}"
            // The event and its metadata are two levels of the 32.
            let deepest = String(repeating: open, count: 30) + "1" + String(repeating: close, count: 30)
            #expect(Envelopes.valueError(Array(deepest.utf8)) == nil)
            let deeper = String(repeating: open, count: 31) + "1" + String(repeating: close, count: 31)
            #expect(Envelopes.valueError(Array(deeper.utf8))?.code == .tooDeep)
            #expect(Envelopes.error(Envelopes.json(payload: "{\"x\":\(deeper)}"))?.code == .tooDeep)
            let bomb = String(repeating: open, count: 100_000)
            #expect(Envelopes.valueError(Array(bomb.utf8))?.code == .tooDeep)
        }
    }

    @Test("what is no event at all is refused as what it is")
    func refusesOtherValues() {
        let table: [(String, EnvelopeError.Code)] = [
            ("", .empty), (" ", .empty), ("\r\n\t", .empty), ("[]", .notAnObject), ("1", .notAnObject), ("\"a\"", .notAnObject),
            ("null", .notAnObject), ("[1", .truncated), ("{", .truncated), ("{}", .missingField), ("{ }", .missingField),
            ("}", .syntax),
            ("hello", .syntax), ("\u{FEFF}{}", .byteOrderMark), ("{}{}", .trailingData), ("{} x", .trailingData),
            ("{\"a\":1}", .unknownField),
            ("{\"a\"", .unknownField), ("{1}", .syntax), ("\u{0}", .syntax), ("[]]", .trailingData),
            (Envelopes.json() + ",", .trailingData), (Envelopes.json() + Envelopes.json(), .trailingData),
            (Envelopes.json() + "\u{0}", .trailingData),
        ]
        for (text, code) in table { #expect(Envelopes.error(text)?.code == code, "\(text)") }
        for text in ["  " + Envelopes.json(), Envelopes.json() + " \r\n", "\n" + Envelopes.json()] {
            #expect(Envelopes.error(text) == nil)
        }
    }

    @Test("events have bounded bytes, keys and key lengths")
    func boundsSize() {
        let limits = DecodeLimits(maxBytes: 1 << 21, maxKeys: 100, maxKeyBytes: 64)
        let many = "{" + (0..<101).map { "\"k\($0)\":1" }.joined(separator: ",") + "}"
        #expect(Envelopes.error(Envelopes.json(payload: many), limits: limits)?.code == .tooManyFields)
        #expect(Envelopes.valueError(Array(many.utf8), limits: limits)?.code == .tooManyFields)
        let long = "{\"" + String(repeating: "k", count: 65) + "\":1}"
        #expect(Envelopes.error(Envelopes.json(payload: long), limits: limits)?.code == .keyTooLong)
        let text = "{\"x\":\"" + String(repeating: "k", count: 1 << 20) + "\"}"
        #expect(Envelopes.error(Envelopes.json(payload: text)).map(\.code) == .lineTooLong)
        #expect(Envelopes.error(Envelopes.json(payload: text), limits: limits) == nil)
    }

    @Test("a warm decoder judges as a cold one")
    func warmAndColdAgree() {
        var decoder = EventDecoder(symbols: SymbolTable())
        var batch = EventBatch(symbols: decoder.symbols)
        for _ in 0..<2 {
            for (value, code) in Self.refused {
                let json = Array(Envelopes.json(payload: "{\"x\":\(value)}").utf8)
                #expect(json.withUnsafeBytes { decoder.append($0, to: &batch) }?.code == code)
            }
            for value in Self.accepted {
                let json = Array(Envelopes.json(payload: "{\"x\":\(value)}").utf8)
                #expect(json.withUnsafeBytes { decoder.append($0, to: &batch) } == nil)
            }
        }
        #expect(batch.count == 2 * Self.accepted.count)
    }
}
