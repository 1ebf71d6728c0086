import Foundation
import NIOWebSocket
import Synchronization
import Testing
import TowerModel
import TowerStores

@testable import TowerAPI

/// The live feed over real sockets.
@Suite(.timeLimit(.minutes(10))) struct LiveSocketTests {
    private var viewer: String { TestServer.key(TestServer.acme, .viewer) }
    private func site(_ id: String, _ state: SiteState = .inService) -> LiveChange {
        .site(Samples.site(id, tenant: "acme-towers", state: state))
    }

    @Test func aClientGetsTheSnapshotAndThenEveryChange() async throws {
        try await TestServer.run { test in
            test.project(5, [])
            try await LiveClient.open(port: test.port, key: viewer) { client in
                let snapshot = try await client.subscribe()
                #expect(snapshot["type"] as? String == "snapshot" && snapshot["seq"] as? Int == 5)
                #expect((snapshot["sites"] as? [Any])?.count == 1 && (snapshot["alarms"] as? [Any])?.count == 1)
                let incidents = try #require(snapshot["incidents"] as? [[String: Any]])
                #expect(incidents.map { $0["number"] as? String } == ["INC-7"])
                test.project(6, [site("ACME-2", .down)])
                test.project(7, [site("RIVAL-2")], tenant: TestServer.rival)
                test.project(8, [site("ACME-3")])
                for (sequence, id) in [(6, "ACME-2"), (8, "ACME-3")] {
                    let delta = try await client.message()
                    #expect(delta["type"] as? String == "delta" && delta["seq"] as? Int == sequence)
                    let change = try #require((delta["changes"] as? [[String: Any]])?.first)
                    #expect(change["channel"] as? String == "sites")
                    #expect(((change["item"] as? [String: Any])?["site"] as? [String: Any])?["site_id"] as? String == id)
                }
            }
        }
    }

    @Test func aTokenInTheQueryServesBrowsers() async throws {
        try await TestServer.run { test in
            try await LiveClient.open(port: test.port, path: "/api/v1/live?access_token=\(viewer)", key: nil) {
                (client: inout LiveClient) async throws in
                #expect(try await client.subscribe(["alarms"])["type"] as? String == "snapshot")
            }
            // Everywhere else a token in the address would end in logs.
            let answer = try await HTTPClient(port: test.port).request("GET", "/api/v1/me?access_token=\(viewer)")
            #expect(answer.status == 401)
        }
    }

    @Test func resumingContinuesWithoutASnapshot() async throws {
        try await TestServer.run { test in
            test.project(5, [site("ACME-2")])
            test.project(6, [site("ACME-3")])
            try await LiveClient.open(port: test.port, key: viewer) { client in
                let first = try await client.subscribe(["sites"], since: 5)
                #expect(first["type"] as? String == "resumed" && first["seq"] as? Int == 5)
                #expect(try await client.message()["seq"] as? Int == 6)
                let again = try await client.subscribe(["alarms"])
                #expect(again["type"] as? String == "snapshot" && again["sites"] == nil)
            }
        }
    }

    @Test func snapshotsAreWholeWhileTheProjectionRuns() async throws {
        try await TestServer.run { test in
            test.project(1, [])
            // Between any two reads of the store, another slice is committed and published.
            let counter = Mutex<Int64>(1)
            test.store.beforeRead.withLock { hook in
                hook = { what in
                    guard what != "principal" else { return }
                    let sequence = counter.withLock {
                        $0 += 1
                        return $0
                    }
                    guard sequence < 40 else { return }
                    test.project(sequence, [self.site("ACME-\(sequence % 5)", sequence.isMultiple(of: 2) ? .down : .watch)])
                }
            }
            try await LiveClient.open(port: test.port, key: viewer) { client in
                var states: [String: String] = [:]
                func apply(_ items: [[String: Any]]) {
                    for item in items {
                        let id = (item["site"] as? [String: Any])?["site_id"] as? String ?? "?"
                        states[id] = item["state"] as? String
                    }
                }
                let snapshot = try await client.subscribe(["sites"])
                apply(snapshot["sites"] as? [[String: Any]] ?? [])
                var sequence = snapshot["seq"] as? Int ?? 0
                #expect(sequence > 1)
                let last = counter.withLock { $0 } + 1
                test.store.beforeRead.withLock { $0 = nil }
                test.project(last, [self.site("ACME-9")])
                while sequence < last {
                    let delta = try await client.message()
                    let next = delta["seq"] as? Int ?? 0
                    #expect(next > sequence)
                    sequence = next
                    apply((delta["changes"] as? [[String: Any]] ?? []).compactMap { $0["item"] as? [String: Any] })
                }
                let stored = test.store.state.withLock { $0.tenants[TestServer.acme]?.sites ?? [:] }
                #expect(states == Dictionary(uniqueKeysWithValues: stored.map { ($0.key.rawValue, $0.value.state.rawValue) }))
            }
        }
    }

    @Test(arguments: [("tk_nobody", 401), (nil, 401), ("acme-ingest-key", 403)])
    func badCredentialsAreRefusedBeforeTheUpgrade(key: String?, status: Int) async throws {
        try await TestServer.run { test in
            await #expect { try await LiveClient.open(port: test.port, key: key) { _ in } } throws: {
                ($0 as? LiveClient.Refused)?.status == status
            }
        }
    }

    @Test(arguments: ["/api/v1/lives", "/api/v1/live/x", "/api/v1/nothing"])
    func thereIsOneLivePath(path: String) async throws {
        try await TestServer.run { test in
            await #expect { try await LiveClient.open(port: test.port, path: path, key: viewer) { _ in } } throws: {
                ($0 as? LiveClient.Refused)?.status == 404
            }
        }
    }

    /// NIO's upgrade handler drops the head of such requests: without the gate the client would wait for ever.
    @Test(arguments: [
        (
            "GET /healthz HTTP/1.1\r\nhost: x\r\nconnection: Upgrade, HTTP2-Settings\r\nupgrade: h2c\r\n"
                + "http2-settings: AAMAAABkAAQ\r\n",
            "200"
        ),
        ("GET /healthz HTTP/1.1\r\nhost: x\r\nconnection: Upgrade\r\nupgrade: websocket\r\n", "200"),
        ("GET /api/v1/none HTTP/1.1\r\nhost: x\r\nconnection: Upgrade\r\nupgrade: websocket\r\n", "404"),
        (
            "GET /api/v1/live HTTP/1.1\r\nhost: x\r\nauthorization: Bearer acme-viewer-key\r\nconnection: Upgrade\r\n"
                + "upgrade: websocket\r\n",
            "426"
        ),
        (
            "GET /api/v1/live HTTP/1.1\r\nhost: x\r\nauthorization: Bearer acme-viewer-key\r\nconnection: Upgrade\r\n"
                + "upgrade: websocket\r\nsec-websocket-version: 8\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n", "426"
        ),
        (
            "GET /api/v1/live?access_token=bad HTTP/1.1\r\nhost: x\r\nconnection: Upgrade\r\nupgrade: websocket\r\n"
                + "sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n", "401"
        ),
        ("GET /api/v1/live HTTP/1.1\r\nhost: x\r\nconnection: close\r\nauthorization: Bearer acme-viewer-key\r\n", "426"),
    ])
    func everyRequestWithUpgradeIsAnswered(head: String, status: String) async throws {
        try await TestServer.run { test in
            // NIO's decoder goes deaf after such a request, so the connection has to end with the answer; `raw` returns
            // only when it does.
            let text = try await HTTPClient(port: test.port).raw([head + "\r\n"])
            #expect(text.hasPrefix("HTTP/1.1 \(status) "), "\(text)")
            #expect(text.lowercased().contains("connection: close") || !head.contains("upgrade:"))
            // The same on a connection that has already served a request.
            let later = try await HTTPClient(port: test.port).raw(["GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n", head + "\r\n"])
            let statuses = later.split(separator: "HTTP/1.1 ").map { String($0.prefix(3)) }
            #expect(statuses == ["200", status], "\(later)")
        }
    }

    @Test func aSecondRequestCannotBecomeASocket() async throws {
        try await TestServer.run { test in
            let text = try await HTTPClient(port: test.port).raw([
                "GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n",
                "GET /api/v1/live HTTP/1.1\r\nhost: x\r\nauthorization: Bearer acme-viewer-key\r\nconnection: Upgrade\r\n"
                    + "upgrade: websocket\r\nsec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
            ])
            #expect(text.split(separator: "HTTP/1.1 ").map { String($0.prefix(3)) } == ["200", "426"])
        }
    }

    @Test func fragmentsPingsAndCloseFollowTheRFC() async throws {
        try await TestServer.run { test in
            test.project(1, [])
            try await LiveClient.open(port: test.port, key: viewer) { client in
                try await client.send(.text, Array(#"{"type":"sub"#.utf8), fin: false)
                try await client.send(.ping, Array("between".utf8))
                try await client.send(.continuation, Array(#"scribe","channels":["#.utf8), fin: false)
                try await client.send(.continuation, Array(#""alarms"]}"#.utf8))
                var frames: [String] = []
                while frames.count < 2 {
                    switch try await client.next() {
                    case .pong(let text): frames.append("pong \(text)")
                    case .text(let text): frames.append(String(text.prefix(18)))
                    default: break
                    }
                }
                #expect(frames == ["pong between", #"{"type":"snapshot""#])
                try await client.send(.connectionClose, [0x03, 0xE8])
                #expect(try await client.next() == .close(1000))
                await #expect(throws: LiveClient.Ended.self) { try await client.next() }
            }
        }
    }

    @Test(arguments: [
        (WebSocketOpcode.binary, [UInt8](repeating: 1, count: 10), UInt16(1003)), (.text, [0xFF, 0xFE], 1007),
        (.text, [UInt8](repeating: 0x20, count: (64 << 10) + 1), 1009), (.continuation, [0x20], 1002),
    ])
    func violationsEndTheConnectionWithTheirCode(opcode: WebSocketOpcode, bytes: [UInt8], code: UInt16) async throws {
        try await TestServer.run { test in
            try await LiveClient.open(port: test.port, key: viewer) { client in
                try await client.send(opcode, bytes)
                #expect(try await client.next() == .close(code))
            }
        }
    }

    @Test func manySmallFragmentsCannotGrowBeyondTheBound() async throws {
        try await TestServer.run { test in
            try await LiveClient.open(port: test.port, key: viewer) { client in
                try await client.send(.text, [0x7B], fin: false)
                for _ in 0..<5 { try await client.send(.continuation, [UInt8](repeating: 0x20, count: 16 << 10), fin: false) }
                #expect(try await client.next() == .close(1009))
            }
        }
    }

    @Test func errorsAreAnsweredAndTheConnectionLives() async throws {
        try await TestServer.run { test in
            test.project(1, [])
            try await LiveClient.open(port: test.port, key: viewer) { client in
                try await client.send(#"{"type":"subscribe","channels":["moods"]}"#)
                #expect(try await client.message()["code"] as? String == "live.bad_channels")
                #expect(try await client.subscribe(["sites"])["type"] as? String == "snapshot")
            }
        }
    }

    @Test func theClientsAreCountedAndGone() async throws {
        try await TestServer.run { test in
            test.project(1, [])
            try await LiveClient.open(port: test.port, key: viewer) { client in
                _ = try await client.subscribe(["sites"])
                let metrics = try await HTTPClient(port: test.port).request("GET", "/metrics").text
                #expect(metrics.contains("towerco_api_live_clients 1\n"))
                try await client.send(.connectionClose, [0x03, 0xE8])
                while (try? await client.next()) != nil {}
            }
            while test.hub.clientCount > 0 { await Task.yield() }
            #expect(test.hub.clientCount == 0)
        }
    }

    @Test func aFullHubSaysSo() async throws {
        try await TestServer.run(configure: { $0.live.clientsMax = 1 }) { test in
            test.project(1, [])
            try await LiveClient.open(port: test.port, key: viewer) { client in
                _ = try await client.subscribe(["sites"])
                await #expect { try await LiveClient.open(port: test.port, key: viewer) { _ in } } throws: {
                    ($0 as? LiveClient.Refused)?.status == 503
                }
            }
        }
    }

    @Test func drainingTurnsReadinessAndSaysGoodBye() async throws {
        try await TestServer.run { test in
            test.project(1, [])
            let viewer = viewer
            try await LiveClient.open(port: test.port, key: viewer) { client in
                _ = try await client.subscribe(["sites"])
                try test.server.beginDraining()
                #expect(try await client.next() == .close(1001))
                let http = HTTPClient(port: test.port)
                let ready = try await http.request("GET", "/readyz")
                #expect(ready.status == 503 && ready.text.contains(#""server":"draining""#))
                #expect(try await http.request("GET", "/api/v1/sites", key: viewer).status == 200)
                await #expect { try await LiveClient.open(port: test.port, key: viewer) { _ in } } throws: {
                    ($0 as? LiveClient.Refused)?.status == 503
                }
                try await client.send(.connectionClose, [0x03, 0xE9])
            }
        }
    }

    /// `TestServer.run` returns only when the server has stopped: open sockets must not hold it.
    @Test func stoppingDoesNotWaitForClients() async throws {
        let (ended, told) = AsyncStream.makeStream(of: LiveClient.Frame.self)
        let client = Mutex<Task<Void, any Error>?>(nil)
        try await TestServer.run { test in
            test.project(1, [])
            let (ready, isReady) = AsyncStream.makeStream(of: Void.self)
            let port = test.port
            let key = viewer
            let task = Task {
                try await LiveClient.open(port: port, key: key) { client in
                    _ = try await client.subscribe(["sites"])
                    isReady.finish()
                    told.yield(try await client.next())
                    told.finish()
                    try await client.send(.connectionClose, [0x03, 0xE9])
                }
            }
            client.withLock { $0 = task }
            for await _ in ready {}
        }
        var frames: [LiveClient.Frame] = []
        for await frame in ended { frames.append(frame) }
        #expect(frames == [.close(1001)])
        try await client.withLock { $0 }?.value
    }
}
