import Testing
import TowerModel
@testable import TowerWire

@Suite struct CloudEventsTests {
    static let receivedAt = Timestamp(milliseconds: 1_767_323_045_678)

    static func envelope(_ json: String) -> Result<String, EnvelopeError> {
        var out: [UInt8] = []
        let result = Array(json.utf8).withUnsafeBytes {
            CloudEvents.envelope(of: $0, tenant: "acme", receivedAt: receivedAt, into: &out)
        }
        if case .failure = result { #expect(out.isEmpty) }
        return result.map { _ in String(decoding: out, as: UTF8.self) }
    }

    static func structured(_ envelope: String) -> Result<String, EnvelopeError> {
        Array(envelope.utf8).withUnsafeBytes { CloudEvents.structured(of: $0) }.map { String(decoding: $0, as: UTF8.self) }
    }

    /// Members of an object, sorted, values as they were written.
    static func members(_ json: String) -> [String] {
        Array(json.utf8).withUnsafeBytes { bytes in
            var scanner = JSONScanner(bytes)
            do throws(JSONScanner.Failure) {
                return try scanner.onlyObject(maxDepth: 64, maxMembers: 1000)
                    .map { "\($0.name)=\(String(decoding: scanner.slice($0.value), as: UTF8.self))" }.sorted()
            } catch {
                return ["\(error)"]
            }
        }
    }

    struct Case: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var cloudEvent: String
        /// Fields of the envelope as JSON, by name.
        var fields: [String: String]
        init(_ name: String, _ cloudEvent: String, _ fields: [String: String]) {
            testDescription = name
            self.cloudEvent = cloudEvent
            self.fields = fields
        }
    }

    static let id = "0f8fad5b-d9cb-469f-a165-70867728950e"
    static let head = #""specversion":"1.0","id":"\#(id)","source":"/gateways/7","type":"battery.telemetry""#

