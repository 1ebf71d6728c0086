import Foundation
import Testing
import TowerModel
@testable import TowerWire

/// Our verdict and our numbers against parsers that others wrote.
@Suite struct ReferenceTests {
    /// Where we are stricter than `JSONSerialization` on purpose, or it is laxer than RFC 8259. Everything else must agree.
    ///
    /// - duplicate keys: it keeps one of them; we refuse, because readers would disagree on which.
    /// - depth: it allows 512; we 32.
    /// - numbers: it takes 1e999 as infinity or as a decimal; we refuse what no double holds, and more than 64 characters.
    /// - keys and sizes: it has no bounds.
    /// - trailing commas: it takes `[1,]`, RFC 8259 does not; `hasTrailingComma` finds them.
    static let deliberate: Set<EnvelopeError.Code> = [.duplicateKey, .tooDeep, .numberOutOfRange, .tooManyFields, .keyTooLong]

    static let seeds: [String] = [
        #"{"a":1,"b":[true,false,null,-0.5e-3],"c":{"d":"x\u00e9\n\ud83d\ude00","e":"é😀€"}}"#, #"[1,2.25,[],{},"",{"":[[]]}]"#,
        #""\"\\\/\b\f\n\r\t""#,
        #"{"v":53.4,"i":-12.75,"soc":80,"t":"2026-01-02T03:04:05Z","n":null}"#,
        "[0,-0,0.1,1e5,1E-5,123456789012345678,1.7976931348623157e308]",
        #"{"metrics":{"a":1,"b":2,"c":3},"x":[{"y":[{"z":"w"}]}]}"#, "true", "-1.5e+10", #"["ab","cd\u0041","\u00e9","日本語"]"#,
    ]

    /// Pieces that mutation likes to put in.
    static let pieces: [[UInt8]] =
        [
            "\"", "\\", "{", "}", "[", "]", ",", ":", "\\u", "\\ud800", "0", "1", "-", ".", "e", "E", "+", "true", "null", " ",
            "\n", "\t", "'", "/", "a", "01", "1e999",
        ]
        .map { Array($0.utf8) } + [
            [0x00], [0x1F], [0x7F], [0x80], [0xC3], [0xC3, 0xA9], [0xED, 0xA0, 0x80], [0xF0, 0x9F, 0x98, 0x80], [0xFF],
            [0xEF, 0xBB, 0xBF],
        ]

    static func mutate(_ seed: [UInt8], _ generator: inout SeededGenerator) -> [UInt8] {
        var bytes = seed
        for _ in 0..<Int.random(in: 1...3, using: &generator) {
            let at = Int.random(in: 0...bytes.count, using: &generator)
            switch Int.random(in: 0..<5, using: &generator) {
            case 0 where at < bytes.count: bytes[at] = UInt8.random(in: .min ... .max, using: &generator)
            case 1 where at < bytes.count: bytes.remove(at: at)
            case 2: bytes.insert(contentsOf: pieces.randomElement(using: &generator) ?? [], at: at)
            case 3 where at < bytes.count:
                let end = Int.random(in: at...min(bytes.count, at + 8), using: &generator)
                bytes.insert(contentsOf: bytes[at..<end], at: Int.random(in: 0...bytes.count, using: &generator))
            case 4: bytes.removeSubrange(at..<Int.random(in: at...min(bytes.count, at + 4), using: &generator))
            default: if !bytes.isEmpty { bytes.removeLast() }
            }
        }
        return bytes
    }

    @Test("60,000 mutations get the verdict of Foundation, but for deliberate differences", arguments: 0..<6)
    func agreesWithFoundation(_ round: Int) {
        var generator = SeededGenerator(state: UInt64(round) &* 7919 &+ 1)
        var decoder = EventDecoder(symbols: SymbolTable())
        let head = Array(Envelopes.json(["metadata": nil]).utf8.dropLast()) + Array(",\"metadata\":{\"x\":".utf8)
        let tail = Array("}}".utf8)
        var (agreed, valid, deliberate) = (0, 0, 0)
        for _ in 0..<10_000 {
            let value = Self.mutate(Array((Self.seeds.randomElement(using: &generator) ?? "").utf8), &generator)
            let ours = verdict(&decoder, head + value + tail)
            let reference = Self.isValid(value)
            if ours == nil {
                #expect(reference, "taken, though the reference refuses: \(value) \(String(decoding: value, as: UTF8.self))")
                valid += 1
            } else if let ours, reference {
                let isKnown = Self.deliberate.contains(ours) || ours == .syntax && Self.hasTrailingComma(value)
                #expect(isKnown, "refused as \(ours.name), though valid: \(String(decoding: value, as: UTF8.self))")
                deliberate += 1
            }
            agreed += 1
        }
        #expect(valid > 500 && agreed == 10_000 && deliberate < valid)
    }

