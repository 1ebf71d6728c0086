import Foundation
import Testing
import TowerModel

@testable import TowerSimulation

@Suite struct WriterTests {
    @Test(arguments: [
        (0.0, 2, "0"), (54.5, 2, "54.5"), (-38.04, 1, "-38"), (-0.04, 1, "0"), (0.05, 2, "0.05"), (1.005, 0, "1"),
        (99.999, 2, "100"),
        (-99, 1, "-99"), (.nan, 2, "null"), (.infinity, 1, "null"), (1e13, 1, "null"), (12.340, 3, "12.34"),
    ])
    func numbersHaveSensibleDigits(value: Double, decimals: Int, text: String) {
        var out = JSONWriter()
        out.number(value, decimals: decimals)
        #expect(String(decoding: out.bytes, as: UTF8.self) == text)
    }

    @Test func stringsAreEscapedSoThatAParserReadsThemBack() throws {
        let text = "Béoumi \"x\" \\ \n\t\u{1F}"
        var out = JSONWriter()
        out.beginArray()
        out.string(text)
        out.integer(-12)
        out.bool(true)
        out.null()
        out.endArray()
        let read = try JSONSerialization.jsonObject(with: Data(out.bytes)) as? [Any]
        #expect(read?[0] as? String == text)
        #expect(read?[1] as? Int == -12)
        #expect(read?.count == 4)
    }

    @Test(arguments: [0, 1, 999, 86_399_999, 86_400_000, 1_768_446_444_123, -1, -86_400_001])
    func clockWritesWhatTimestampsSay(milliseconds: Int64) {
        var clock = ClockText()
        var bytes: [UInt8] = []
        clock.append(milliseconds, to: &bytes)
        #expect(String(decoding: bytes, as: UTF8.self) == Timestamp(milliseconds: milliseconds).description)
    }
}
