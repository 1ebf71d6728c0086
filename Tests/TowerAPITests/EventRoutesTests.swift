import Foundation
import Synchronization
import Testing
import TowerIngest
import TowerModel
import TowerStores
import TowerStreaming

@testable import TowerAPI

@Suite(.timeLimit(.minutes(10))) struct EventRoutesTests {
    private func ids(_ answer: HTTPClient.Answer) throws -> [String] {
        let items = try #require(try answer.json()["items"] as? [[String: Any]])
        return items.compactMap { ($0["event"] as? [String: Any])?["event_id"] as? String }
    }

    @Test func theDoorGetsTheBytesTheTypeAndTheCallersTenant() async throws {
        try await TestServer.run { test in
            let answer = try await HTTPClient(port: test.port).request(
                "POST", "/api/v1/events", key: TestServer.key(TestServer.acme, .ingest),
                headers: ["content-type": "application/x-ndjson", "content-encoding": "gzip"], body: "{\"a\":1}\n{\"b\":2}")
            #expect(answer.status == 202)
            #expect(answer.text == #"{"accepted":2,"duplicates":0,"rejected":[]}"#)
            let visit = try #require(test.door.visits.withLock { $0.first })
            #expect(visit.body == Array("{\"a\":1}\n{\"b\":2}".utf8))
            #expect(visit.contentType == "application/x-ndjson" && visit.contentEncoding == "gzip")
            #expect(visit.tenant == TestServer.acme && visit.source == "http:ingest-key")
        }
    }

    /// The whole way with the real door: a bad line by number, a duplicate by id, and the event in the history at once.
    @Test func theRealDoorServesTheRoute() async throws {
        let door: @Sendable (TestServer) -> any EventIngesting = { test in
            IngestDoor(log: test.log, symbols: SymbolTable(), clock: { test.clock.now })
        }
        try await TestServer.run(door: door) { test in
            let client = HTTPClient(port: test.port)
            let key = TestServer.key(TestServer.acme, .operator)
            let good = String(
                decoding: TestServer.event(id: Samples.id(5), tenant: "acme-towers", site: "NEW", note: "n"), as: UTF8.self)
            let foreign = String(
                decoding: TestServer.event(id: Samples.id(6), tenant: "rival-infra", site: "NEW", note: "n"), as: UTF8.self)
            let body = "\(good)\nnot json\n\(foreign)\n\(good)\n"
            let type = ["content-type": "application/x-ndjson"]
            let answer = try await client.request("POST", "/api/v1/events", key: key, headers: type, body: body)
            #expect(answer.status == 202)
            let report = try JSONDecoder().decode(IngestReport.self, from: Data(answer.body))
            #expect(report.accepted == 1 && report.duplicates == 1 && report.rejected.map(\.line) == [2, 3])
            let again = try await client.request("POST", "/api/v1/events", key: key, headers: type, body: good)
            #expect(again.status == 202 && again.text == #"{"accepted":0,"duplicates":1,"rejected":[]}"#)
            #expect(try ids(await client.request("GET", "/api/v1/events?site_id=NEW", key: key)) == [Samples.id(5).description])
            let letters = try await client.request("GET", "/api/v1/dead-letters?limit=2", key: key).json()
            let items = try #require(letters["items"] as? [[String: Any]])
            #expect(items.map { $0["text"] as? String } == [foreign, "not json"])
            #expect(items[0]["origin"] as? String == "http:operator-key")
            #expect(items[0]["reason_code"] as? String == report.rejected[1].code)
            let xml = try await client.request("POST", "/api/v1/events", key: key, headers: ["content-type": "text/xml"], body: "<a/>")
            #expect(xml.status == 415 && xml.code == "body.unsupported_type")
        }
    }

    @Test(arguments: [(1, 0, 202), (0, 3, 202), (0, 0, 400)])
    func statusSaysWhetherAnythingWasTaken(accepted: Int, duplicates: Int, status: Int) async throws {
        try await TestServer.run { test in
            let report = IngestReport(
                accepted: accepted, duplicates: duplicates, rejected: [.init(line: 4, code: "json.depth", detail: "too deep")])
            test.door.script.withLock { $0 = { report } }
            let answer = try await HTTPClient(port: test.port).request(
                "POST", "/api/v1/events", key: TestServer.key(TestServer.acme, .ingest), body: "x")
            #expect(answer.status == status)
            let rejected = try #require(try answer.json()["rejected"] as? [[String: Any]])
            #expect(rejected[0]["line"] as? Int == 4 && rejected[0]["code"] as? String == "json.depth")
        }
    }

    @Test func anEventIsVisibleAtOnceByteForByte() async throws {
        try await TestServer.run { test in
            let client = HTTPClient(port: test.port)
            let key = TestServer.key(TestServer.acme, .operator)
            let event = String(
                decoding: TestServer.event(id: Samples.id(5), tenant: "acme-towers", site: "ANY", note: "ünïcode"), as: UTF8.self)
            #expect(try await client.request("POST", "/api/v1/events", key: key, body: event).status == 202)
            let one = try await client.request("GET", "/api/v1/events/\(Samples.id(5))", key: key)
            #expect(one.status == 200)
            #expect(one.text.hasPrefix("{\"event\":\(event),\"topic\":\"towerco.sites.ANY.events\",\"offset\":0,\"sequence\":"))
            let item = try one.json()
            #expect(item["ingested_at"] as? String == "2026-01-15T03:07:00.000Z")
            let list = try await client.request("GET", "/api/v1/events?limit=1", key: key)
            #expect(try ids(list) == [Samples.id(5).description])
        }
    }

    @Test func pagesWalkTheWholeHistoryOnceNewestFirst() async throws {
        try await TestServer.run { test in
            for index in 0..<57 {
                try await test.appendEvent(
                    id: Samples.id(UInt64(2000 + index)), tenant: "acme-towers", site: "S\(index % 3)", note: "n")
                try await test.appendEvent(id: Samples.id(1, high: 9), tenant: "rival-infra", site: "S\(index % 3)", note: "n")
            }
            let client = HTTPClient(port: test.port)
            let key = TestServer.key(TestServer.acme, .viewer)
            for limit in [1, 10, 57, 1000] {
                var seen: [String] = []
                var cursor: String?
                var pages = 0
                repeat {
                    let path =
                        "/api/v1/events?limit=\(limit)&event_type=power.grid.outage" + (cursor.map { "&cursor=\($0)" } ?? "")
                    let answer = try await client.request("GET", path, key: key)
                    seen += try ids(answer)
                    cursor = try answer.json()["next_cursor"] as? String
                    pages += 1
                } while cursor != nil && pages < 200
                let expected = (0..<57).reversed().map { Samples.id(UInt64(2000 + $0)).description }
                #expect(Array(seen.prefix(57)) == expected, "limit \(limit)")
                #expect(seen.count == 59 && Set(seen).count == 59)
            }
            let site = try await client.request("GET", "/api/v1/events?site_id=S1&limit=1000", key: key)
            #expect(try ids(site) == (0..<57).reversed().filter { $0 % 3 == 1 }.map { Samples.id(UInt64(2000 + $0)).description })
        }
    }

    @Test func aScanIsBoundedAndGoesOnWithItsCursor() async throws {
        try await TestServer.run(configure: { $0.historyScanMax = 10 }) { test in
            try await test.appendEvent(
                id: Samples.id(1, high: 3), tenant: "acme-towers", site: "S", note: "n", type: "dg.start_failed")
            for _ in 0..<35 {
                try await test.appendEvent(id: Samples.id(1, high: 9), tenant: "rival-infra", site: "S", note: "n")
            }
            let client = HTTPClient(port: test.port)
            var cursor: String?
            var pages = 0
            var seen: [String] = []
            repeat {
                let path = "/api/v1/events?event_type=dg.start_failed" + (cursor.map { "&cursor=\($0)" } ?? "")
                let answer = try await client.request("GET", path, key: TestServer.key(TestServer.acme, .viewer))
                seen += try ids(answer)
                cursor = try answer.json()["next_cursor"] as? String
                pages += 1
            } while cursor != nil && pages < 50
            #expect(seen == [Samples.id(1, high: 3).description])
            #expect(pages >= 4)
        }
    }

    @Test func timesFilterByEventTimeHalfOpen() async throws {
        try await TestServer.run { test in
            for hour in 0..<4 {
                try await test.appendEvent(
                    id: Samples.id(UInt64(3000 + hour)), tenant: "acme-towers", site: "T", note: "n",
                    at: Samples.at.adding(seconds: Double(hour) * 3600))
            }
            let client = HTTPClient(port: test.port)
            let path = "/api/v1/events?site_id=T&from=2026-01-15T04:07:00Z&to=2026-01-15T07:07:00%2B01:00"
            let answer = try await client.request("GET", path, key: TestServer.key(TestServer.acme, .viewer))
            #expect(try ids(answer) == [Samples.id(3002).description, Samples.id(3001).description])
            // A plus sign that was not encoded arrives as a space and is understood all the same.
            let sloppy = try await client.request(
                "GET", path.replacing("%2B", with: "+"), key: TestServer.key(TestServer.acme, .viewer))
            #expect(sloppy.text == answer.text)
        }
    }

    @Test func anUnknownEventSaysHowFarWasLooked() async throws {
        try await TestServer.run(configure: { $0.eventLookupScanMax = 5 }) { test in
            let client = HTTPClient(port: test.port)
            for _ in 0..<20 {
                try await test.appendEvent(id: Samples.id(1, high: 9), tenant: "rival-infra", site: "S", note: "n")
            }
            let key = TestServer.key(TestServer.acme, .viewer)
            let answer = try await client.request("GET", "/api/v1/events/\(TestServer.acmeIDs.event)", key: key)
            #expect(answer.status == 404 && answer.code == "event.not_found" && answer.text.contains("5 records"))
            let found = try await client.request("GET", "/api/v1/events/\(TestServer.acmeIDs.event)?site_id=ACME-1", key: key)
            #expect(found.status == 200)
        }
    }

    @Test(arguments: [
        (#"{"event_id":"a","payload":{"event_id":"b","x":[1,{"y":"}"}]},"event_type":"t","site_id":"s","timestamp":"z"}"#, "a"),
        (#" { "payload" : "a\"b,}" , "n":-1.5e3 , "event_id" : "c" , "event_type":"t","site_id":"s","timestamp":"z"} "#, "c"),
        (#"{"a":true,"b":null,"c":[],"d":{},"event_id":"d","event_type":"t","site_id":"s","timestamp":"z"}"#, "d"),
    ])
    func envelopeFieldsAreThoseOfTheTopLevel(text: String, id: String) {
        #expect(
            EnvelopeFields.scan(Array(text.utf8))
                == EnvelopeFields(eventID: id, eventType: "t", siteID: "s", timestamp: "z"))
    }

    /// Every cut of a valid event and every single changed byte: an answer or `nil`, never a crash.
    @Test func brokenEnvelopesNeverCrashTheScan() {
        let bytes = TestServer.event(id: Samples.id(5), tenant: "t", site: "S", note: "a\\\"b")
        for count in 0..<bytes.count { #expect(EnvelopeFields.scan(Array(bytes.prefix(count))) == nil) }
        for index in bytes.indices {
            for byte in [UInt8(0x22), 0x5C, 0x7D, 0x7B, 0x00, 0xFF] {
                var broken = bytes
                broken[index] = byte
                _ = EnvelopeFields.scan(broken)
            }
        }
    }
}
