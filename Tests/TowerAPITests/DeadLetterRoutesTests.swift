import Foundation
import Testing
import TowerIngest
import TowerModel
import TowerStores
import TowerStreaming

@testable import TowerAPI

/// Dead letters over HTTP, with the real door behind the routes.
@Suite(.timeLimit(.minutes(10))) struct DeadLetterRoutesTests {
    private static let tenant = TestServer.rival.rawValue
    private static let topic = Topic.deadLetters(tenant: tenant)
    /// The test server has one letter of this tenant already.
    private static let first: Int64 = 1

    private static func event(_ number: Int, site: String = "SITE-1", version: String = "1.0") -> String {
        """
        {"event_id":"\(Samples.id(5000 + UInt64(number)))","event_type":"battery.telemetry","tenant_id":"\(tenant)","site_id":"\(site)",\
        "timestamp":"2026-01-14T03:04:05.678Z","version":"\(version)","payload":{"v":53.4},"metadata":{}}
        """
    }

    private static func key(_ role: Role = .operator) -> String { TestServer.key(TestServer.rival, role) }

    /// A server whose door refused `bad` of three events at two sites, oldest first.
    private static func run(_ body: @escaping @Sendable (TestServer, HTTPClient) async throws -> Void) async throws {
        try await TestServer.run(door: { test in
            IngestDoor(log: test.log, symbols: test.symbols, clock: { Timestamp(milliseconds: 1_768_000_000_000) })
        }) { test in
            let client = HTTPClient(port: test.port)
            let lines = [
                event(1, version: "1-0"), event(2, site: "SITE-2", version: "1-0"), String(event(3).dropLast(3)), event(4),
            ]
            let answer = try await client.request("POST", "/api/v1/events", key: key(), body: lines.joined(separator: "\n"))
            #expect(try answer.json()["accepted"] as? Int == 1, "\(answer.text)")
            try await body(test, client)
        }
    }

    private static func items(_ client: HTTPClient, _ query: String) async throws -> [[String: Any]] {
        let answer = try await client.request("GET", "/api/v1/dead-letters?\(query)", key: key(.viewer))
        #expect(answer.status == 200, "\(answer.text)")
        return try #require(try answer.json()["items"] as? [[String: Any]])
    }

    private static func letter(_ client: HTTPClient, _ id: Int64) async throws -> [String: Any] {
        try await client.request("GET", "/api/v1/dead-letters/\(id)", key: key(.viewer)).json()
    }

    @Test func aLetterSaysWhereItsFaultIs() async throws {
        try await Self.run { _, client in
            let letter = try await Self.letter(client, Self.first)
            let text = Self.event(1, version: "1-0")
            #expect(letter["text"] as? String == text && letter["is_text"] as? Bool == true && letter["is_cut"] as? Bool == false)
            #expect(letter["state"] as? String == "waiting" && letter["line"] as? Int == 1 && letter["field"] as? String == "version")
            #expect(letter["site_id"] as? String == "SITE-1" && letter["topic"] as? String == "towerco.sites.SITE-1.events")
            #expect(letter["origin"] as? String == "http:operator-key" && letter["outcome"] == nil)
            let column = try #require(letter["column"] as? Int)
            let value = try #require(text.range(of: "\"1-0\""))
            let at = text.utf8.distance(from: text.startIndex, to: value.lowerBound)
            #expect((at - 1...at + 3).contains(column - 1), "byte \(column) is not at the version, byte \(at + 1)")
        }
    }

    @Test(arguments: [
        ("reason=envelope.bad_version", [2, 1]), ("site_id=SITE-2", [2]), ("topic=towerco.sites.SITE-2.events", [2]),
        ("topic=towerco.sites.*.events", [3, 2, 1]), ("state=waiting&site_id=SITE-1", [3, 1]), ("state=accepted", []),
        ("reason=nothing.of_it", []), ("to=2020-01-01T00:00:00Z", []), ("from=2099-01-01T00:00:00Z", []), ("limit=1000", [3, 2, 1, 0]),
    ] as [(String, [Int])])
    func lettersAreFoundByWhatTheyAreAbout(query: String, ids: [Int]) async throws {
        try await Self.run { _, client in
            #expect(try await Self.items(client, query).compactMap { $0["id"] as? Int } == ids)
            let counted = try await client.request(
                "GET", "/api/v1/dead-letters/summary?\(query.replacing("limit=1000", with: ""))", key: Self.key(.viewer)
            ).json()
            #expect(counted["total"] as? Int == ids.count)
        }
    }

    @Test func pagesFollowOneAnotherWithoutGapOrRepetition() async throws {
        try await Self.run { _, client in
            var ids: [Int] = []
            var cursor: String?
            repeat {
                let answer = try await client.request(
                    "GET", "/api/v1/dead-letters?limit=1" + (cursor.map { "&cursor=\($0)" } ?? ""), key: Self.key(.viewer)
                ).json()
                ids += try #require(answer["items"] as? [[String: Any]]).compactMap { $0["id"] as? Int }
                #expect(answer["total"] as? Int == 4)
                cursor = answer["next_cursor"] as? String
            } while cursor != nil && ids.count < 10
            #expect(ids == [3, 2, 1, 0])
        }
    }

    @Test func aRefusedRetryLeavesTheLetterWaiting() async throws {
        try await Self.run { test, client in
            let before = await test.log.records(in: Self.topic).count
            for attempt in 1...2 {
                let answer = try await client.request("POST", "/api/v1/dead-letters/1/retry", key: Self.key(), body: "{}")
                #expect(answer.status == 400, "\(answer.text)")
                let letter = try await Self.letter(client, 1)
                #expect(letter["state"] as? String == "waiting" && letter["attempts"] as? Int == attempt + 1)
                let outcome = try #require(letter["outcome"] as? [String: Any])
                #expect(outcome["result"] as? String == "rejected" && outcome["by"] as? String == "operator-key")
                #expect(outcome["code"] as? String == "envelope.bad_version")
            }
            #expect(await test.log.records(in: Self.topic).count == before, "a refused retry wrote another letter")
        }
    }

    @Test func aMendedLetterIsAcceptedOnceAndNamedAsTheCause() async throws {
        try await Self.run { test, client in
            let good = Self.event(1)
            let body = String(decoding: try JSONEncoder().encode(["text": good]), as: UTF8.self)
            let answer = try await client.request("POST", "/api/v1/dead-letters/1/fix", key: Self.key(), body: body)
            #expect(answer.status == 202, "\(answer.text)")
            #expect(try answer.json()["accepted"] as? Int == 1)
            let stored = await test.log.records(in: Topic.siteEvents(site: "SITE-1")).filter { $0.value == Array(good.utf8) }
            #expect(stored.count == 1 && stored.first?.header("causation") == "\(Self.topic)@1")
            let letter = try await Self.letter(client, 1)
            #expect(letter["state"] as? String == "accepted" && letter["attempts"] as? Int == 2)
            #expect((letter["outcome"] as? [String: Any])?["edited"] as? Bool == true)
            // What was sent is kept beside the outcome.
            #expect(await test.log.records(in: Topic.deadLetterOutcomes(tenant: Self.tenant)).last?.value == Array(good.utf8))
            for action in ["fix", "retry", "discard"] {
                let body = action == "fix" ? body : action == "retry" ? "{}" : #"{"why":"x"}"#
                let again = try await client.request("POST", "/api/v1/dead-letters/1/\(action)", key: Self.key(), body: body)
                #expect(again.status == 409 && again.code == "dead_letter.treated" && again.text.contains("operator-key"))
            }
            #expect(await test.log.records(in: Topic.siteEvents(site: "SITE-1")).filter { $0.value == Array(good.utf8) }.count == 1)
        }
    }

    @Test(arguments: ["{}", #"{"text":"x","raw_base64":"eA=="}"#, #"{"raw_base64":"%"}"#, #"{"bytes":"x"}"#])
    func aFixWithoutBytesIsRefused(body: String) async throws {
        try await Self.run { test, client in
            let answer = try await client.request("POST", "/api/v1/dead-letters/1/fix", key: Self.key(), body: body)
            #expect(answer.status == 400, "\(answer.text)")
            #expect(await test.log.records(in: Topic.deadLetterOutcomes(tenant: Self.tenant)).isEmpty)
        }
    }

    @Test func aDiscardedLetterSaysWhoAndWhy() async throws {
        try await Self.run { _, client in
            let missing = try await client.request("POST", "/api/v1/dead-letters/1/discard", key: Self.key(), body: "{}")
            #expect(missing.status == 400)
            let answer = try await client.request(
                "POST", "/api/v1/dead-letters/1/discard", key: Self.key(), body: #"{"why":"the installer's test"}"#)
            let outcome = try #require(try answer.json()["outcome"] as? [String: Any])
            #expect(try answer.json()["state"] as? String == "discarded" && outcome["why"] as? String == "the installer's test")
            #expect(outcome["by"] as? String == "operator-key")
        }
    }

    @Test func manyAreTreatedPageByPageAndOnlyOnce() async throws {
        try await Self.run { test, client in
            // The schema of the source was repaired meanwhile: one of the two is good now.
            let good = Self.event(9, site: "SITE-9")
            _ = try await test.log.append([
                Record(
                    topic: Self.topic, key: nil, value: Array(good.utf8),
                    headers: [.init("reason_code", "envelope.bad_version"), .init("origin", "http:x")])
            ])
            func retry(_ more: String) async throws -> [String: Any] {
                let answer = try await client.request(
                    "POST", "/api/v1/dead-letters/retry", key: Self.key(), body: #"{"reason":"envelope.bad_version"\#(more)}"#)
                #expect(answer.status == 200, "\(answer.text)")
                return try answer.json()
            }
            func results(_ report: [String: Any]) -> [String] {
                (report["results"] as? [[String: Any]] ?? []).map { "\($0["id"] as? Int ?? -1) \($0["result"] as? String ?? "")" }
            }
            #expect(results(try await retry(#","dry_run":"true""#)) == ["1 would", "2 would", "4 would"])
            let firstPage = try await retry(#","limit":"2""#)
            #expect(results(firstPage) == ["1 rejected", "2 rejected"] && firstPage["matched"] as? Int == 3)
            let cursor = try #require(firstPage["next_cursor"] as? String)
            let secondPage = try await retry(#","limit":"2","cursor":"\#(cursor)""#)
            #expect(results(secondPage) == ["4 accepted"] && secondPage["next_cursor"] == nil)
            #expect(results(try await retry("")) == ["1 rejected", "2 rejected"])
            #expect(await test.log.records(in: Topic.siteEvents(site: "SITE-9")).count == 1)
            let discarded = try await client.request(
                "POST", "/api/v1/dead-letters/discard", key: Self.key(), body: #"{"site_id":"SITE-2","why":"x"}"#).json()
            #expect(results(discarded) == ["2 discarded"])
            let summary = try await client.request("GET", "/api/v1/dead-letters/summary", key: Self.key(.viewer)).json()
            let states = (summary["by_state"] as? [[String: Any]] ?? []).reduce(into: [String: Int]()) {
                $0[$1["state"] as? String ?? ""] = $1["count"] as? Int
            }
            #expect(states == ["waiting": 3, "accepted": 1, "returned": 0, "discarded": 1, "expired": 0])
        }
    }

    @Test func twoRetriesAtOnceSendOnce() async throws {
        try await Self.run { test, client in
            let good = Self.event(9, site: "SITE-9")
            _ = try await test.log.append([Record(topic: Self.topic, key: nil, value: Array(good.utf8), headers: [])])
            let statuses = try await withThrowingTaskGroup(of: Int.self) { tasks in
                for _ in 0..<8 {
                    tasks.addTask {
                        try await HTTPClient(port: test.port).request("POST", "/api/v1/dead-letters/4/retry", key: Self.key(), body: "{}")
                            .status
                    }
                }
                return try await tasks.reduce(into: []) { $0.append($1) }
            }
            #expect(statuses.filter { $0 == 202 }.count == 1 && statuses.filter { $0 == 409 }.count == 7, "\(statuses)")
            #expect(await test.log.records(in: Topic.siteEvents(site: "SITE-9")).count == 1)
            _ = client
        }
    }

    /// The door would know the event again, so it goes back into its topic instead.
    @Test func aRecordThatAGroupCouldNotReadGoesBackIntoItsTopic() async throws {
        try await Self.run { test, client in
            let origin = Topic.siteEvents(site: "SITE-7")
            let value = Array(Self.event(7, site: "SITE-7").utf8)
            _ = try await test.log.append([
                Record(
                    topic: Self.topic, key: Array(origin.rawValue.utf8), value: value,
                    headers: [
                        .init("reason_code", "topology.unreadable"), .init("origin", origin.rawValue), .init("origin_offset", "3"),
                        .init("attempts", "1"), .init("group", "dashboard-service"), .init("origin_key", "SITE-7"),
                        .init("origin.tenant", Self.tenant), .init("origin.type", "topology.link"),
                    ])
            ])
            let edited = try await client.request("POST", "/api/v1/dead-letters/4/fix", key: Self.key(), body: #"{"text":"{}"}"#)
            #expect(edited.status == 409 && edited.code == "dead_letter.not_editable")
            for (round, status) in [(1, 202), (2, 409)] {
                let answer = try await client.request("POST", "/api/v1/dead-letters/4/retry", key: Self.key(), body: "{}")
                #expect(answer.status == status, "round \(round): \(answer.text)")
            }
            let back = await test.log.records(in: origin)
            #expect(back.count == 1 && back.first?.value == value && back.first?.key == Array("SITE-7".utf8))
            #expect(back.first?.header("tenant") == Self.tenant && back.first?.header("letter_attempts") == "1")
            #expect(back.first?.header("causation") == "\(Self.topic)@4")
            #expect(try await Self.letter(client, 4)["state"] as? String == "returned")
        }
    }

    @Test func oldLettersExpireAndAreNotSentAgain() async throws {
        try await Self.run { test, client in
            _ = try await client.request("POST", "/api/v1/dead-letters/1/discard", key: Self.key(), body: #"{"why":"x"}"#)
            let index = DeadLetterIndex(log: test.log)
            #expect(try await index.expireAll(before: Timestamp(milliseconds: 0)) == 0)
            let answer = try await client.request(
                "POST", "/api/v1/dead-letters/expire", key: Self.key(), body: #"{"before":"2099-01-01T00:00:00Z"}"#)
            #expect(try answer.json()["expired"] as? Int == 3)
            // The other tenant's are left alone, until the platform itself looks.
            #expect(try await index.expireAll(before: Timestamp(milliseconds: 4_000_000_000_000)) == 4)
            #expect(try await index.expireAll(before: Timestamp(milliseconds: 4_000_000_000_000)) == 0)
            #expect(try await Self.letter(client, 1)["state"] as? String == "discarded")
            let letter = try await Self.letter(client, 2)
            #expect(letter["state"] as? String == "expired" && (letter["outcome"] as? [String: Any])?["by"] as? String == "operator-key")
            let retried = try await client.request("POST", "/api/v1/dead-letters/2/retry", key: Self.key(), body: "{}")
            #expect(retried.status == 409 && retried.code == "dead_letter.treated")
        }
    }

    @Test func nobodysLettersAreForThePlatformsAdministrators() async throws {
        try await TestServer.run(configure: { $0.platformTenant = TestServer.acme }) { test in
            let client = HTTPClient(port: test.port)
            _ = try await test.log.append([
                Record(topic: Topic.deadLetters(tenant: "unknown"), key: nil, value: [0xFF], headers: [.init("reason_code", "json.syntax")])
            ])
            func ask(_ tenant: TenantID, _ role: Role, _ named: String) async throws -> Int {
                try await client.request("GET", "/api/v1/dead-letters?tenant=\(named)", key: TestServer.key(tenant, role)).status
            }
            #expect(try await ask(TestServer.acme, .admin, "unknown") == 200)
            #expect(try await ask(TestServer.acme, .operator, "unknown") == 403)
            #expect(try await ask(TestServer.rival, .admin, "unknown") == 403)
            #expect(try await ask(TestServer.acme, .admin, TestServer.rival.rawValue) == 403)
            #expect(try await ask(TestServer.rival, .viewer, TestServer.rival.rawValue) == 200)
            let one = try await client.request(
                "GET", "/api/v1/dead-letters/0?tenant=unknown", key: TestServer.key(TestServer.acme, .admin)
            ).json()
            #expect(one["is_text"] as? Bool == false && one["raw_base64"] as? String == "/w==")
        }
    }

    @Test func theDoorSaysWhenALetterIsCut() async throws {
        try await TestServer.run(door: { test in
            var limits = IngestLimits()
            limits.maxDeadLetterBytes = 20
            return IngestDoor(log: test.log, symbols: test.symbols, limits: limits, clock: { Timestamp(milliseconds: 0) })
        }) { test in
            let client = HTTPClient(port: test.port)
            _ = try await client.request("POST", "/api/v1/events", key: Self.key(), body: #"{"event_id":"no uuid, and long"}"#)
            let letter = try await Self.letter(client, 1)
            #expect(letter["is_cut"] as? Bool == true && letter["bytes"] as? Int == 32 && letter["text"] as? String == #"{"event_id":"no uuid"#)
            let retried = try await client.request("POST", "/api/v1/dead-letters/1/retry", key: Self.key(), body: "{}")
            #expect(retried.status == 409 && retried.code == "dead_letter.cut")
        }
    }
}

extension InMemoryLog {
    /// A topic from its beginning; empty when there is none.
    fileprivate func records(in topic: TopicName) async -> [Record] {
        (try? await fetch(topic: topic, from: 0, maxBytes: 1 << 20).map(\.record)) ?? []
    }
}
