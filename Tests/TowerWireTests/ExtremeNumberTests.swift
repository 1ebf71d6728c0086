import Testing
import TowerModel

@testable import TowerWire

/// Numbers of a payload that nothing measures.
@Suite struct ExtremeNumberTests {
    @Test(arguments: [
        ("1.7e308", 1e30), ("-1.7976931348623157e308", -1e30), ("1e31", 1e30), ("1e30", 1e30), ("-1e30", -1e30),
        ("9.99e29", 9.99e29), ("0", 0), ("1e-300", 1e-300), ("-12.5", -12.5),
    ])
    func areReadAsTheLargestThatIsBelievedAndKeptAsTheyWereWritten(text: String, number: Double) throws {
        let symbols = SymbolTable()
        var decoder = EventDecoder(symbols: symbols)
        let json = """
            {"event_id":"0f8fad5b-d9cb-469f-a165-70867728950e","event_type":"telemetry.metric","tenant_id":"acme","site_id":"S",\
            "timestamp":"2026-01-02T03:04:05Z","version":"1.0","payload":{"metric":"m","value":\(text)}}
            """
        var batch = EventBatch(symbols: symbols)
        let error = Array(json.utf8).withUnsafeBytes { decoder.append($0, to: &batch) }
        #expect(error == nil)
        let field = try #require(batch.field(symbols.intern("value"), of: 0))
        #expect(field.number == number)
        #expect(batch.text(field) == text)
        #expect(decoder.decode([Array(json.utf8)]).number(symbols.intern("value"), of: 0) == number)
    }
}
