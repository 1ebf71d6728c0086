import Synchronization
import Testing
import TowerModel
import TowerStores

@testable import TowerAPI

@Suite struct AuthTests {
    static let cost = PasswordHasher.Cost(roundsLog2: 4, blockSize: 8, parallelism: 1)

    @Test func signingInGivesATokenThatSigningOutEnds() async throws {
        try await TestServer.run { test in
            let client = HTTPClient(port: test.port)
            let accounts = Accounts(
                store: test.store, clock: { test.clock.now }, randomBytes: { test.bytes.next($0) }, passwordCost: Self.cost)
            try await accounts.saveUser(tenant: TestServer.acme, name: "ama", role: .operator, password: "correct horse")
            let answer = try await client.request("POST", "/api/v1/sessions", body: #"{"user":"ama","password":"correct horse"}"#)
            #expect(answer.status == 201)
            let session = try answer.json()
            let token = try #require(session["token"] as? String)
            #expect(token.hasPrefix("ts_"))
            #expect(session["expires_at"] as? String == "2026-01-15T15:07:00.000Z")
            let principal = try #require(session["principal"] as? [String: String])
            #expect(principal == ["tenant_id": "acme-towers", "name": "ama", "role": "operator"])
            let me = try await client.request("GET", "/api/v1/me", key: token)
            #expect(try me.json() as? [String: String] == principal)
            // What is stored is not the token.
            #expect(test.store.state.withLock { $0.tokens.keys.contains { $0.contains(token) } } == false)

            #expect(try await client.request("DELETE", "/api/v1/sessions/current", key: token).status == 204)
            #expect(try await client.request("GET", "/api/v1/me", key: token).code == "auth.invalid_credentials")
        }
    }

    @Test func aSessionEndsByTime() async throws {
        try await TestServer.run { test in
            let client = HTTPClient(port: test.port)
            let accounts = Accounts(
                store: test.store, clock: { test.clock.now }, randomBytes: { test.bytes.next($0) }, passwordCost: Self.cost)
            try await accounts.saveUser(tenant: TestServer.acme, name: "ama", role: .viewer, password: "correct horse")
            let answer = try await client.request("POST", "/api/v1/sessions", body: #"{"user":"ama","password":"correct horse"}"#)
            let token = try #require(try answer.json()["token"] as? String)
            test.clock.advance(seconds: 12 * 3600 - 1)
            #expect(try await client.request("GET", "/api/v1/me", key: token).status == 200)
            test.clock.advance(seconds: 31)
            #expect(try await client.request("GET", "/api/v1/me", key: token).status == 401)
        }
    }

    @Test func wrongUserAndWrongPasswordLookTheSame() async throws {
        try await TestServer.run { test in
            let client = HTTPClient(port: test.port)
            let accounts = Accounts(
                store: test.store, clock: { test.clock.now }, randomBytes: { test.bytes.next($0) }, passwordCost: Self.cost)
            try await accounts.saveUser(tenant: TestServer.acme, name: "ama", role: .viewer, password: "correct horse")
            let user = try await client.request("POST", "/api/v1/sessions", body: #"{"user":"nobody","password":"x"}"#)
            let password = try await client.request("POST", "/api/v1/sessions", body: #"{"user":"ama","password":"x"}"#)
            #expect(user.status == 401 && user.code == "auth.bad_credentials")
            #expect(user.text == password.text)
        }
    }

    @Test func tooManyAttemptsWait() async throws {
        try await TestServer.run { (test: TestServer) async throws in
            let client = HTTPClient(port: test.port)
            let body = #"{"user":"ama","password":"x"}"#
            for _ in 0..<5 { #expect(try await client.request("POST", "/api/v1/sessions", body: body).status == 401) }
            let refused = try await client.request("POST", "/api/v1/sessions", body: body)
            #expect(refused.status == 429 && refused.code == "auth.too_many_attempts")
            #expect(refused.header("retry-after") == "12")
            #expect(try await client.request("POST", "/api/v1/sessions", body: #"{"user":"kofi","password":"x"}"#).status == 401)
            test.clock.advance(seconds: 12)
            #expect(try await client.request("POST", "/api/v1/sessions", body: body).status == 401)
            #expect(try await client.request("POST", "/api/v1/sessions", body: body).status == 429)
        }
    }

    @Test func bodiesOfCommandsAreStrict() async throws {
        try await TestServer.run { test in
            let client = HTTPClient(port: test.port)
            let cases: [(String, String?, String)] = [
                (#"{"user":"a","password":"b","admin":"yes"}"#, nil, "request.unknown_field"),
                (#"{"user":"a"}"#, nil, "request.missing_field"), (#"{"user":1,"password":"b"}"#, nil, "request.invalid_field"),
                (#"["a"]"#, nil, "request.malformed_body"), (#"{"user":"#, nil, "request.malformed_body"),
                (#"{"user":"a","password":"b"}"#, "text/plain", "request.unsupported_media_type"),
                ("", nil, "request.missing_field"),
            ]
            for (body, type, code) in cases {
                let headers = type.map { ["content-type": $0] } ?? [:]
                let answer = try await client.request("POST", "/api/v1/sessions", headers: headers, body: body)
                #expect(answer.code == code, "\(body): \(answer.text)")
            }
            let named = try await client.request("POST", "/api/v1/sessions", body: #"{"user":"a","password":"b","admin":"yes"}"#)
            #expect(named.text.contains("admin"))
        }
    }

    @Test func anAPIKeyIsNotASessionToSignOutOf() async throws {
        try await TestServer.run { (test: TestServer) async throws in
            let key = TestServer.key(TestServer.acme, .admin)
            let client = HTTPClient(port: test.port)
            #expect(try await client.request("DELETE", "/api/v1/sessions/current", key: key).code == "auth.not_a_session")
            #expect(try await client.request("GET", "/api/v1/me", key: key).status == 200)
        }
    }

    @Test func theStoreIsAskedForATokenOnlyOnceInAWhile() async throws {
        try await TestServer.run { (test: TestServer) async throws in
            let client = HTTPClient(port: test.port)
            let key = TestServer.key(TestServer.acme, .viewer)
            for _ in 0..<5 { #expect(try await client.request("GET", "/api/v1/me", key: key).status == 200) }
            for _ in 0..<5 { #expect(try await client.request("GET", "/api/v1/me", key: "tk_unknown").status == 401) }
            #expect(test.store.state.withLock { $0.tokenQueries } == 2)
            test.clock.advance(seconds: 30)
            #expect(try await client.request("GET", "/api/v1/me", key: key).status == 200)
            #expect(test.store.state.withLock { $0.tokenQueries } == 3)
        }
    }

    @Test func aKeyThatWasKnownIsStillKnownWhileTheStoreIsAway() async throws {
        try await TestServer.run { (test: TestServer) async throws in
            let client = HTTPClient(port: test.port)
            let key = TestServer.key(TestServer.acme, .viewer)
            #expect(try await client.request("GET", "/api/v1/me", key: key).status == 200)
            test.store.failure.withLock { $0 = StoreError(.unavailable, "away") }
            // However often it is used meanwhile: what counts is when the store last said so.
            for _ in 0..<14 {
                test.clock.advance(seconds: 21)
                #expect(try await client.request("GET", "/api/v1/me", key: key).status == 200)
            }
            #expect(try await client.request("GET", "/api/v1/me", key: TestServer.key(TestServer.acme, .admin)).status == 503)
            test.clock.advance(seconds: 6)
            #expect(try await client.request("GET", "/api/v1/me", key: key).status == 503)
            test.store.failure.withLock { $0 = nil }
            #expect(try await client.request("GET", "/api/v1/me", key: key).status == 200)
        }
    }

    @Test func aRevocationHereIsObeyedAtOnceEvenWhileTheStoreIsAway() async throws {
        let store = MemoryStore()
        let key = TestServer.key(TestServer.acme, .viewer)
        let principal = Principal(tenantID: TestServer.acme, name: "reader", role: .viewer)
        try await store.saveToken(hash: Secrets.hash(key), principal: principal, isSession: true, expiresAt: nil)
        let authenticator = Authenticator(accounts: store, clock: { Samples.at }, configuration: APIConfiguration())
        #expect(try await authenticator.principal(token: key) == principal)
        store.failure.withLock { $0 = StoreError(.unavailable, "away") }
        #expect(try await authenticator.principal(token: key) == principal)
        await #expect(throws: StoreError.self) { try await authenticator.revoke(token: key) }
        #expect(authenticator.rememberedPrincipal(token: key) == nil)
        await #expect(throws: StoreError.self) { try await authenticator.principal(token: key) }
        // Said again when the store is back, it is gone for everybody.
        store.failure.withLock { $0 = nil }
        try await authenticator.revoke(token: key)
        await #expect(throws: Problem.self) { try await authenticator.principal(token: key) }
    }

    // MARK: Parts

    @Test func theTokenCacheIsBoundedAndForgets() {
        var cache = TokenCache(entriesMax: 3, seconds: 30)
        let now = Samples.at
        let principal = Principal(tenantID: "t", name: "n", role: .viewer)
        for index in 0..<10 { cache.store("h\(index)", principal, now: now, epoch: 0) }
        #expect(cache.count <= 3)
        #expect(cache.look("h9", now: now) == .known(principal))
        #expect(cache.look("h9", now: now.adding(seconds: 30)) == .ask(epoch: 0, isBelieved: true))
        cache.store("x", nil, now: now, epoch: 0)
        #expect(cache.look("x", now: now) == .unknown)
        #expect(cache.look("x", now: now.adding(seconds: 5)) == .ask(epoch: 0, isBelieved: false))
    }

    @Test func whatTheStoreSaidIsBelievedForFiveMinutesAndNoRepetitionMakesItLonger() {
        var cache = TokenCache(entriesMax: 3, seconds: 30)
        let now = Samples.at
        let principal = Principal(tenantID: "t", name: "n", role: .viewer)
        cache.store("h", principal, now: now, epoch: 0)
        cache.store("x", nil, now: now, epoch: 0)
        #expect(cache.believe("x", now: now, epoch: 0) == nil)
        #expect(cache.believe("y", now: now, epoch: 0) == nil)
        for second in stride(from: 30, to: 300, by: 3) {
            #expect(cache.believe("h", now: now.adding(seconds: Double(second)), epoch: 0) == principal)
        }
        #expect(cache.look("h", now: now.adding(seconds: 299)) == .known(principal))
        #expect(cache.look("h", now: now.adding(seconds: 300)) == .ask(epoch: 0, isBelieved: false))
        #expect(cache.believe("h", now: now.adding(seconds: 300), epoch: 0) == nil)
    }

    @Test func anAnswerFromBeforeAFlushIsNotBelievedAfterIt() {
        var cache = TokenCache(entriesMax: 10, seconds: 30)
        let principal = Principal(tenantID: "t", name: "n", role: .viewer)
        guard case .ask(let epoch, _) = cache.look("h", now: Samples.at) else {
            Issue.record("an empty cache knew something")
            return
        }
        cache.flush()
        cache.store("h", principal, now: Samples.at, epoch: epoch)
        #expect(cache.look("h", now: Samples.at) == .ask(epoch: 1, isBelieved: false))
        cache.store("h", principal, now: Samples.at, epoch: 1)
        #expect(cache.believe("h", now: Samples.at, epoch: epoch) == nil)
    }

    @Test func theLoginLimiterIsBounded() {
        var limiter = LoginLimiter(burst: 2, refillSeconds: 10, bucketsMax: 3)
        for index in 0..<3 { #expect(limiter.take(address: "a", user: "u\(index)", now: Samples.at) == nil) }
        #expect(limiter.take(address: "a", user: "u9", now: Samples.at) != nil)
        #expect(limiter.take(address: "a", user: "u9", now: Samples.at.adding(seconds: 20)) == nil)
    }

    @Test func passwordHashesVerifyAndRefuse() async throws {
        let hasher = PasswordHasher(cost: Self.cost)
        let hash = try await hasher.hash("päss", salt: [1, 2, 3, 4])
        #expect(hash.hasPrefix("scrypt$4$8$1$01020304$"))
        #expect(try await hasher.verify("päss", against: hash))
        #expect(try await !hasher.verify("pass", against: hash))
        for broken in ["", "scrypt$4$8$1$01$", "scrypt$99$8$1$01$02", "bcrypt$4$8$1$01$02", "scrypt$4$8$1$zz$02"] {
            #expect(try await !hasher.verify("päss", against: broken))
        }
    }

    /// RFC 7914, section 12, third vector.
    @Test func scryptIsScrypt() async throws {
        let hasher = PasswordHasher(cost: .init(roundsLog2: 14, blockSize: 8, parallelism: 1))
        let hash = try await hasher.hash("pleaseletmein", salt: Array("SodiumChloride".utf8))
        #expect(hash.hasSuffix("$7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2"))
    }

    @Test func bootstrapCreatesTenantsAndKeysOnce() async throws {
        let store = MemoryStore()
        let accounts = Accounts(
            store: store, clock: { Samples.at }, randomBytes: { [UInt8](repeating: 7, count: $0) }, passwordCost: Self.cost)
        for _ in 0..<2 { try await accounts.bootstrap("acme:key-one-1, eu:west:key-two-2") }
        #expect(try await store.tenants() == ["acme", "eu:west"])
        let principal = try await store.principal(tokenHash: Secrets.hash("key-two-2"), now: Samples.at)
        #expect(principal == Principal(tenantID: "eu:west", name: "bootstrap", role: .admin))
    }

    @Test(arguments: ["acme", "acme:short", "ac me:long-enough", ":long-enough", "acme:has space in it", "good:key-12345,bad"])
    func aBadBootstrapTextCreatesNothingAndShowsNoSecret(text: String) async throws {
        let store = MemoryStore()
        let accounts = Accounts(
            store: store, clock: { Samples.at }, randomBytes: { [UInt8](repeating: 7, count: $0) }, passwordCost: Self.cost)
        do {
            try await accounts.bootstrap(text)
            Issue.record("accepted")
        } catch let error as Accounts.BootstrapError {
            for secret in ["short", "long-enough", "key-12345", "has space"] { #expect(!error.description.contains(secret)) }
        }
        #expect(try await store.tenants().isEmpty)
    }

    @Test func aNewKeyWorksAndIsStoredHashed() async throws {
        let store = MemoryStore()
        let accounts = Accounts(
            store: store, clock: { Samples.at }, randomBytes: { [UInt8](repeating: 7, count: $0) }, passwordCost: Self.cost)
        let key = try await accounts.createKey(tenant: "acme", name: "rms-7", role: .ingest)
        #expect(key.hasPrefix("tk_") && key.utf8.count == 46)
        #expect(store.state.withLock { Array($0.tokens.keys) } == [Secrets.hash(key)])
    }
}
