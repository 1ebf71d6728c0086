import Synchronization
import Testing
import TowerStores

@testable import TowerAPI

@Suite(.timeLimit(.minutes(10))) struct LimitTests {
    private var key: String { TestServer.key(TestServer.acme, .ingest) }

    @Test func aDeclaredLengthBeyondTheBoundIsRefusedBeforeReading() async throws {
        try await TestServer.run(configure: { $0.eventBodyBytesMax = 1000 }) { test in
            // The body never comes: the answer does, because the length alone decides.
            let text = try await HTTPClient(port: test.port).raw([
                "POST /api/v1/events HTTP/1.1\r\nhost: x\r\nauthorization: Bearer \(key)\r\ncontent-length: 1001\r\n\r\n"
            ])
            #expect(text.hasPrefix("HTTP/1.1 413 "))
            #expect(text.contains("request.body_too_large"))
            #expect(test.door.visits.withLock { $0 }.isEmpty)
        }
    }

    @Test func aChunkedBodyBeyondTheBoundIsCutOff() async throws {
        try await TestServer.run(configure: { $0.eventBodyBytesMax = 1000 }) { test in
            let chunk = "200\r\n" + String(repeating: "x", count: 512) + "\r\n"
            let text = try await HTTPClient(port: test.port).raw([
                "POST /api/v1/events HTTP/1.1\r\nhost: x\r\nauthorization: Bearer \(key)\r\ntransfer-encoding: chunked\r\n\r\n",
                chunk, chunk,
            ])
            #expect(text.hasPrefix("HTTP/1.1 413 "))
            #expect(test.door.visits.withLock { $0 }.isEmpty)
        }
    }

    @Test func aBodyOfExactlyTheBoundPasses() async throws {
        try await TestServer.run(configure: { $0.eventBodyBytesMax = 1000 }) { test in
            let answer = try await HTTPClient(port: test.port).request(
                "POST", "/api/v1/events", key: key, body: String(repeating: "x", count: 1000))
            #expect(answer.status == 202)
        }
    }

    @Test func aBodyThatDoesNotArriveInTimeIsEnded() async throws {
        try await TestServer.run(configure: { $0.requestSecondsMax = 0.05 }) { test in
            let text = try await HTTPClient(port: test.port).raw([
                "POST /api/v1/events HTTP/1.1\r\nhost: x\r\nauthorization: Bearer \(key)\r\ncontent-length: 100\r\n\r\n{"
            ])
            #expect(text.hasPrefix("HTTP/1.1 408 "))
            #expect(text.contains("request.timeout"))
        }
    }

    @Test func aConnectionThatSaysNothingIsClosed() async throws {
        try await TestServer.run(configure: { $0.headSecondsMax = 0.05 }) { test in
            let silent = try await HTTPClient(port: test.port).raw([])
            let halting = try await HTTPClient(port: test.port).raw(["GET /healthz HT"])
            #expect(silent.isEmpty && halting.isEmpty)
        }
    }

    @Test func whatIsNotHTTPIsRefused() async throws {
        try await TestServer.run { test in
            let first = try await HTTPClient(port: test.port).raw(["this is not http\r\n\r\n"])
            #expect(first.hasPrefix("HTTP/1.1 400 "))
            let second = try await HTTPClient(port: test.port).raw([
                "GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n", "\u{1}\u{2} nonsense\r\n\r\n",
            ])
            #expect(second.hasPrefix("HTTP/1.1 200 ") && second.contains("HTTP/1.1 400 "))
        }
    }

    @Test func aClientThatWaitsForContinueIsTold() async throws {
        try await TestServer.run { test in
            let text = try await HTTPClient(port: test.port).raw([
                "POST /api/v1/events HTTP/1.1\r\nhost: x\r\nauthorization: Bearer \(key)\r\nconnection: close\r\n"
                    + "expect: 100-continue\r\ncontent-length: 2\r\n\r\n", "{}",
            ])
            #expect(text.hasPrefix("HTTP/1.1 100 "))
            #expect(text.contains("HTTP/1.1 202 "))
        }
    }

    @Test func requestsOfOneConnectionAreAnsweredInOrder() async throws {
        try await TestServer.run { test in
            let get = "GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n"
            let last = "GET /api/v1/none HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n"
            let text = try await HTTPClient(port: test.port).raw([get + get + last])
            let statuses = text.split(separator: "HTTP/1.1 ").map { $0.prefix(3) }
            #expect(statuses == ["200", "200", "404"])
        }
    }

    @Test func aCommandsBodyHasItsOwnBound() async throws {
        try await TestServer.run { test in
            let long = String(repeating: "x", count: 70_000)
            let answer = try await HTTPClient(port: test.port).request(
                "POST", "/api/v1/incidents/INC-7/comment", key: TestServer.key(TestServer.acme, .operator),
                body: "{\"text\":\"\(long)\"}")
            #expect(answer.status == 413)
        }
    }
}