    /// Whether a comma outside of strings is followed by a closing bracket or the end.
    private static func hasTrailingComma(_ value: [UInt8]) -> Bool {
        var (isInside, isEscaped, isAfterComma) = (false, false, false)
        for byte in value + [0x5D] {
            if isInside {
                (isInside, isEscaped) = (isEscaped || byte != 0x22, !isEscaped && byte == 0x5C)
            } else if isAfterComma, byte == 0x5D || byte == 0x7D {
                return true
            } else if ![0x20, 0x09, 0x0A, 0x0D].contains(byte) {
                isInside = byte == 0x22
                isAfterComma = byte == 0x2C
            }
        }
        return false
    }

    private func verdict(_ decoder: inout EventDecoder, _ json: [UInt8]) -> EnvelopeError.Code? {
        var batch = EventBatch(symbols: decoder.symbols)
        return json.withUnsafeBytes { decoder.append($0, to: &batch) }?.code
    }

    /// The reference's verdict, with what it is known to let pass taken back.
    private static func isValid(_ value: [UInt8]) -> Bool {
        // It guesses UTF-16 and UTF-32 from zero bytes and skips a byte order mark; RFC 8259 wants UTF-8 without one.
        if value.contains(0) || value.starts(with: [0xEF, 0xBB, 0xBF]) { return false }
        guard String(validating: value, as: UTF8.self) != nil else { return false }
        return (try? JSONSerialization.jsonObject(with: Data([0x5B] + value + [0x5D]))).map { ($0 as? [Any])?.count == 1 }
            ?? false
    }

    @Test("numbers are rounded as the standard library rounds them, bit for bit")
    func roundsCorrectly() {
        var generator = SeededGenerator(state: 99)
        var texts = [
            "0.1", "0.3", "1e22", "1e23", "9007199254740993", "9007199254740992", "9007199254740991", "2.2250738585072011e-308",
            "2.2250738585072014e-308", "4.9406564584124654e-324", "2.4703282292062327e-324", "2.4703282292062328e-324",
            "1.7976931348623157e308",
            "1.7976931348623158e308", "5e-324", "1e-324", "123456789012345678901234567890", "0.000001",
            "100000000000000000000000", "8.5e-22", "8.5e22", "-0",
            "6.9294956446009195e15", "3.7455744005952583e15", "72.10000000000001", "0.401048098657",
            "1.00000000000000011102230246251565",
            "1.00000000000000011102230246251566", "1.00000000000000033306690738754696", "9.5367431640625e-7",
            "18446744073709551616", "18446744073709551615",
        ]
        for _ in 0..<20_000 {
            switch Int.random(in: 0..<5, using: &generator) {
            case 0: texts.append(Double(bitPattern: UInt64.random(in: 0...0x7FEF_FFFF_FFFF_FFFF, using: &generator)).description)
            case 1:
                texts.append(
                    "-\(Int.random(in: 0..<100_000, using: &generator)).\(Int.random(in: 0..<1_000_000, using: &generator))")
            case 2:
                texts.append(
                    "\(UInt64.random(in: .min ... .max, using: &generator))e\(Int.random(in: -40...40, using: &generator))")
            case 3:
                texts.append(
                    "\(Int.random(in: 0..<10, using: &generator)).\(UInt64.random(in: .min ... .max, using: &generator))E-\(Int.random(in: 0...330, using: &generator))"
                )
            default: texts.append("\(Double.random(in: -1e6...1e6, using: &generator))")
            }
        }
        for text in texts {
            let bytes = Array(text.utf8)
            let ours = bytes.withUnsafeBytes { buffer -> Double? in
                var scanner = JSONScanner(buffer)
                return try? scanner.number()
            }
            #expect(ours?.bitPattern == Double(text)?.bitPattern, "\(text)")
        }
    }

    @Test(
        "strings mean what Foundation says they mean",
        arguments: [
            #""a\u00e9b""#, #""\ud83d\ude00""#, #""\"\\\/\b\f\n\r\t""#, #""\u0000\u001f""#, #""plain""#, #""日本\u8a9e""#,
            #""\uDBFF\uDFFF!""#,
        ])
    func unescapesAlike(_ json: String) throws {
        let batch = try Envelopes.batch(Envelopes.json(["event_type": "\"x\""], payload: "{\"s\":\(json),\(json):1}"))
        let reference = try JSONSerialization.jsonObject(with: Data("[\(json)]".utf8)) as? [String]
        #expect(batch.string(batch.symbols.intern("s"), of: 0) == reference?.first)
        #expect(batch.symbols.name(batch.fields[1].key) == reference?.first)
    }
}
