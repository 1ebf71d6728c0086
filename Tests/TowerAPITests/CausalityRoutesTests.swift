import Foundation
import Testing
import TowerModel
import TowerStores
import TowerStreaming

@testable import TowerAPI

@Suite struct CausalityRoutesTests {
    private func graph(_ version: Int, tenant: TenantID = TestServer.acme) -> Record {
        let value = """
            {"event_id":"\(Samples.id(UInt64(800 + version)))","event_type":"causality.graph.learned","tenant_id":"\(tenant)","site_id":"-",\
            "timestamp":"2026-01-15T00:00:00Z","version":"1.0","payload":{"tenant_id":"\(tenant)","version":\(version),\
            "at":"2026-01-15T00:00:00.000Z","reason":"learned","raises":900,"explained_share":0.4,"refused_raises":0,"edges":[{"cause":"UP",\
            "effect":"DOWN","score":0.9,"yield":0.5,"asserted":true}]}}
            """
        return Record(
            topic: Topic.incidents(tenant: tenant.rawValue), key: Array("causality".utf8), value: Array(value.utf8), headers: [])
    }

    @Test func theNewestVersionIsAnsweredAndOlderOnesAreFound() async throws {
        try await TestServer.run { test in
            let client = HTTPClient(port: test.port)
            let key = TestServer.key(TestServer.acme, .viewer)
            let empty = try await client.request("GET", "/api/v1/causality/edges", key: key)
            #expect(empty.status == 200)
            #expect(try empty.json()["version"] as? Int == 0)
            _ = try await test.log.append([graph(1), graph(2), graph(9, tenant: TestServer.rival)])
            let newest = try await client.request("GET", "/api/v1/causality/edges", key: key).json()
            #expect(newest["version"] as? Int == 2)
            let edges = try #require(newest["edges"] as? [[String: Any]])
            #expect(edges.first?["cause"] as? String == "UP" && edges.first?["asserted"] as? Bool == true)
            let older = try await client.request("GET", "/api/v1/causality/edges?version=1", key: key).json()
            #expect(older["version"] as? Int == 1)
            #expect(try await client.request("GET", "/api/v1/causality/edges?version=9", key: key).status == 404)
            #expect(try await client.request("GET", "/api/v1/causality/edges?version=x", key: key).status == 400)
        }
    }

    @Test(arguments: [
        (#"{"cause":"UP","effect":"DOWN","verdict":"confirm"}"#, 202), (#"{"cause":"UP","effect":"DOWN","verdict":"veto","reason":"no"}"#, 202),
        (#"{"cause":"UP","effect":"DOWN","verdict":"maybe"}"#, 400), (#"{"cause":"UP","effect":"UP","verdict":"veto"}"#, 400),
        (#"{"cause":"UP","verdict":"veto"}"#, 400),
    ])
    func aVerdictIsAnEventOnTheLog(body: String, status: Int) async throws {
        try await TestServer.run { test in
            let before = await test.log.end()
            let answer = try await HTTPClient(port: test.port).request(
                "POST", "/api/v1/causality/edges/judge", key: TestServer.key(TestServer.acme, .operator), body: body)
            #expect(answer.status == status)
            let written = try await test.log.fetch(
                matching: [TopicPattern(Topic.incidents(tenant: TestServer.acme.rawValue).rawValue)], from: before, maxRecords: 10, maxBytes: 1 << 20
            ).records
            #expect(written.count == (status == 202 ? 1 : 0))
            guard status == 202 else { return }
            let event = try #require(try JSONSerialization.jsonObject(with: Data(written[0].record.value)) as? [String: Any])
            #expect(event["event_type"] as? String == "causality.edge.judged")
            let payload = try #require(event["payload"] as? [String: Any])
            #expect(payload["actor"] as? String == "operator-key" && payload["cause"] as? String == "UP")
            #expect(written[0].record.header("causality") == "1")
        }
    }
}
