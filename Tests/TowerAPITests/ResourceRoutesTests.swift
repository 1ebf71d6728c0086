import Foundation
import Synchronization
import Testing
import TowerIncidents
import TowerModel
import TowerStores
import TowerStreaming

@testable import TowerAPI

@Suite struct ResourceRoutesTests {
    private func operatorKey() -> String { TestServer.key(TestServer.acme, .operator) }

    @Test func listsArePagedByCursor() async throws {
        try await TestServer.run { test in
            test.store.change(TestServer.acme) { own in
                for index in 0..<25 {
                    own.sites[SiteID("P-\(10 + index)")] = Samples.site("P-\(10 + index)", tenant: "acme-towers")
                }
            }
            let client = HTTPClient(port: test.port)
            var seen: [String] = []
            var cursor: String?
            repeat {
                let answer = try await client.request(
                    "GET", "/api/v1/sites?limit=10" + (cursor.map { "&cursor=\($0)" } ?? ""), key: operatorKey())
                let page = try answer.json()
                for item in try #require(page["items"] as? [[String: Any]]) {
                    seen.append(((item["site"] as? [String: Any])?["site_id"] as? String) ?? "")
                }
                cursor = page["next_cursor"] as? String
            } while cursor != nil
            #expect(seen == ["ACME-1"] + (0..<25).map { "P-\(10 + $0)" })
        }
    }

    @Test(arguments: [
        ("acknowledge", "{}", IncidentCommand.acknowledge), ("acknowledge", "", .acknowledge),
        ("assign", #"{"assignee":"ama"}"#, .assign(to: "ama")), ("comment", #"{"text":"on my way"}"#, .comment("on my way")),
        ("resolve", #"{"reason":"fixed"}"#, .resolve(reason: "fixed")),
        ("reopen", #"{"reason":"again"}"#, .reopen(reason: "again")),
        ("merge", #"{"into":"INC-8"}"#, .merge(into: Samples.id(2))),
    ])
    func commandsReachTheAggregate(verb: String, body: String, command: IncidentCommand) async throws {
        try await TestServer.run { test in
            test.store.change(TestServer.acme) { own in
                own.incidents[Samples.id(2)] = Samples.incident(
                    Samples.id(2), number: "INC-8", site: "ACME-1", tenant: "acme-towers")
            }
            let client = HTTPClient(port: test.port)
            for id in ["INC-7", Samples.id(1).description] {
                let answer = try await client.request(
                    "POST", "/api/v1/incidents/\(id)/\(verb)", key: operatorKey(), headers: ["idempotency-key": "k-1"], body: body
                )
                #expect(answer.status == 200, "\(answer.text)")
                #expect(try answer.json()["number"] as? String == "INC-7")
            }
            let expected = FakeCommands.Visit(
                command: command, incident: Samples.id(1),
                principal: Principal(tenantID: TestServer.acme, name: "operator-key", role: .operator), idempotencyKey: "k-1")
            #expect(test.commands.visits.withLock { $0 } == [expected, expected])
        }
    }

    @Test(arguments: [
        (
            "verdict", #"{"verdict":"corrected","cause":{"site_id":"ACME-1","condition":"fuel.exhausted"},"reason":"dry"}"#,
            IncidentCommand.judge(
                .init(word: .corrected, cause: .init(siteID: "ACME-1", condition: "fuel.exhausted"), reason: "dry"))
        ),
        (
            "verdict", #"{"verdict":"confirmed","candidate":{"condition":"dg.start_failed","site_id":"A"}}"#,
            .judge(.init(word: .confirmed, candidate: .init(siteID: "A", condition: "dg.start_failed")))
        ),
        (
            "split", #"{"alarm_ids":["00000000-0000-0000-0000-00000000000b"],"site_ids":["S-2"],"reason":"far"}"#,
            .split(alarms: [EventID(high: 0, low: 11)], sites: ["S-2"], reason: "far")
        ),
    ]) func verdictsAndSplitsHaveListsAndObjects(verb: String, body: String, command: IncidentCommand) async throws {
        try await TestServer.run { test in
            let client = HTTPClient(port: test.port)
            let answer = try await client.request("POST", "/api/v1/incidents/INC-7/\(verb)", key: operatorKey(), body: body)
            #expect(answer.status == 200)
            #expect(test.commands.visits.withLock { $0.map(\.command) } == [command])
            let viewer = try await client.request(
                "POST", "/api/v1/incidents/INC-7/\(verb)", key: TestServer.key(TestServer.acme, .viewer), body: body)
            #expect(viewer.status == 403)
        }
    }

    @Test(arguments: [
        ("verdict", #"{"verdict":"maybe"}"#, "request.invalid_field"), ("verdict", "{}", "request.missing_field"),
        ("verdict", #"{"verdict":"confirmed","candidate":"dg"}"#, "request.invalid_field"),
        ("verdict", #"{"verdict":"confirmed","candidate":{"condition":1}}"#, "request.invalid_field"),
        ("verdict", #"{"verdict":"confirmed","candidate":{"colour":"red"}}"#, "request.unknown_field"),
        ("split", #"{"alarm_ids":["x"]}"#, "request.invalid_field"), ("split", #"{"alarm_ids":"x"}"#, "request.invalid_field"),
        ("split", #"{"site_ids":[1]}"#, "request.invalid_field"),
        ("split", "{\"site_ids\":[\(Array(repeating: "\"S\"", count: 201).joined(separator: ","))]}", "request.invalid_field"),
    ]) func bodiesOfAnotherShapeAreRefusedByName(verb: String, body: String, code: String) async throws {
        try await TestServer.run { test in
            let answer = try await HTTPClient(port: test.port).request(
                "POST", "/api/v1/incidents/INC-7/\(verb)", key: operatorKey(), body: body)
            #expect(answer.status == 400 && answer.code == code)
            #expect(test.commands.visits.withLock { $0 }.isEmpty)
        }
    }

    @Test func aSlowProjectionAnswersAcceptedAndARefusalSaysWhy() async throws {
        try await TestServer.run { test in
            let client = HTTPClient(port: test.port)
            let path = "/api/v1/incidents/INC-7/acknowledge"
            test.commands.script.withLock { $0 = { .pending($0) } }
            #expect(try await client.request("POST", path, key: operatorKey(), body: "{}").status == 202)
            test.commands.script.withLock { $0 = { _ in throw CommandRefusal(.invalidTransition, "INC-7 is merged") } }
            let refused = try await client.request("POST", path, key: operatorKey(), body: "{}")
            #expect(
                refused.status == 409 && refused.code == "incident.invalid_transition" && refused.text.contains("INC-7 is merged")
            )
            test.commands.script.withLock { $0 = { _ in throw EventLogError(.fenced, "segment 3") } }
            let fenced = try await client.request("POST", path, key: operatorKey(), body: "{}")
            #expect(fenced.status == 503 && fenced.header("retry-after") == "5" && !fenced.text.contains("segment"))
        }
    }

    @Test func mergingIntoAnotherTenantsIncidentFindsNothing() async throws {
        try await TestServer.run { test in
            let answer = try await HTTPClient(port: test.port).request(
                "POST", "/api/v1/incidents/INC-7/merge", key: operatorKey(),
                body: "{\"into\":\"\(TestServer.rivalIDs.incident)\"}")
            #expect(answer.status == 404 && answer.code == "incident.not_found")
            #expect(test.commands.visits.withLock { $0 }.isEmpty)
        }
    }

    @Test(arguments: ["", "two words", String(repeating: "k", count: 256)])
    func anIdempotencyKeyIsShortVisibleASCII(key: String) async throws {
        try await TestServer.run { test in
            let answer = try await HTTPClient(port: test.port).request(
                "POST", "/api/v1/incidents/INC-7/acknowledge", key: operatorKey(), headers: ["idempotency-key": key], body: "{}")
            #expect(answer.code == "request.invalid_idempotency_key")
        }
    }

    @Test func siteTopicsAreOneRow() async throws {
        try await TestServer.run { test in
            test.store.change(TestServer.acme) { $0.sites["ACME-2"] = Samples.site("ACME-2", tenant: "acme-towers") }
            try await test.appendEvent(id: Samples.id(5), tenant: "acme-towers", site: "ACME-2", note: "n")
            try await test.appendEvent(id: Samples.id(6), tenant: "acme-towers", site: "ACME-2", note: "n")
            let client = HTTPClient(port: test.port)
            let page = try await client.request("GET", "/api/v1/topics", key: operatorKey()).json()
            let rows = try #require(page["items"] as? [[String: Any]])
            #expect(
                rows.compactMap { $0["topic"] as? String } == [
                    "towerco.sites.*.events", "towerco.incidents.acme-towers.lifecycle", "towerco.alerts.acme-towers.notifications",
                    "towerco.dead-letters.acme-towers",
                ])
            #expect(rows[0]["partitions"] as? Int == 2 && rows[0]["end_offset"] as? Int == 3)
            #expect(rows[3]["end_offset"] as? Int == 4 && rows[3]["retention"] as? String == "business")
            let one = try await client.request("GET", "/api/v1/topics/towerco.sites.*.events", key: operatorKey())
            #expect(try one.json()["end_offset"] as? Int == 3)
        }
    }

    @Test func deadLettersShowTheirBytesAndGoThroughTheDoorAgain() async throws {
        try await TestServer.run { test in
            _ = try await test.log.append([
                Record(
                    topic: Topic.deadLetters(tenant: "acme-towers"), key: nil, value: [0x7B, 0xFF, 0x22],
                    headers: [
                        .init("reason_code", "json.bad_utf8"), .init("origin", "towerco.sites.X.events"),
                        .init("origin_offset", "17"), .init("attempts", "3"),
                    ])
            ])
            let client = HTTPClient(port: test.port)
            let page = try await client.request("GET", "/api/v1/dead-letters?reason=json.bad_utf8", key: operatorKey()).json()
            let item = try #require((page["items"] as? [[String: Any]])?.first)
            #expect(
                item["id"] as? Int == 4 && item["text"] as? String == "{\u{FFFD}\"" && item["raw_base64"] as? String == "e/8i")
            #expect(item["origin_offset"] as? Int == 17 && item["attempts"] as? Int == 3)
            let retried = try await client.request("POST", "/api/v1/dead-letters/4/retry", key: operatorKey(), body: "{}")
            #expect(retried.status == 202)
            let visit = try #require(test.door.visits.withLock { $0.first })
            #expect(visit.body == [0x7B, 0xFF, 0x22] && visit.source == "dead-letter:4" && visit.tenant == TestServer.acme)
            #expect(try await client.request("GET", "/api/v1/dead-letters/5", key: operatorKey()).status == 404)
        }
    }

    @Test(arguments: [
        (0, Int64(0), Int64(0), "stopped"), (1, 0, 0, "steady"), (1, 10, 100, "steady"), (1, 10, 60_000, "catching up"),
    ])
    func groupsSayHowTheyAre(members: Int, lag: Int64, timeLag: Int64, state: String) {
        var description = GroupDescription(
            group: "g", patterns: [], committed: .start, offsetLag: lag, timeLagMs: timeLag, members: members, epoch: 1)
        #expect(GroupView(description).state == state)
        description.isPaused = true
        #expect(GroupView(description).state == "paused")
    }

    @Test func readinessFollowsTheHouseAndMetricsCount() async throws {
        try await TestServer.run { test in
            let client = HTTPClient(port: test.port)
            #expect(try await client.request("GET", "/readyz").status == 200)
            test.readiness.withLock { $0 = Readiness(isReady: false, checks: ["projections": "41 s behind"]) }
            let answer = try await client.request("GET", "/readyz")
            #expect(answer.status == 503 && answer.text == #"{"checks":{"projections":"41 s behind"},"ready":false}"#)
            _ = try await client.request("GET", "/api/v1/sites")
            let metrics = try await client.request("GET", "/metrics").text
            #expect(metrics.hasPrefix("towerco_ingest_accepted_total 3\n"))
            #expect(metrics.contains("towerco_api_requests_total{operation=\"getReadiness\",status=\"5xx\"} 1\n"))
            #expect(metrics.contains("towerco_api_requests_total{operation=\"listSites\",status=\"4xx\"} 1\n"))
            #expect(metrics.contains("towerco_api_request_duration_seconds_count{operation=\"getReadiness\"} 2\n"))
            #expect(metrics.contains("towerco_api_live_clients 0\n"))
        }
    }
}
