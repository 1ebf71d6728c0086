import Testing
import TowerModel
@testable import TowerWire

@Suite struct EnvelopeTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var field: String
        /// Raw JSON; `nil` leaves the field out.
        var value: String?
        var code: EnvelopeError.Code?
        init(_ field: String, _ value: String?, _ code: EnvelopeError.Code?) {
            self.field = field
            self.value = value
            self.code = code
        }
        var testDescription: String { "\(field) = \(value ?? "absent") is \(code.map(\.name) ?? "taken")" }
    }

    static let long = String(repeating: "a", count: 128)

    static let cases: [Case] = [
        Case("event_id", nil, .missingField), Case("event_type", nil, .missingField), Case("tenant_id", nil, .missingField),
        Case("site_id", nil, .missingField), Case("timestamp", nil, .missingField), Case("version", nil, .missingField),
        Case("payload", nil, .missingField), Case("metadata", nil, nil),

        Case("event_id", "1", .wrongType), Case("event_id", "null", .wrongType), Case("event_id", "{}", .wrongType),
        Case("event_id", "\"\"", .badUUID),
        Case("event_id", "\"not-a-uuid\"", .badUUID), Case("event_id", "\"0F8FAD5B-D9CB-469F-A165-70867728950E\"", nil),
        Case("event_id", "\"0f8fad5bd9cb469fa16570867728950e\"", .badUUID),
        Case("event_id", "\"{0f8fad5b-d9cb-469f-a165-70867728950e}\"", .badUUID),
        Case("event_id", "\"0f8fad5b-d9cb-469f-a165-70867728950g\"", .badUUID),
        Case("event_id", "\"0f8fad5b-d9cb-469f-a165_70867728950e\"", .badUUID),
        Case("event_id", "\"0f8fad5b-d9cb-469f-a165-70867728950\"", .badUUID),
        Case("event_id", "\"0f8fad5b-d9cb-469f-a165-70867728950ee\"", .badUUID),
        Case("event_id", "\"0f8fad5:-d9cb-469f-a165-70867728950e\"", .badUUID),
        Case("event_id", "\"0f8fad5/-d9cb-469f-a165-70867728950e\"", .badUUID),
        Case("event_id", "\"0f8fad5@-d9cb-469f-a165-70867728950e\"", .badUUID),
        Case("event_id", "\"0f8fad5`-d9cb-469f-a165-70867728950e\"", .badUUID),
        Case("event_id", "\"0f8fad5\u{10}-d9cb-469f-a165-70867728950e\"", .controlCharacter),
        Case("event_id", "\"00000000-0000-0000-0000-000000000000\"", nil),
        Case("event_id", "\"ffffffff-ffff-ffff-ffff-ffffffffffff\"", nil),

        Case("event_type", "7", .wrongType), Case("event_type", "\"\"", .badEventType),
        Case("event_type", "\"Battery.telemetry\"", .badEventType),
        Case("event_type", "\".battery\"", .badEventType), Case("event_type", "\"battery.\"", .badEventType),
        Case("event_type", "\"a..b\"", .badEventType),
        Case("event_type", "\"a b\"", .badEventType), Case("event_type", "\"a/b\"", .badEventType),
        Case("event_type", "\"bättery\"", .badEventType),
        Case("event_type", "\"\\u0061.b\"", .badEventType), Case("event_type", "\"x.my_type-2\"", nil),
        Case("event_type", "\"\(long)\"", nil),
        Case("event_type", "\"\(long)a\"", .badEventType), Case("event_type", "\".\"", .badEventType),
        Case("event_type", "\"a\"", nil),

        Case("tenant_id", "{}", .wrongType), Case("tenant_id", "\"\"", .badTenantID), Case("tenant_id", "\"a b\"", .badTenantID),
        Case("tenant_id", "\"a/b\"", .badTenantID), Case("tenant_id", "\"A-z._:9\"", nil), Case("tenant_id", "\"\(long)\"", nil),
        Case("tenant_id", "\"\(long)a\"", .badTenantID), Case("tenant_id", "\"a\\n\"", .badTenantID),
        Case("tenant_id", "\"ä\"", .badTenantID),
        Case("site_id", "[]", .wrongType), Case("site_id", "\"\"", .badSiteID), Case("site_id", "\"../etc\"", .badSiteID),
        Case("site_id", "\"a\u{7F}\"", .badSiteID), Case("site_id", "\"\(long)\"", nil),
        Case("site_id", "\"\(long)a\"", .badSiteID), Case("site_id", "true", .wrongType),

        Case("timestamp", "1767323045", .wrongType), Case("timestamp", "\"\"", .badTimestamp),
        Case("timestamp", "\"2026-01-02\"", .badTimestamp),
        Case("timestamp", "\"2026-01-02T03:04:05\"", .badTimestamp),
        Case("timestamp", "\"2026-01-02T03:04:05.678\"", .badTimestamp),
        Case("timestamp", "\"yesterday\"", .badTimestamp), Case("timestamp", "\"2026-13-02T03:04:05Z\"", .badTimestamp),
        Case("timestamp", "\"2026-02-29T03:04:05Z\"", .badTimestamp), Case("timestamp", "\"2028-02-29T03:04:05Z\"", nil),
        Case("timestamp", "\"2026-02-29T03:04:05.678Z\"", .badTimestamp),
        Case("timestamp", "\"2026-01-02T24:04:05.678Z\"", .badTimestamp),
        Case("timestamp", "\"2026-01-02T03:60:05.678Z\"", .badTimestamp),
        Case("timestamp", "\"2026-01-02T03:04:61.678Z\"", .badTimestamp),
        Case("timestamp", "\"2026-01-02T03:04:60.678Z\"", nil), Case("timestamp", "\"2026-01-02 03:04:05Z\"", nil),
        Case("timestamp", "\"2026-01-02t03:04:05z\"", nil), Case("timestamp", "\"2026-01-02T03:04:05.6Z\"", nil),
        Case("timestamp", "\"2026-01-02T03:04:05.123456789Z\"", nil),
        Case("timestamp", "\"2026-01-02T03:04:05.1234567890Z\"", .badTimestamp),
        Case("timestamp", "\"2026-01-02T03:04:05.Z\"", .badTimestamp),
        Case("timestamp", "\"2026-01-02T03:04:05+05:30\"", nil), Case("timestamp", "\"2026-01-02T03:04:05+0530\"", .badTimestamp),
        Case("timestamp", "\"2026-01-02T03:04:05.6 8Z\"", .badTimestamp),
        Case("timestamp", "\"20a6-01-02T03:04:05.678Z\"", .badTimestamp),
        Case("timestamp", "\"2026-01-02T0:04:005.678Z\"", .badTimestamp),
        Case("timestamp", "\"1999-12-31T23:59:59.999Z\"", .timestampOutOfRange),
        Case("timestamp", "\"2000-01-01T00:00:00.000Z\"", nil), Case("timestamp", "\"2100-12-31T23:59:59.999Z\"", nil),
        Case("timestamp", "\"2101-01-01T00:00:00.000Z\"", .timestampOutOfRange),
        Case("timestamp", "\"1970-01-01T00:00:00Z\"", .timestampOutOfRange),
        Case("timestamp", "\"0001-01-01T00:00:00.000Z\"", .timestampOutOfRange),
        Case("timestamp", "\"9999-12-31T23:59:59.000Z\"", .timestampOutOfRange),

        Case("version", "1", nil), Case("version", "\"1\"", nil), Case("version", "\"1.0\"", nil),
        Case("version", "\"12.34\"", nil), Case("version", "\"1.0.0\"", .badVersion),
        Case("version", "\"v1\"", .badVersion), Case("version", "\"\"", .badVersion), Case("version", "\"1.\"", .badVersion),
        Case("version", "\".1\"", .badVersion),
        Case("version", "\"70000.0\"", .badVersion), Case("version", "1.5", .badVersion), Case("version", "-1", .badVersion),
        Case("version", "1e2", .badVersion),
        Case("version", "null", .wrongType), Case("version", "[]", .wrongType), Case("version", "true", .wrongType),

        Case("payload", "[]", .wrongType), Case("payload", "null", .wrongType), Case("payload", "\"\"", .wrongType),
        Case("payload", "{}", nil),
        Case("metadata", "null", .wrongType), Case("metadata", "[]", .wrongType), Case("metadata", "{}", nil),

        Case("extra", "1", .unknownField), Case("Event_id", "1", .unknownField), Case("", "1", .unknownField),
        Case("specversion", "\"1.0\"", .unknownField),
    ]

    @Test("each envelope field is held to the contract", arguments: cases)
    func judges(_ test: Case) throws {
        let error = Envelopes.error(Envelopes.json([test.field: test.value]))
        #expect(error?.code == test.code)
        if let error {
            #expect(error.field == test.field)
            #expect(error.column >= 1)
            #expect(!error.reason.isEmpty && error.description.contains(error.code.hint))
        }
    }

    @Test("columns hold what the event says")
    func fillsColumns() throws {
        let batch = try Envelopes.batch(
            Envelopes.json(
                ["timestamp": "\"2026-01-02T05:34:05.678901+02:30\"", "version": "\"2.7\""],
                payload:
                    #"{"string_id":"S1","v":53.40,"state":"a\nb","alarm":{"state":"raised","threshold":{"limit":45}},"ok":true,"none":null,"cell_v":[2.1,{"x":[]}]}"#
            ))
        #expect(batch.ids[0] == EventID(Envelopes.id))
        #expect(batch.symbols.name(batch.types[0]) == "battery.telemetry")
        #expect(batch.symbols.name(batch.tenants[0]) == "acme")
        #expect(batch.symbols.name(batch.sites[0]) == "SITE-1")
        #expect(batch.timestamps[0].description == "2026-01-02T03:04:05.678901Z")
        #expect(batch.versions[0] == 2 << 16 | 7)
        #expect(
            Envelopes.fields(batch) == [
                "string_id=string:S1", "v=number:53.40", "state=string:a\nb", "alarm.state=string:raised",
                "alarm.threshold.limit=number:45",
                "ok=bool:true", "none=null:null", #"cell_v=array:[2.1,{"x":[]}]"#,
            ])
        #expect(batch.number(batch.symbols.intern("v"), of: 0) == 53.4)
        #expect(batch.string(batch.symbols.intern("state"), of: 0) == "a\nb")
    }

    @Test("the order of the fields does not matter, not even the payload before its type")
    func takesAnyOrder() throws {
        let parts = [
            "\"payload\":{\"v\":1.5,\"alarm\":{\"state\":\"raised\"}}", "\"version\":1", "\"timestamp\":\"2026-01-02T03:04:05Z\"",
            "\"metadata\":{\"a\":[1]}",
            "\"site_id\":\"S\"", "\"tenant_id\":\"t\"", "\"event_id\":\"\(Envelopes.id)\"",
            "\"event_type\":\"battery.telemetry\"",
        ]
        var generator = SeededGenerator(state: 4)
        for _ in 0..<50 {
            let batch = try Envelopes.batch("{" + parts.shuffled(using: &generator).joined(separator: " ,\n") + "}")
            #expect(Envelopes.fields(batch) == ["v=number:1.5", "alarm.state=string:raised"])
            #expect(batch.versions[0] == 1 << 16)
        }
        let late = parts.map { $0.hasPrefix("\"payload\"") ? "\"payload\":{\"v\":\"high\"}" : $0 }
        let error = Envelopes.error("{" + late.joined(separator: ",") + "}")
        #expect(error?.code == .schemaMismatch && error?.field == "payload.v")
    }

    @Test("escaped keys of the envelope are the keys they stand for")
    func readsEscapedKeys() throws {
        let escaped = Envelopes.json().replacing("\"site_id\"", with: "\"\\u0073ite_id\"")
        #expect(try Envelopes.batch(escaped).count == 1)
        let twice = Envelopes.json(["\\u0073ite_id": "\"x\""])
        #expect(Envelopes.error(twice)?.code == .duplicateKey)
    }

    @Test("a top-level key may appear once")
    func refusesDuplicateFields() {
        for field in ["event_id", "event_type", "tenant_id", "site_id", "timestamp", "version", "payload", "metadata"] {
            let value = ["payload", "metadata"].contains(field) ? "{}" : field == "event_id" ? "\"\(Envelopes.id)\"" : "\"x\""
            let json = String(Envelopes.json().dropLast()) + ",\"\(field)\":\(value)}"
            let error = Envelopes.error(json)
            #expect(error?.code == .duplicateKey && error?.field == field, "\(field)")
        }
    }

    @Test("an unknown field is named, with the nearest known one")
    func hintsAtKnownFields() {
        for (key, hint) in [("eventid", "event_id"), ("timestmap", "timestamp"), ("Payload", "payload"), ("siteid", "site_id")] {
            let error = Envelopes.error(Envelopes.json([key: "1"]))
            #expect(error?.code == .unknownField && error?.field == key)
            #expect(error?.reason.contains("did you mean \(hint)") == true, "\(key)")
        }
        #expect(Envelopes.error(Envelopes.json(["colour": "1"]))?.reason.contains("did you mean") == false)
    }

    @Test("every missing field is named")
    func namesAllMissing() {
        let error = Envelopes.error(Envelopes.json(["site_id": nil, "version": nil]))
        #expect(error?.field == "site_id" && error?.reason == "absent: site_id, version")
    }

    @Test("an event of another tenant is refused and leaves no names behind")
    func checksTenant() {
        let symbols = SymbolTable()
        var decoder = EventDecoder(symbols: symbols)
        var batch = EventBatch(symbols: symbols)
        let acme = symbols.intern("acme")
        let other = Array(Envelopes.json(["tenant_id": "\"other\"", "site_id": "\"secret\""]).utf8)
        let own = Array(Envelopes.json().utf8)
        for _ in 0..<2 {
            let error = other.withUnsafeBytes { decoder.append($0, to: &batch, expecting: acme) }
            #expect(error?.code == .tenantMismatch && error?.field == "tenant_id")
            #expect(symbols.count == 1)
        }
        #expect(own.withUnsafeBytes { decoder.append($0, to: &batch, expecting: acme) } == nil)
        #expect(other.withUnsafeBytes { decoder.append($0, to: &batch) } == nil)
        #expect(batch.count == 2)
    }

    @Test("foreign site names are taken for analysis only")
    func foreignSites() {
        let json = Envelopes.json(["site_id": "\"https://sqs.example.com/Queue A_AWS::SQS\""])
        #expect(Envelopes.error(json)?.code == .badSiteID)
        #expect(Envelopes.error(json, limits: .offline) == nil)
    }

    @Test("columns point at the field that is wrong")
    func pointsAtColumn() {
        let json = Envelopes.json(["site_id": "\"a b\""])
        let column = Array(json.utf8).firstRange(of: Array("a b".utf8))!.lowerBound + 2
        #expect(Envelopes.error(json)?.column == column)
        #expect(Envelopes.error("{\"event_id\":x")?.column == 13)
        let payload = Envelopes.json(payload: #"{"i":1,"v":"high","soc":"low"}"#)
        let start = Array(payload.utf8).firstRange(of: Array("\"high".utf8))!.lowerBound + 1
        #expect(Envelopes.error(payload)?.column == start && Envelopes.error(payload)?.field == "payload.v")
    }

    @Test("keys in the order of the last event, in another order, longer, shorter or escaped are the keys they are")
    func guessesNothingWrong() throws {
        var decoder = EventDecoder(symbols: SymbolTable())
        let payloads: [(String, [String]?)] = [
            (#"{"v":1,"i":2,"o":{"v":3,"i":4},"x":5}"#, ["v", "i", "o.v", "o.i", "x"]),
            (#"{"v":1,"i":2,"o":{"v":3,"i":4},"x":5}"#, ["v", "i", "o.v", "o.i", "x"]),
            (#"{"i":1,"v":2,"o":{"i":3},"x":5}"#, ["i", "v", "o.i", "x"]), (#"{"vv":1,"ii":2,"o":{}}"#, ["vv", "ii"]),
            (#"{"a\"b":1,"c":2}"#, ["a\"b", "c"]), (#"{"a"b":1,"c":2}"#, nil), (#"{"a\\":1,"c":2}"#, ["a\\", "c"]),
            (#"{"a\":1,"c":2}"#, nil), (#"{"v":1,"v":2}"#, nil), (#"{"v":1,"\u0069":2}"#, ["v", "i"]),
            (#"{"v":1,"i":2,"v":3}"#, nil), (#"{"v":1,"i"#, nil), (#"{"v":1,"i":2}"#, ["v", "i"]), (#"{"":1}"#, [""]),
            (#"{"":1,"":2}"#, nil), (#"{"":1}"#, [""]),
        ]
        for _ in 0..<3 {
            for (payload, keys) in payloads {
                var batch = EventBatch(symbols: decoder.symbols)
                let json = Array(Envelopes.json(["event_type": "\"x\""], payload: payload).utf8)
                let error = json.withUnsafeBytes { decoder.append($0, to: &batch) }
                #expect((error == nil) == (keys != nil), "\(payload)")
                if let keys { #expect(batch.fields.map { decoder.symbols.name($0.key) } == keys) }
            }
        }
    }

    @Test("a full symbol table refuses new names and keeps serving known ones")
    func survivesFullTable() {
        let symbols = SymbolTable(capacity: 7)
        var decoder = EventDecoder(symbols: symbols)
        var batch = EventBatch(symbols: symbols)
        let known = Array(Envelopes.json().utf8)
        #expect(known.withUnsafeBytes { decoder.append($0, to: &batch) } == nil)
        let new = Array(Envelopes.json(["site_id": "\"SITE-2\""]).utf8)
        for _ in 0..<2 { #expect(new.withUnsafeBytes { decoder.append($0, to: &batch) }?.code == .symbolsFull) }
        #expect(known.withUnsafeBytes { decoder.append($0, to: &batch) } == nil)
        #expect(batch.count == 2)
    }

    @Test("more names than are remembered cost time, not correctness")
    func forgetsNames() throws {
        let symbols = SymbolTable()
        var decoder = EventDecoder(symbols: symbols, limits: DecodeLimits(rememberedNames: 1024))
        var batch = EventBatch(symbols: symbols)
        for index in 0..<5000 {
            let json = Array(Envelopes.json(["site_id": "\"S\(index % 3000)\""], payload: "{\"k\(index % 2500)\":\(index)}").utf8)
            #expect(json.withUnsafeBytes { decoder.append($0, to: &batch) } == nil)
        }
        for index in 0..<5000 {
            #expect(symbols.name(batch.sites[index]) == "S\(index % 3000)")
            #expect(batch.number(symbols.intern("k\(index % 2500)"), of: index) == Double(index))
        }
    }
}
