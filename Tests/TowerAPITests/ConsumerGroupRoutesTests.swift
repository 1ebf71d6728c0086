import Foundation
import Testing
import TowerStores
import TowerStreaming

@testable import TowerAPI

@Suite(.timeLimit(.minutes(10))) struct ConsumerGroupRoutesTests {
    private static let key = TestServer.key(TestServer.acme, .admin)
    private static let path = "/api/v1/consumer-groups/engine"

    @Test func aGroupIsShownMovedPausedAndResumed() async throws {
        try await TestServer.run(configure: { $0.platformTenant = TestServer.acme }) { test in
            let client = HTTPClient(port: test.port)
            #expect(try await client.request("GET", Self.path, key: Self.key).status == 404)
            #expect(try await client.request("POST", Self.path + "/pause", key: Self.key, body: "{}").status == 404)
            let member = try await test.log.join(group: "engine", patterns: [.siteEvents])
            let end = await test.log.end().sequence
            let shown = try await client.request("GET", Self.path, key: Self.key).json()
            #expect(shown["position"] as? Int64 == 0 && shown["end"] as? Int64 == end && shown["members"] as? Int == 1)
            #expect(shown["patterns"] as? [String] == ["towerco.sites.*.events"])

            let paused = try await client.request("POST", Self.path + "/pause", key: Self.key, body: "{}").json()
            #expect(paused["state"] as? String == "paused" && paused["is_paused"] as? Bool == true)
            #expect(try await test.log.groups()[0].isPaused)
            let resumed = try await client.request("POST", Self.path + "/resume", key: Self.key, body: "{}").json()
            #expect(resumed["is_paused"] as? Bool == false)

            for (place, position) in [("end", end), ("beginning", 0), ("2", 2), ("towerco.sites.ACME-1.events@0", 0)] {
                let answer = try await client.request("POST", Self.path + "/seek", key: Self.key, body: "{\"to\":\"\(place)\"}")
                #expect(answer.status == 200, "\(place): \(answer.text)")
                #expect(try answer.json()["position"] as? Int64 == position, "\(place)")
            }
            await #expect(throws: EventLogError.self) { try await test.log.commit(member, cursor: .start) }
        }
    }

    @Test(arguments: [
        ("sometime", 400), ("-1", 400), ("topic@x", 400), ("a b@1", 400), ("towerco.sites.RIVAL-1.events@0", 404),
        ("towerco.incidents.rival-infra.lifecycle@0", 404),
    ])
    func aPlaceThatIsNoneOrSomebodyElsesIsRefused(place: String, status: Int) async throws {
        try await TestServer.run(configure: { $0.platformTenant = TestServer.acme }) { test in
            _ = try await test.log.join(group: "engine", patterns: [.siteEvents])
            let answer = try await HTTPClient(port: test.port).request(
                "POST", Self.path + "/seek", key: Self.key, body: "{\"to\":\"\(place)\"}")
            #expect(answer.status == status, "\(answer.text)")
        }
    }
}

@Suite(.timeLimit(.minutes(10))) struct TopicRecordRoutesTests {
    private static func key(_ tenant: TenantName) -> String { TestServer.key(tenant == .acme ? TestServer.acme : TestServer.rival, .viewer) }
    enum TenantName { case acme, rival }

    private static func lines(_ text: String) throws -> [[String: Any]] {
        try text.split(separator: "\n").map { try #require(JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any]) }
    }

    @Test func aWindowComesAsLinesInArrivalOrder() async throws {
        try await TestServer.run { test in
            let client = HTTPClient(port: test.port)
            let from = await test.log.end().sequence
            for number in 0..<30 {
                try await test.appendEvent(
                    id: Samples.id(UInt64(5000 + number)), tenant: number % 3 == 0 ? "rival-infra" : "acme-towers", site: "SHARED",
                    note: "n\(number)")
            }
            let path = "/api/v1/topics/towerco.sites.*.events/records?from=\(from)"
            let answer = try await client.request("GET", path, key: Self.key(.acme))
            #expect(answer.header("content-type") == "application/x-ndjson")
            #expect(answer.header("towerco-to-sequence") == String(from + 30))
            let lines = try Self.lines(answer.text)
            let own = (0..<30).filter { $0 % 3 != 0 }.map { from + Int64($0) }
            #expect(lines.compactMap { $0["sequence"] as? Int64 } == own)
            #expect(lines.allSatisfy { $0["topic"] as? String == "towerco.sites.SHARED.events" && $0["event"] is [String: Any] })
            let window = try await client.request("GET", path + "&to=\(from + 5)&form=values", key: Self.key(.acme))
            let notes = try Self.lines(window.text).map { ($0["payload"] as? [String: Any])?["note"] as? String }
            #expect(notes == ["n1", "n2", "n4"])
        }
    }

    @Test func eventsOverSeveralLinesBecomeOneLineEach() async throws {
        try await TestServer.run { test in
            let from = await test.log.end().sequence
            _ = try await test.log.append([
                Record(
                    topic: Topic.incidents(tenant: "acme-towers"), key: nil, value: Array("{\n  \"a\": \"b\\n\",\r\n  \"c\": 1\n}".utf8))
            ])
            let answer = try await HTTPClient(port: test.port).request(
                "GET", "/api/v1/topics/*/records?from=\(from)&form=values", key: Self.key(.acme))
            #expect(answer.text == "{   \"a\": \"b\\n\",    \"c\": 1 }\n")
        }
    }

    @Test(arguments: [
        ("towerco.sites.*.events/records?from=x", 400), ("towerco.sites.*.events/records?form=all", 400),
        ("towerco.sites.RIVAL-1.events/records", 404), ("towerco.sites.RIVAL-*.events/records", 404),
        ("towerco.platform.audit/records", 404), ("towerco.*/records", 404),
        ("*/records?from=towerco.incidents.rival-infra.lifecycle@0", 404),
        ("towerco.dead-letters.acme-towers/records?form=values", 400), ("towerco.dead-letters.acme-towers/records", 200),
    ])
    func onlyOwnTopicsAndPlaces(path: String, status: Int) async throws {
        try await TestServer.run { test in
            let answer = try await HTTPClient(port: test.port).request("GET", "/api/v1/topics/\(path)", key: Self.key(.acme))
            #expect(answer.status == status, "\(path): \(answer.text)")
            #expect(status != 200 || !answer.text.contains("rival"))
        }
    }

    /// A caller that goes away before the first line leaves no stream behind.
    @Test func streamsAreBoundedAndGivenBack() {
        let slots = StreamSlots(max: 2)
        var first = slots.take()
        let second = slots.take()
        #expect(first != nil && second != nil && slots.take() == nil)
        first = nil
        let third = slots.take()
        #expect(third != nil)
        second?.release()
        second?.release()
        let fourth = slots.take()
        #expect(fourth != nil && slots.take() == nil)
        _ = (first, second, third, fourth)
    }
}