    static let cases: [Case] = [
        Case(
            "all that we know",
            #"{\#(head),"subject":"SITE-1","time":"2026-01-02T03:04:05Z","tenantid":"acme","dataversion":"2.1","data":{"v":1}}"#,
            [
                "event_id": "\"\(id)\"", "event_type": "\"battery.telemetry\"", "tenant_id": "\"acme\"", "site_id": "\"SITE-1\"",
                "timestamp": "\"2026-01-02T03:04:05Z\"", "version": "\"2.1\"", "payload": #"{"v":1}"#,
                "metadata": #"{"cloudevents":{"source":"/gateways/7","dataversion":"2.1"}}"#,
            ]),
        Case(
            "no more than required", "{\(head)}",
            [
                "tenant_id": "\"acme\"", "site_id": "\"7\"", "timestamp": "\"2026-01-02T03:04:05.678Z\"", "version": "\"1.0\"",
                "payload": "{}",
                "metadata":
                    #"{"cloudevents":{"source":"/gateways/7","subject":null,"time":null,"tenantid":null,"payload_is":"absent"}}"#,
            ]),
        Case(
            "an id that is no UUID", #"{"specversion":"1.0","id":"A-1","source":"urn:rms:1","type":"x"}"#,
            ["event_id": "\"\(CloudEvents.eventID(source: "urn:rms:1", id: "A-1"))\"", "site_id": "\"urn:rms:1\""]),
        Case(
            "a type in capitals", #"{"specversion":"1.0","id":"1","source":"s","type":"com.Example..Order Placed."}"#,
            ["event_type": "\"com.example._order_placed_\""]),
        Case(
            "attributes in another order",
            #"{"a":1,"type":"Big","time":"2026-01-02T03:04:05Z","id":"7","specversion":"1.0","source":"s","b":2}"#,
            [
                "metadata":
                    ##"{"cloudevents":{"a":1,"type":"Big","id":"7","source":"s","b":2,"subject":null,"tenantid":null,"payload_is":"absent"}}"##
            ]),
        Case("a path as subject", #"{\#(head),"subject":"/north/SITE-2/?x=/y#z/"}"#, ["site_id": "\"SITE-2\""]),
        Case("a subject that is no identifier", #"{\#(head),"subject":"my mast"}"#, ["site_id": "\"7\""]),
        Case(
            "a schema with a version", #"{\#(head),"dataschema":"urn:towerco:schema:battery.telemetry:1.3"}"#,
            ["version": "\"1.3\""]),
        Case("a schema file", #"{\#(head),"dataschema":"https://x.example/battery/v2.json"}"#, ["version": "\"2\""]),
        Case("a schema without", #"{\#(head),"dataschema":"https://x.example/battery"}"#, ["version": "\"1.0\""]),
        Case("a version as number", #"{\#(head),"dataversion":3}"#, ["version": "3"]),
        Case("a version that is none of ours", #"{\#(head),"dataversion":"v1.2.3"}"#, ["version": "\"1.0\""]),
        Case("an array as data", #"{\#(head),"data":[1, 2]}"#, ["payload": #"{"data":[1, 2]}"#]),
        Case("null as data", #"{\#(head),"data":null}"#, ["payload": #"{"data":null}"#]),
        Case("text as data", #"{\#(head),"datacontenttype":"text/xml","data":"<a/>"}"#, ["payload": #"{"data":"<a/>"}"#]),
        Case("bytes as data", #"{\#(head),"data_base64":"AAH\/"}"#, ["payload": #"{"data_base64":"AAH\/"}"#]),
        Case("null is unset", #"{\#(head),"subject":null,"time":null,"data_base64":null,"ext":null}"#, ["site_id": "\"7\""]),
        Case(
            "extensions keep their types",
            #"{\#(head),"subject":"S","time":"2026-01-02T03:04:05Z","tenantid":"acme","a":true,"b":-7,"c":"\u00e9","data":{}}"#,
            ["metadata": #"{"cloudevents":{"source":"/gateways/7","a":true,"b":-7,"c":"\u00e9"}}"#]),
    ]

    @Test("attributes become fields, and the way back restores them", arguments: cases)
    func maps(_ test: Case) throws {
        let envelope = try Self.envelope(test.cloudEvent).get()
        let members = Self.members(envelope)
        for (field, value) in test.fields { #expect(members.contains("\(field)=\(value)"), "\(field) in \(envelope)") }
        #expect(Envelopes.error(envelope.replacing("battery.telemetry", with: "x.y")) == nil, "\(envelope)")
        let wanted = Self.members(test.cloudEvent).filter { !$0.hasSuffix("=null") || $0 == "data=null" }
        #expect(Self.members(try Self.structured(envelope).get()) == wanted)
    }

    @Test("the same source and id are the same event for ever")
    func derivesStableIDs() {
        // Python: u = uuid.uuid5; ns = u(u(uuid.NAMESPACE_URL, "towerco:derived"), "cloudevents"); u(ns, "/a b-1")
        #expect(CloudEvents.namespace.description == "8ef86f4c-0a5f-50df-8a9d-fadaff301734")
        #expect(CloudEvents.eventID(source: "/a", id: "b-1").description == "fa0c6b38-dcf8-542a-abfc-fd5f2cd36314")
    }

    static let refused: [(String, EnvelopeError.Code, String)] = [
        ("", .empty, ""), ("[]", .notAnObject, ""), ("{", .truncated, ""), ("{\(head)", .truncated, ""),
        ("{\(head)}}", .trailingData, ""),
        ("\u{FEFF}{\(head)}", .byteOrderMark, ""), (#"{\#(head),"data":01}"#, .badNumber, ""),
        (#"{\#(head),"data":{"a":}}"#, .syntax, ""),
        (#"{"id":"1","source":"s","type":"t"}"#, .missingAttribute, "specversion"),
        (#"{"specversion":"1.0","source":"s","type":"t"}"#, .missingAttribute, "id"),
        (#"{"specversion":"1.0","id":"1","type":"t"}"#, .missingAttribute, "source"),
        (#"{"specversion":"1.0","id":"1","source":"s"}"#, .missingAttribute, "type"),
        (#"{"specversion":"1.0","id":null,"source":"s","type":"t"}"#, .missingAttribute, "id"),
        (#"{"specversion":"0.3","id":"1","source":"s","type":"t"}"#, .badSpecVersion, "specversion"),
        (#"{"specversion":"1.0.2","id":"1","source":"s","type":"t"}"#, .badSpecVersion, "specversion"),
        (#"{"specversion":1.0,"id":"1","source":"s","type":"t"}"#, .badAttribute, "specversion"),
        (#"{"specversion":"1.0","id":7,"source":"s","type":"t"}"#, .badAttribute, "id"),
        (#"{"specversion":"1.0","id":"","source":"s","type":"t"}"#, .badAttribute, "id"),
        (#"{"specversion":"1.0","id":"1","source":"a b","type":"t"}"#, .badAttribute, "source"),
        (#"{"specversion":"1.0","id":"1","source":"a\u000ab","type":"t"}"#, .badAttribute, "source"),
        (#"{\#(head),"subject":""}"#, .badAttribute, "subject"), (#"{\#(head),"time":""}"#, .badAttribute, "time"),
        (#"{\#(head),"time":"yesterday"}"#, .badTimestamp, "time"), (#"{\#(head),"time":1767323045}"#, .badAttribute, "time"),
        (#"{\#(head),"time":"2026-01-02T03:04:05"}"#, .badTimestamp, "time"),
        (#"{\#(head),"Upper":"x"}"#, .badAttribute, "Upper"), (#"{\#(head),"a_b":"x"}"#, .badAttribute, "a_b"),
        (#"{\#(head),"payload_is":"x"}"#, .badAttribute, "payload_is"), (#"{\#(head),"":"x"}"#, .badAttribute, ""),
        (#"{\#(head),"ext":{}}"#, .badAttribute, "ext"), (#"{\#(head),"ext":[1]}"#, .badAttribute, "ext"),
        (#"{\#(head),"ext":1.5}"#, .badAttribute, "ext"), (#"{\#(head),"ext":2147483648}"#, .badAttribute, "ext"),
        (#"{\#(head),"id":"2"}"#, .duplicateKey, ""), (#"{\#(head),"\u0069d":"2"}"#, .duplicateKey, ""),
        (#"{\#(head),"data":{},"data_base64":""}"#, .badAttribute, "data_base64"),
        (#"{\#(head),"data_base64":7}"#, .badAttribute, "data_base64"),
        (#"{\#(head),"data_base64":"A"}"#, .badAttribute, "data_base64"),
        (#"{\#(head),"data_base64":"AB=="}"#, .badAttribute, "data_base64"),
        (#"{\#(head),"data_base64":"A-=="}"#, .badAttribute, "data_base64"),
        (#"{"specversion":"1.0","id":"1","source":"mailto:a@b","type":"t"}"#, .badSiteID, "subject"),
        (#"{"specversion":"1.0","id":"1","source":"s","type":"\#(String(repeating: "t", count: 129))"}"#, .badEventType, "type"),
        (#"{\#(head),"data":\#(String(repeating: "[", count: 40))\#(String(repeating: "]", count: 40))}"#, .tooDeep, ""),
        ("{\(head)," + (0..<80).map { "\"e\($0)\":1" }.joined(separator: ",") + "}", .tooManyFields, ""),
    ]

    @Test("what CloudEvents 1.0 forbids is refused by name", arguments: refused)
    func refuses(_ json: String, _ code: EnvelopeError.Code, _ field: String) {
        guard case .failure(let error) = Self.envelope(json) else {
            Issue.record("taken: \(json)")
            return
        }
        #expect(error.code == code && error.field == field && error.column >= 1 && !error.reason.isEmpty, "\(json): \(error)")
    }

    @Test("data cannot climb out of the payload, nor an attribute out of its place")
    func keepsItsPlaces() {
        for data in [
            #"{"a":1},"tenant_id":"rival""#, #"{"v":1}},"x":{"#, #"1},"event_id":"x""#, #""a","metadata":{}"#, #"{"v":1}/*"#,
        ] {
            switch Self.envelope(#"{\#(Self.head),"data":\#(data)}"#) {
            case .failure: break
            case .success(let envelope):
                #expect(Self.members(envelope).contains("tenant_id=\"acme\"") && Self.members(envelope).count == 8)
            }
        }
    }

    @Test("an error of the envelope names the attribute, and the byte where the data has it")
    func translatesErrors() throws {
        let json = #"{\#(Self.head),"subject":"S","data":{"soc":1,"v":"high"}}"#
        var out: [UInt8] = []
        let origin = try Array(json.utf8).withUnsafeBytes {
            CloudEvents.envelope(of: $0, tenant: "acme", receivedAt: Self.receivedAt, into: &out)
        }.get()
        let error = try #require(Envelopes.error(out))
        let translated = CloudEvents.error(error, for: origin)
        #expect(translated.code == .schemaMismatch && translated.field == "data.v")
        #expect(
            Array(json.utf8)[translated.column - 1] == 0x22 && json.utf8.count - translated.column == #""high"}}"#.utf8.count - 1)
        let foreign = EnvelopeError(.tenantMismatch, field: "tenant_id", column: 100, reason: "x")
        #expect(
            CloudEvents.error(foreign, for: origin).field == "tenantid" && CloudEvents.error(foreign, for: origin).column == 1)
    }
}
