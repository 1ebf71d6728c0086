import Testing

@testable import TowerApp

/// T-30 for the configuration file: any text gives settings or an error of ours, and soon.
@Suite struct ConfigurationFuzzTests {
    private struct Random: RandomNumberGenerator {
        var state: UInt64
        mutating func next() -> UInt64 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return state >> 33 ^ state << 31
        }
    }

    private static let seeds = [
        "server: {port: 8080, host: 127.0.0.1}\nlog.level: debug\n", "server:\n  port: 8081\nretention:\n  telemetry:\n    hours: 2\n",
        "a: &a [1, 2]\nb: *a\n<<: {x: !!int 3}\n", "? {complex: key}\n: |\n  text\n", "--- \"\\u00e9\"\n...\n%YAML 1.2\n",
    ]
    private static let pieces = ["{", "}", "[", "]", "&a ", "*a", ": ", "\n", "  ", "- ", "!!", "|", ">", "\"", "'", "\0", "\u{feff}", "<<: ", "? ", "é"]

    @Test func anyTextIsReadOrRefused() {
        var random = Random(state: 11)
        var (read, refused) = (0, 0)
        for _ in 0..<3000 {
            var text = Array(Self.seeds.randomElement(using: &random) ?? "")
            for _ in 0..<Int.random(in: 0...6, using: &random) {
                let at = Int.random(in: 0...text.count, using: &random)
                if Bool.random(using: &random) {
                    text.insert(contentsOf: Self.pieces.randomElement(using: &random) ?? "", at: at)
                } else {
                    text.removeSubrange(at..<min(text.count, at + Int.random(in: 0...4, using: &random)))
                }
            }
            do {
                _ = try Configuration(file: String(text))
                read += 1
            } catch {
                #expect(error is ConfigurationError, "\(error)")
                refused += 1
            }
        }
        #expect(read > 100 && refused > 100, "\(read) read, \(refused) refused")
    }

    /// Fifteen levels of ten aliases each: ten thousand billion values if anybody counted them out.
    @Test func aliasesOfAliasesAreBounded() {
        var text = "a0: &a0 {x: 1}\n"
        for level in 1...15 {
            let inner = (0..<10).map { "k\($0): *a\(level - 1)" }.joined(separator: ", ")
            text += "a\(level): &a\(level) {\(inner)}\n"
        }
        #expect(throws: ConfigurationError.self) { try Configuration(file: text) }
    }

    @Test(arguments: ["[", "{a: ", "- ", "? "]) func nestingIsBounded(opening: String) {
        let flow = "a: " + String(repeating: opening, count: 20_000)
        #expect(throws: ConfigurationError.self) { try Configuration(file: flow) }
        #expect(throws: ConfigurationError.self) { try Configuration(file: String(repeating: opening, count: 20_000)) }
    }

    @Test func aLongFileIsRefused() {
        #expect(throws: ConfigurationError.self) { try Configuration(file: String(repeating: "# x\n", count: 20_000)) }
    }
}
