import Foundation
import Testing
import TowerModel
@testable import TowerWire

@Suite struct EventWriterTests {
    @Test("an event is written with its fields in the contract's order")
    func writesEvents() throws {
        let bytes = EventWriter.event(
            id: try #require(EventID(Envelopes.id)), type: "battery.telemetry", tenant: TenantID("acme"), site: SiteID("SITE-1"),
            timestamp: try #require(Timestamp("2026-01-02T03:04:05.678Z")), metadata: Array(#"{"seq":7}"#.utf8)
        ) { payload in
            payload.member("string_id", "S1")
            payload.member("v", 53.4)
            payload.member("i", -12.5)
            payload.member("soc", 80)
        }
        #expect(String(decoding: bytes, as: UTF8.self) == Envelopes.json())
        #expect(Envelopes.error(bytes) == nil)
        let bare = EventWriter.event(
            id: EventID(high: 1, low: 2), type: "x", tenant: TenantID("t"), site: SiteID("s"),
            timestamp: Timestamp(milliseconds: 1_767_323_045_678),
            payload: Array("{}".utf8))
        #expect(Envelopes.error(bare) == nil && !String(decoding: bare, as: UTF8.self).contains("metadata"))
    }

    @Test("every character survives being written and read", arguments: 0..<4)
    func escapes(_ round: UInt32) throws {
        var text = ""
        for value in stride(from: round, to: 0x110000, by: round == 0 ? 1009 : 997) {
            if let scalar = Unicode.Scalar(value) { text.unicodeScalars.append(scalar) }
        }
        for value in UInt32(0)..<0x100 { text.unicodeScalars.append(Unicode.Scalar(value) ?? " ") }
        var json = JSONBuffer()
        json.beginObject()
        json.member("text", text)
        json.member(text, true)
        json.endObject()
        let object = try JSONSerialization.jsonObject(with: Data(json.bytes)) as? [String: Any]
        #expect(object?["text"] as? String == text)
        let payload = String(decoding: json.bytes, as: UTF8.self)
        var limits = DecodeLimits.standard
        limits.maxKeyBytes = 65_535
        #expect(Envelopes.error(Envelopes.json(payload: payload), limits: limits) == nil)
    }

    @Test(
        "numbers read back to the same bits",
        arguments: [
            0, -0.0, 1, -1, 0.1, 53.4, 1e15, 1e16, 1e21, 1e-7, .leastNonzeroMagnitude, .greatestFiniteMagnitude,
            .leastNormalMagnitude, 1 / 3.0, 123_456_789.125, -2.5e-300,
        ] as [Double])
    func writesNumbers(_ number: Double) throws {
        var json = JSONBuffer()
        json.beginObject()
        json.member("v", number)
        json.endObject()
        let batch = try Envelopes.batch(Envelopes.json(payload: String(decoding: json.bytes, as: UTF8.self)))
        let field = try #require(batch.field(batch.symbols.intern("v"), of: 0))
        // Of the text: what is read of it is bounded (ExtremeNumberTests).
        #expect(Double(batch.text(field))?.bitPattern == number.bitPattern)
        if abs(number) <= EventDecoder.maxNumber { #expect(field.number.bitPattern == number.bitPattern) }
    }

    @Test("what JSON cannot say is null, and nesting keeps its commas")
    func writesStructure() {
        var json = JSONBuffer()
        json.beginObject()
        json.member("a", Double.nan)
        json.member("b", -Double.infinity)
        json.key("c")
        json.beginArray()
        json.value(1)
        json.beginObject()
        json.endObject()
        json.value("x")
        json.null()
        json.raw(Array("[2]".utf8))
        json.endArray()
        json.key("d")
        json.beginArray()
        json.endArray()
        json.member("e", false)
        json.endObject()
        #expect(String(decoding: json.bytes, as: UTF8.self) == #"{"a":null,"b":null,"c":[1,{},"x",null,[2]],"d":[],"e":false}"#)
    }
}
