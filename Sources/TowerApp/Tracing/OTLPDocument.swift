import TowerStreaming
import TowerWire

/// Spans as the body of `POST /v1/traces`: OTLP 1.x in JSON, ids in hex, times as text.
enum OTLPDocument {
    /// - Parameter resource: attributes of this process.
    static func json(_ spans: [Span], resource: [(String, String)]) -> [UInt8] {
        var json = JSONBuffer(capacity: 512 + spans.count * 400)
        json.beginObject()
        json.key("resourceSpans")
        json.beginArray()
        json.beginObject()
        json.key("resource")
        json.beginObject()
        json.key("attributes")
        json.beginArray()
        for (key, value) in resource { attribute(.init(key: key, value: .text(value)), &json) }
        json.endArray()
        json.endObject()
        json.key("scopeSpans")
        json.beginArray()
        json.beginObject()
        json.key("scope")
        json.beginObject()
        json.member("name", "towerco")
        json.member("version", Version.current)
        json.endObject()
        json.key("spans")
        json.beginArray()
        for span in spans { add(span, &json) }
        json.endArray()
        json.endObject()
        json.endArray()
        json.endObject()
        json.endArray()
        json.endObject()
        return json.bytes
    }

    private static func add(_ span: Span, _ json: inout JSONBuffer) {
        json.beginObject()
        json.member("traceId", span.context.traceID)
        json.member("spanId", span.context.spanID)
        if span.parent != 0 {
            var parent = span.context
            parent.span = span.parent
            json.member("parentSpanId", parent.spanID)
        }
        json.member("name", span.name)
        json.member("kind", span.kind.rawValue)
        json.member("startTimeUnixNano", "\(span.startNs)")
        json.member("endTimeUnixNano", "\(span.endNs)")
        json.key("attributes")
        json.beginArray()
        for item in span.attributes { attribute(item, &json) }
        json.endArray()
        if let failure = span.failure {
            json.key("status")
            json.beginObject()
            json.member("code", 2)
            json.member("message", failure)
            json.endObject()
        }
        json.endObject()
    }

    private static func attribute(_ attribute: Span.Attribute, _ json: inout JSONBuffer) {
        json.beginObject()
        json.member("key", attribute.key)
        json.key("value")
        json.beginObject()
        switch attribute.value {
        case .text(let text): json.member("stringValue", text)
        case .number(let number): json.member("intValue", "\(number)")
        }
        json.endObject()
        json.endObject()
    }
}
