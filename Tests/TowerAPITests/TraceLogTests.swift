import HTTPTypes
import Logging
import Testing

@testable import TowerAPI

@Suite struct TraceLogTests {
    @Test(arguments: [
        ("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", "4bf92f3577b34da6a3ce929d0e0e4736"),
        ("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00", nil), ("nonsense", nil), (nil, nil),
    ])
    func aLoggerKnowsTheCallersTrace(header: String?, traceID: String?) throws {
        var fields = HTTPFields()
        fields[try #require(HTTPField.Name("traceparent"))] = header
        let logger = Logger(label: "test") { StreamLogHandler.standardError(label: $0) }.traced(fields)
        #expect(logger[metadataKey: "trace_id"].map { "\($0)" } == traceID)
    }
}
