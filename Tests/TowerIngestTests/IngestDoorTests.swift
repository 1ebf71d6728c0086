import Foundation
import Testing
import TowerModel
import TowerStreaming
import TowerWire
@testable import TowerIngest

@Suite struct IngestDoorTests {
    /// Ten ways to break a line; each keeps the event recognisable.
    static let broken: [(code: String, line: [UInt8])] = [
        ("json.invalid_utf8", Fixture.event(1, payload: "{\"text\":\"@\"}").utf8.flatMap { $0 == 0x40 ? [0xC3, 0x28] : [$0] }),
        ("json.duplicate_key", Array(Fixture.event(2, payload: #"{"v":1,"v":2}"#).utf8)),
        ("envelope.missing_field", Array(Fixture.event(3).replacing("\"site_id\":\"SITE-1\",", with: "").utf8)),
        ("json.too_deep", Array(Fixture.event(4, payload: "{\"x\":" + String(repeating: "[", count: 5000)).utf8)),
        ("json.number_out_of_range", Array(Fixture.event(5, payload: #"{"v":1e999}"#).utf8)),
        ("envelope.wrong_type", Array(Fixture.event(6).replacing("\"version\":\"1.0\"", with: "\"version\":[1]").utf8)),
        ("envelope.unknown_field", Array(Fixture.event(7).replacing("\"metadata\"", with: "\"meta\"").utf8)),
        ("envelope.bad_timestamp", Array(Fixture.event(8).replacing("T03:04:05.678Z", with: " noon").utf8)),
        ("json.truncated", Array(Fixture.event(9).utf8.dropLast(20))),
        ("line.too_long", Array(Fixture.event(10, payload: "{\"x\":\"" + String(repeating: "y", count: 1 << 20) + "\"}").utf8)),
    ]

    @Test("of 1,000 lines 10 are broken in 10 ways: 990 are accepted, 10 named by line; sent again, 990 are duplicates")
    func thousandLines() async throws {
        let fixture = Fixture()
        var body: [UInt8] = []
        var expected: [(line: Int, code: String)] = []
        for line in 1...1000 {
            if line % 97 == 0 {
                let (code, bytes) = Self.broken[line / 97 - 1]
                body += bytes
                expected.append((line, code))
            } else {
                body += Array(Fixture.event(1000 + line, site: "SITE-\(line % 7)").utf8)
            }
            body.append(0x0A)
        }
        for (round, type) in ["application/x-ndjson", nil].enumerated() {
            let report = try await fixture.ingest(body, type: type)
            #expect(report.accepted == (round == 0 ? 990 : 0) && report.duplicates == (round == 0 ? 0 : 990))
            #expect(report.rejected.map(\.line) == expected.map(\.line))
            #expect(report.rejected.map(\.code) == expected.map(\.code))
            #expect(report.rejected.allSatisfy { $0.detail.contains("column") })
        }
        // One append a request: the good lines and the dead letters together.
        #expect(fixture.log.appends == 2)
        #expect(fixture.log.records.filter { TopicPattern.siteEvents.matches($0.topic) }.count == 990)
        let letters = fixture.log.records(in: Fixture.letters)
        #expect(letters.count == 20)
        for (letter, (line, code)) in zip(letters, expected) {
            #expect(letter.header("reason_code") == code && letter.header("line") == String(line))
            #expect(letter.header("origin") == "test" && letter.header("attempts") == "1" && letter.header("detail") != nil)
        }
        #expect(letters[1].value == Self.broken[1].line && letters[9].value.count == 64 << 10)
        let counters = fixture.door.counters
        #expect(
            counters.accepted == 990 && counters.duplicates == 990 && counters.rejected["json.too_deep"] == 2
                && counters.rememberedIDs == 990)
    }

    @Test("the record is the event's own bytes, keyed by site, in the order of the lines")
    func recordsAreTheBytes() async throws {
        let fixture = Fixture()
        let odd = Fixture.event(2).replacing("{\"v\":53.4}", with: "{ \"v\" : 5.340e1, \"text\":\"\\u00e9\" }")
        let body =
            "  " + Fixture.event(1) + " \r\n\r\n\t" + odd + "\r\n" + Fixture.event(3, site: "SITE-2") + "\n" + Fixture.event(4)
        let report = try await fixture.ingest(body)
        #expect(report == IngestReport(accepted: 4))
        #expect(fixture.log.values(in: Topic.siteEvents(site: "SITE-1")) == [Fixture.event(1), odd, Fixture.event(4)])
        let other = try #require(fixture.log.records(in: Topic.siteEvents(site: "SITE-2")).first)
        #expect(
            other.key == Array("SITE-2".utf8) && other.header("tenant") == "acme" && other.header("type") == "battery.telemetry")
    }

    @Test("blank lines count as lines", arguments: ["application/x-ndjson", "application/jsonl; charset=utf-8", nil])
    func countsBlankLines(_ type: String?) async throws {
        let report = try await Fixture().ingest("\n\n\(Fixture.event(1))\n \t\n{}\n\nnonsense", type: type)
        #expect(report.accepted == 1 && report.rejected.map(\.line) == [5, 7])
    }

    @Test("an object, an array and lines of the same events are the same records")
    func formatsAgree() async throws {
        let events = (0..<5).map { Fixture.event($0, site: "SITE-\($0 % 2)") }
        let bodies: [(String, String?)] = [
            (events.joined(separator: "\n"), "application/x-ndjson"), (events.joined(separator: "\r\n") + "\r\n", nil),
            ("[" + events.joined(separator: ",") + "]", "application/json"),
            ("[\n  " + events.joined(separator: ",\n  ") + "\n]\n", nil),
            (events.joined(separator: "\n"), "application/json"),
            ("[\(events.joined(separator: ","))]", "application/x-www-form-urlencoded"),
        ]
        for (body, type) in bodies {
            let fixture = Fixture()
            #expect(try await fixture.ingest(body, type: type) == IngestReport(accepted: 5))
            #expect(fixture.log.records.map { String(decoding: $0.value, as: UTF8.self) } == events)
        }
    }

    @Test("one object may be spread over many lines", arguments: ["application/json", nil])
    func takesPrettyPrinted(_ type: String?) async throws {
        let pretty = Fixture.event(1, payload: "{\"list\":[\n{\"a\":1},\n{\"b\":2}\n]}").replacing(",\"", with: ",\n  \"")
        let fixture = Fixture()
        #expect(try await fixture.ingest("\n" + pretty + "\n", type: type) == IngestReport(accepted: 1))
        #expect(fixture.log.values(in: Topic.siteEvents(site: "SITE-1")) == [pretty])
        let broken = try await fixture.ingest(pretty.replacing("\"version\"", with: "\"verzion\""), type: type)
        #expect(broken.rejected.map(\.line) == [1] && broken.rejected.map(\.code) == ["envelope.unknown_field"])
    }

    @Test("a broken first line does not turn lines into one object", arguments: ["application/json", nil])
    func sniffsBehindBrokenLine(_ type: String?) async throws {
        let body = String(Fixture.event(1).dropLast(10)) + "\n" + Fixture.event(2) + "\n" + Fixture.event(3)
        let report = try await Fixture().ingest(body, type: type)
        #expect(report.accepted == 2 && report.rejected.map(\.line) == [1] && report.rejected.map(\.code) == ["json.truncated"])
    }

    struct ArrayCase: Sendable {
        var body: String
        var accepted: Int
        var rejected: [Int]
        var code: String?
        init(_ body: String, _ accepted: Int, _ rejected: [Int] = [], _ code: String? = nil) {
            self.body = body
            self.accepted = accepted
            self.rejected = rejected
            self.code = code
        }
    }

    static let arrays: [ArrayCase] = [
        ArrayCase("[]", 0), ArrayCase(" [ \n ] ", 0), ArrayCase("[\(Fixture.event(1))]", 1),
        ArrayCase("[\(Fixture.event(1)),]", 1, [2], "json.empty"),
        ArrayCase("[,\(Fixture.event(1))]", 1, [1], "json.empty"),
        ArrayCase("[\(Fixture.event(1)),,\(Fixture.event(2))]", 2, [2], "json.empty"),
        ArrayCase("[1,\(Fixture.event(1)),\"x\"]", 1, [1, 3], "json.not_an_object"),
        ArrayCase("[\(Fixture.event(1)),\(Fixture.event(2))", 2, [3], "json.truncated"),
        ArrayCase("[\(Fixture.event(1)),{\"event_id\":", 1, [2, 3], "json.truncated"),
        ArrayCase("[\(Fixture.event(1))] x", 1, [2], "json.trailing_data"),
        ArrayCase("[\(Fixture.event(1, payload: "{\"x\":[1}")),\(Fixture.event(2))]", 1, [1], "json.syntax"),
        ArrayCase("[\(Fixture.event(1))},\(Fixture.event(2))]", 1, [1], "json.trailing_data"),
        ArrayCase("[\(Fixture.event(1, payload: "{\"text\":\"a]},{[\\\"\"}")),\(Fixture.event(2))]", 2),
        ArrayCase("[[\(Fixture.event(1))],\(Fixture.event(2))]", 1, [1], "json.not_an_object"),
        ArrayCase("[" + String(repeating: "[", count: 100_000), 0, [1, 2], nil), ArrayCase("[", 0, [1], "json.truncated"),
        ArrayCase("[\(Fixture.event(1)),\"unterminated,\(Fixture.event(2))]", 1, [2, 3], nil),
    ]

    @Test("in an array a bad element costs no good one", arguments: arrays)
    func arraysKeepGoodElements(_ test: ArrayCase) async throws {
        let report = try await Fixture().ingest(test.body, type: "application/json")
        #expect(report.accepted == test.accepted)
        #expect(report.rejected.map(\.line) == test.rejected)
        if let code = test.code { #expect(report.rejected.allSatisfy { $0.code == code }, "\(report.rejected)") }
    }

    @Test("an unknown type is accepted and flagged; a known one with a broken payload is set aside")
    func flagsUnknownTypes() async throws {
        let fixture = Fixture()
        let body =
            Fixture.event(1, type: "quantum.flux", payload: #"{"v":"any"}"#) + "\n" + Fixture.event(2, payload: #"{"v":"any"}"#)
        let report = try await fixture.ingest(body)
        #expect(report.accepted == 1 && report.flagged == 1 && report.rejected.map(\.code) == ["payload.schema_mismatch"])
        #expect(report.rejected[0].detail.hasPrefix("payload.v, column"))
        #expect(fixture.door.counters.flagged == 1)
    }

    @Test("another tenant's event is refused and lands with the caller's dead letters, not the other's")
    func refusesForeignTenant() async throws {
        let fixture = Fixture()
        let foreign = Fixture.event(1).replacing("\"acme\"", with: "\"rival\"")
        let report = try await fixture.ingest(foreign)
        #expect(report.accepted == 0 && report.rejected.map(\.code) == ["envelope.tenant_mismatch"])
        #expect(fixture.log.values(in: Fixture.letters) == [foreign])
        #expect(fixture.log.records(in: Topic.deadLetters(tenant: "rival")).isEmpty)
    }

    @Test("the same id of two tenants is two events")
    func tenantsDoNotCollide() async throws {
        let fixture = Fixture()
        #expect(try await fixture.ingest(Fixture.event(1)).accepted == 1)
        let rival = Fixture.event(1).replacing("\"acme\"", with: "\"rival\"")
        let report = try await fixture.door.ingest(
            body: Array(rival.utf8), contentType: nil, contentEncoding: nil, tenant: TenantID("rival"), source: "test")
        #expect(report.accepted == 1)
    }

    @Test("dead letters of one request are bounded; all of its lines are still named")
    func boundsDeadLetters() async throws {
        var limits = IngestLimits.standard
        limits.maxDeadLetters = 3
        let fixture = Fixture(limits: limits)
        let report = try await fixture.ingest(String(repeating: "x\n", count: 10), type: "application/x-ndjson")
        #expect(report.rejected.count == 10 && fixture.log.records(in: Fixture.letters).count == 3)
        #expect(fixture.door.counters.deadLettersDropped == 7)
    }

    @Test(
        "what is no body of events is refused as a whole",
        arguments: [
            ("", nil, nil, "body.empty", 400), (" \n ", nil, nil, "body.empty", 400),
            ("\n\n", "application/x-ndjson", nil, "body.empty", 400),
            ("{}", "application/xml", nil, "body.unsupported_type", 415),
            ("{}", "application/json", "br", "body.unsupported_encoding", 415),
            ("1\n2\n3\n4\n5\n6", nil, nil, "body.too_many_lines", 413), ("[1,2,3,4,5,6]", nil, nil, "body.too_many_lines", 413),
            (String(repeating: " ", count: 2000), nil, nil, "body.too_large", 413),
            ("{}", nil, "gzip", "body.broken_compression", 400),
        ] as [(String, String?, String?, String, Int)])
    func refusesBodies(_ body: String, _ type: String?, _ encoding: String?, _ code: String, _ status: Int) async throws {
        var limits = IngestLimits.standard
        limits.maxLines = 5
        limits.maxBodyBytes = 1000
        let fixture = Fixture(limits: limits)
        let error = await #expect(throws: IngestError.self) { try await fixture.ingest(body, type: type, encoding: encoding) }
        #expect(error?.code.name == code && error?.status == status)
        #expect(fixture.log.appends == 0 && fixture.door.counters.refusedRequests == 1)
    }

    @Test("100,000 keys, a 10 MB string and a depth bomb cost their own line only")
    func survivesBombs() async throws {
        let keys = "{" + (0..<100_000).map { "\"k\($0)\":1" }.joined(separator: ",") + "}"
        var limits = IngestLimits.standard
        limits.decode.maxBytes = 4 << 20
        let lines = [
            Fixture.event(1), Fixture.event(2, payload: keys),
            Fixture.event(3, payload: "{\"x\":\"" + String(repeating: "y", count: 10 << 20) + "\"}"),
            Fixture.event(4, payload: String(repeating: "{\"a\":", count: 100_000)),
            Fixture.event(5, payload: "{\"n\":" + String(repeating: "9", count: 400) + "}"),
            Fixture.event(6, payload: "{\"n\":NaN}"), "\u{FEFF}" + Fixture.event(7), Fixture.event(8) + "\u{0}",
            Fixture.event(9, payload: "{\"s\":\"\\ud800\"}"),
            Fixture.event(10),
        ]
        let report = try await Fixture(limits: limits).ingest(lines.joined(separator: "\n"))
        #expect(report.accepted == 2 && report.rejected.map(\.line) == Array(2...9))
        #expect(
            report.rejected.map(\.code) == [
                "json.too_many_fields", "line.too_long", "json.too_deep", "json.number_out_of_range", "json.syntax",
                "json.byte_order_mark",
                "json.trailing_data", "json.lone_surrogate",
            ])
    }

    @Test("the report reads and writes as the contract says")
    func reportIsTheContract() throws {
        let report = IngestReport(
            accepted: 2, duplicates: 1, rejected: [.init(line: 3, code: "json.syntax", detail: "x")], flagged: 1)
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        let json = try encoder.encode(report)
        #expect(
            String(decoding: json, as: UTF8.self)
                == #"{"accepted":2,"duplicates":1,"rejected":[{"code":"json.syntax","detail":"x","line":3}]}"#)
        #expect(try JSONDecoder().decode(IngestReport.self, from: json).rejected == report.rejected)
    }
}
