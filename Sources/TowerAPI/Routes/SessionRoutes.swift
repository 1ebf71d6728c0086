import Hummingbird
import Synchronization
import TowerModel
import TowerStores

/// Signing in and out.
struct SessionRoutes: Sendable {
    let services: Services
    private let limiter: LimiterBox

    init(services: Services) {
        self.services = services
        self.limiter = LimiterBox(
            LoginLimiter(burst: services.configuration.loginBurst, refillSeconds: services.configuration.loginRefillSeconds))
    }

    private final class LimiterBox: Sendable {
        let state: Mutex<LoginLimiter>
        /// Password checks under way or waiting for a thread.
        let checking = Mutex(0)
        init(_ limiter: LoginLimiter) { self.state = Mutex(limiter) }
    }

    /// Each costs a tenth of a second of one core: more than these would only make everybody wait.
    private static let checksMax = 16

    struct SessionView: Codable, Sendable {
        var token: String
        var expiresAt: Timestamp
        var principal: Principal
        enum CodingKeys: String, CodingKey {
            case token
            case expiresAt = "expires_at"
            case principal
        }
    }

    var routes: [Route] {
        [
            .open(
                "POST", "/api/v1/sessions", "createSession", "Sign in with user and password",
                body: [
                    .init(name: "user", isRequired: true, bytesMax: 128),
                    .init(name: "password", isRequired: true, bytesMax: 1024),
                ],
                create),
            .signedIn(
                "DELETE", "/api/v1/sessions/current", "deleteCurrentSession", "Sign out: revokes the session token", .any,
                delete),
            .signedIn("GET", "/api/v1/me", "getMe", "Who the credentials belong to", .any) { _, principal in .json(principal) },
        ]
    }

    private func create(_ call: Call) async throws -> Response {
        let fields = try await call.fields()
        guard let user = fields["user"], let password = fields["password"] else { throw Self.badCredentials }
        let now = services.now()
        let wait = limiter.state.withLock { $0.take(address: call.context.clientAddress, user: user, now: now) }
        if let wait {
            throw Problem(
                429, "auth.too_many_attempts", "Too many attempts for this user. Try again in \(wait) s.", retryAfterSeconds: wait
            )
        }
        let isFree = limiter.checking.withLock { checking in
            guard checking < Self.checksMax else { return false }
            checking += 1
            return true
        }
        guard isFree else {
            throw Problem(429, "auth.busy", "Too many people are signing in at once. Try again shortly.", retryAfterSeconds: 2)
        }
        defer { limiter.checking.withLock { $0 -= 1 } }
        let known = try await services.store.user(name: user)
        // An unknown user costs the same derivation, so that its absence does not show in the time the answer takes.
        let stored = known?.passwordHash ?? Self.decoyHash(services.configuration.passwordCost)
        let isRight = try await services.hasher.verify(password, against: stored)
        guard isRight, let principal = known?.principal else { throw Self.badCredentials }

        let token = Secrets.token(prefix: "ts_", randomBytes: services.dependencies.randomBytes)
        let expiresAt = now.adding(seconds: services.configuration.sessionSeconds)
        try await services.store.saveToken(
            hash: Secrets.hash(token), principal: principal, isSession: true, expiresAt: expiresAt)
        return .json(SessionView(token: token, expiresAt: expiresAt, principal: principal), status: .created)
    }

    private func delete(_ call: Call, _ principal: Principal) async throws -> Response {
        guard let token = RouteAnswering.token(of: call.request, call.route) else { throw Authenticator.missing }
        guard token.hasPrefix("ts_") else {
            throw Problem(409, "auth.not_a_session", "These credentials are an API key, not a session; nothing was revoked.")
        }
        try await services.authenticator.revoke(token: token)
        return Response(status: .noContent)
    }

    static let badCredentials = Problem(401, "auth.bad_credentials", "User or password is wrong.")

    private static func decoyHash(_ cost: PasswordHasher.Cost) -> String {
        let zeros = String(repeating: "00", count: 32)
        return "scrypt$\(cost.roundsLog2)$\(cost.blockSize)$\(cost.parallelism)$\(zeros.prefix(32))$\(zeros)"
    }
}
