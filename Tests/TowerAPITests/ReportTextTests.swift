import Testing
import TowerIngest

@testable import TowerAPI

@Suite struct ReportTextTests {
    @Test(arguments: [
        [], ["plain"], ["a \"quoted\" \\ and / one", "two\nlines\ttab\r"], [String((0..<0x80).map { Character(Unicode.Scalar($0)) })],
        ["énergie ⚡ \u{2028} \u{FFFD}", ""],
    ] as [[String]])
    func saysWhatTheEncoderSays(details: [String]) {
        let rejected = details.enumerated().map { IngestReport.Rejection(line: $0.offset + 1, code: "json.\($0.element)", detail: $0.element) }
        let report = IngestReport(accepted: 12_345, duplicates: 0, rejected: rejected)
        #expect(String(decoding: ReportText(report).bytes, as: UTF8.self) == String(decoding: WireJSON.bytes(report), as: UTF8.self))
    }
}
