import NIOCore
import Synchronization
import Testing
import TowerIngest
import TowerStores
import TowerStreaming

@testable import TowerAPI

@Suite struct ProblemTests {
    struct Secret: Error, CustomStringConvertible { var description: String { "password of /var/lib/x is hunter2" } }

    @Test(arguments: [
        (EventLogError(.fenced, "segment 42"), 503, true), (EventLogError(.overloaded, "x"), 429, true),
        (EventLogError(.diskFull, "x"), 503, true), (EventLogError(.closed, "x"), 503, true),
        (EventLogError(.io, "x"), 503, true),
        (EventLogError(.recordTooLarge, "x"), 413, false), (EventLogError(.unknownTopic, "x"), 404, false),
    ])
    func logErrorsBecomeStatuses(error: EventLogError, status: Int, hasRetryAfter: Bool) throws {
        let problem = try #require(Problem(expected: error))
        #expect(problem.status == status)
        #expect(problem.code == error.code.name)
        #expect((problem.retryAfterSeconds != nil) == hasRetryAfter)
        #expect(!problem.detail.contains("segment"))
    }

    @Test(arguments: [(400, "Bad Request"), (404, "Not Found"), (429, "Too Many Requests"), (503, "Service Unavailable")])
    func aProblemIsTitledAfterItsStatus(status: Int, title: String) {
        let document = Problem(status, "request.some_code", "Some detail.").document(instance: "/x")
        #expect(String(buffer: document).contains("\"title\":\"\(title)\""))
    }

    @Test(arguments: [
        (StoreError(.badCursor, "x"), 400), (StoreError(.unavailable, "x"), 503), (StoreError(.conflict, "x"), 409),
    ])
    func storeErrorsBecomeStatuses(error: StoreError, status: Int) {
        #expect(Problem(expected: error)?.status == status)
    }

    @Test func corruptionIsOurs() {
        #expect(Problem(expected: StoreError(.corrupt, "x")) == nil)
        #expect(Problem(expected: EventLogError(.corrupt, "x")) == nil)
    }

    @Test func anUnexpectedErrorShowsAnIdAndNothingElseAndIsLoggedOnce() async throws {
        try await TestServer.run { test in
            test.store.failure.withLock { $0 = nil }
            let client = HTTPClient(port: test.port)
            _ = try await client.request("GET", "/api/v1/me", key: TestServer.key(TestServer.acme, .viewer))
            test.store.failure.withLock { $0 = Secret() }
            let answer = try await client.request("GET", "/api/v1/fleet", key: TestServer.key(TestServer.acme, .viewer))
            test.store.failure.withLock { $0 = nil }
            #expect(answer.status == 500)
            #expect(answer.header("content-type") == "application/problem+json")
            #expect(!answer.text.contains("hunter2"))
            let id = try #require(try answer.json()["error_id"] as? String)
            let lines = test.logged.recorded.lines.withLock { $0 }.filter { $0.contains(id) }
            #expect(lines.count == 1)
            #expect(lines[0].contains("hunter2") && lines[0].hasPrefix("error"))
        }
    }

    @Test func everyRefusalIsAProblemDocument() async throws {
        try await TestServer.run { test in
            let client = HTTPClient(port: test.port)
            let key = TestServer.key(TestServer.acme, .admin)
            let cases: [(String, String, Int, String)] = [
                ("GET", "/api/v1/nothing", 404, "request.no_such_route"), ("GET", "/api/v1", 404, "request.no_such_route"),
                ("PUT", "/api/v1/events", 405, "request.method_not_allowed"),
                ("DELETE", "/api/v1/sites/ACME-1", 405, "request.method_not_allowed"),
                ("POST", "/console/page", 404, "request.no_such_route"),
                ("GET", "/api/v1/sites?colour=red", 400, "request.unknown_parameter"),
                ("GET", "/api/v1/sites?limit=0", 400, "request.invalid_parameter"),
                ("GET", "/api/v1/sites?limit=1001", 400, "request.invalid_parameter"),
                ("GET", "/api/v1/sites?limit=5&limit=6", 400, "request.invalid_parameter"),
                ("GET", "/api/v1/sites?state=asleep", 400, "request.invalid_parameter"),
                ("GET", "/api/v1/sites?cursor=nonsense", 400, "store.bad_cursor"),
                ("GET", "/api/v1/events?cursor=nonsense", 400, "store.bad_cursor"),
                ("GET", "/api/v1/events?from=yesterday", 400, "request.invalid_parameter"),
                ("GET", "/api/v1/events/not-a-uuid", 400, "request.bad_path"),
                ("GET", "/api/v1/alarms?active=perhaps", 400, "request.invalid_parameter"),
                ("GET", "/api/v1/incidents?status=open,odd", 400, "request.invalid_parameter"),
                ("GET", "/api/v1/metrics/query?site_id=ACME-1", 400, "request.invalid_parameter"),
                ("GET", "/api/v1/dead-letters/x", 400, "request.bad_path"),
                ("GET", "/api/v1/sites/%FF", 400, "request.bad_path"),
            ]
            for (method, path, status, code) in cases {
                let answer = try await client.request(method, path, key: key)
                #expect(answer.status == status && answer.code == code, "\(method) \(path): \(answer.status) \(answer.text)")
                #expect(answer.header("content-type") == "application/problem+json")
                let problem = try answer.json()
                #expect(problem["type"] as? String == "urn:towerco:problem:\(code)")
                #expect(problem["status"] as? Int == status)
                #expect((problem["detail"] as? String)?.isEmpty == false)
                #expect(problem["instance"] as? String == path.split(separator: "?")[0].description)
            }
            let allow = try await client.request("PUT", "/api/v1/events", key: key)
            #expect(allow.header("allow") == "GET, HEAD, POST")
        }
    }

    @Test func headAnswersLikeGetWithoutABody() async throws {
        try await TestServer.run { test in
            let answer = try await HTTPClient(port: test.port).request("HEAD", "/healthz")
            #expect(answer.status == 200)
            #expect(answer.body.isEmpty)
            #expect(answer.header("content-length") == "15")
        }
    }

    @Test(arguments: [
        IngestError(.tooLarge, status: 413, "The body has 9 bytes; 8 are allowed"),
        IngestError(.unsupportedType, status: 415, "xml"),
        IngestError(.empty, status: 400, "The body holds no event"),
        IngestError(.log(.init(.overloaded, "")), status: 429, "secret queue", retryAfterSeconds: 1),
        IngestError(.log(.init(.fenced, "")), status: 503, "secret segment", retryAfterSeconds: 5),
    ])
    func refusalsOfTheDoorKeepTheirReason(refusal: IngestError) async throws {
        try await TestServer.run { test in
            test.door.script.withLock { $0 = { throw refusal } }
            let answer = try await HTTPClient(port: test.port).request(
                "POST", "/api/v1/events", key: TestServer.key(TestServer.acme, .ingest), body: "{}")
            #expect(answer.status == refusal.status)
            #expect(answer.code == refusal.code.name)
            #expect(answer.header("retry-after") == refusal.retryAfterSeconds.map(String.init))
            #expect(answer.text.contains(refusal.message) == (refusal.retryAfterSeconds == nil))
            #expect(!answer.text.contains("secret"))
        }
    }
}
