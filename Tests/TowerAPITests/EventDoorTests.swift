import Synchronization
import Testing
import TowerIngest
import TowerModel
import TowerStores
import TowerStreaming

@testable import TowerAPI

/// The short way of `POST /api/v1/events` answers as the ordinary way does, and keeps the order of a connection.
///
/// The first request with a key takes the ordinary way, because its credentials are not remembered yet; later ones the short.
@Suite(.timeLimit(.minutes(10))) struct EventDoorTests {
    private var key: String { TestServer.key(TestServer.acme, .ingest) }

    private func post(_ body: String, _ key: String, more: String = "") -> String {
        "POST /api/v1/events HTTP/1.1\r\nhost: x\r\nauthorization: Bearer \(key)\r\ncontent-length: \(body.utf8.count)\r\n\(more)\r\n\(body)"
    }

    private func statuses(_ text: String) -> [Substring] { text.split(separator: "HTTP/1.1 ").map { $0.prefix(3) } }

    @Test func mixedRequestsSentAheadAreAnsweredInOrder() async throws {
        try await TestServer.run { test in
            let client = HTTPClient(port: test.port)
            _ = try await client.request("POST", "/api/v1/events", key: key, body: "warm")
            let health = "GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n"
            let all =
                post("1", key) + post("2\n2", key) + health + post("3\n3\n3", key) + health
                + post("4\n4\n4\n4", key, more: "connection: close\r\n")
            let text = try await client.raw([all])
            #expect(statuses(text) == ["202", "202", "200", "202", "200", "202"])
            let accepted = text.split(separator: "\"accepted\":").dropFirst().map { $0.prefix(1) }
            #expect(accepted == ["1", "2", "3", "4"])
            #expect(test.door.visits.withLock { $0.map(\.body.count) } == [4, 1, 3, 5, 7])
        }
    }

    @Test(arguments: [1, 7, 64, 1000]) func aBodyMayComeInAnyPieces(_ size: Int) async throws {
        try await TestServer.run { test in
            let client = HTTPClient(port: test.port)
            _ = try await client.request("POST", "/api/v1/events", key: key, body: "warm")
            let body = String(repeating: "abcdefghi\n", count: 30)
            let whole = Array(post(body, key, more: "connection: close\r\n").utf8)
            let pieces = stride(from: 0, to: whole.count, by: size).map {
                String(decoding: whole[$0..<min($0 + size, whole.count)], as: UTF8.self)
            }
            let text = try await client.raw(pieces)
            #expect(text.hasPrefix("HTTP/1.1 202 ") && text.hasSuffix(#"{"accepted":30,"duplicates":0,"rejected":[]}"#))
            #expect(test.door.visits.withLock { $0.last?.body } == Array(body.utf8))
        }
    }

    @Test(arguments: [
        IngestReport(accepted: 0, duplicates: 3, rejected: []),
        IngestReport(accepted: 0, duplicates: 0, rejected: []),
        IngestReport(accepted: 1, duplicates: 0, rejected: [.init(line: 2, code: "json.syntax", detail: "a \"quote\"")]),
        IngestReport(accepted: 0, duplicates: 0, rejected: [.init(line: 1, code: "json.empty", detail: "nothing")]),
    ]) func aReportReadsTheSameOnBothWays(_ report: IngestReport) async throws {
        try await expectSame { report }
    }

    @Test(arguments: [
        IngestError(.tooManyLines, status: 413, "Too many"), IngestError(.unsupportedType, status: 415, "No such type"),
        IngestError(.unavailable, status: 503, "secret path", retryAfterSeconds: 5),
        IngestError(.log(.init(.overloaded, "secret")), status: 429, "secret", retryAfterSeconds: 1),
    ]) func aRefusalReadsTheSameOnBothWays(_ error: IngestError) async throws {
        try await expectSame { throw error }
    }

    private func expectSame(_ script: @escaping @Sendable () throws -> IngestReport) async throws {
        try await TestServer.run { test in
            test.door.script.withLock { $0 = script }
            let client = HTTPClient(port: test.port)
            let ordinary = try await client.request("POST", "/api/v1/events", key: key, body: "x")
            let short = try await client.request("POST", "/api/v1/events", key: key, body: "x")
            #expect(ordinary.status == short.status && ordinary.text == short.text)
            let names = { (answer: HTTPClient.Answer) in Set(answer.headers.map { $0.name.lowercased() }) }
            #expect(names(ordinary) == names(short))
            for name in names(ordinary) where name != "date" {
                #expect(ordinary.header(name) == short.header(name), "\(name)")
            }
            #expect(test.door.visits.withLock { $0.count } == 2)
        }
    }

    @Test func aRememberedKeyStillNeedsItsRole() async throws {
        try await TestServer.run { test in
            let client = HTTPClient(port: test.port)
            let viewer = TestServer.key(TestServer.acme, .viewer)
            for _ in 0..<2 {
                let answer = try await client.request("POST", "/api/v1/events", key: viewer, body: "x")
                #expect(answer.status == 403 && answer.code == "auth.forbidden")
            }
            #expect(test.door.visits.withLock { $0.isEmpty })
        }
    }

    @Test("the date of an answer, as RFC 9110 writes it", arguments: [
        ("1994-11-06T08:49:37Z", "Sun, 06 Nov 1994 08:49:37 GMT"), ("2024-02-29T23:59:59.999Z", "Thu, 29 Feb 2024 23:59:59 GMT"),
        ("1970-01-01T00:00:00Z", "Thu, 01 Jan 1970 00:00:00 GMT"), ("1969-12-31T23:59:59.500Z", "Wed, 31 Dec 1969 23:59:59 GMT"),
    ]) func date(_ iso: String, _ expected: String) throws {
        var date = HTTPDate()
        #expect(date.text(try #require(Timestamp(iso))) == expected)
    }

    @Test func aQueryIsRefusedByNameAsEverywhere() async throws {
        try await TestServer.run { test in
            let client = HTTPClient(port: test.port)
            for _ in 0..<2 {
                let answer = try await client.request("POST", "/api/v1/events?dry=1", key: key, body: "x")
                #expect(answer.status == 400)
            }
        }
    }
}
