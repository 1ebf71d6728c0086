import Logging
import Synchronization
import TowerModel
import TowerStores

/// What handlers share. One per server.
struct Services: Sendable {
    let dependencies: APIDependencies
    let configuration: APIConfiguration
    let authenticator: Authenticator
    let hasher: PasswordHasher
    let metrics: ServerMetrics
    let lifecycle: ServerLifecycle
    let deadLetters: DeadLetterIndex

    init(dependencies: APIDependencies, configuration: APIConfiguration) {
        self.dependencies = dependencies
        self.configuration = configuration
        self.authenticator = Authenticator(
            accounts: dependencies.store, clock: dependencies.clock, configuration: configuration)
        self.hasher = PasswordHasher(cost: configuration.passwordCost)
        self.metrics = ServerMetrics()
        self.lifecycle = ServerLifecycle()
        self.deadLetters = dependencies.deadLetters ?? DeadLetterIndex(log: dependencies.log)
    }

    var store: any Store { dependencies.store }
    func now() -> Timestamp { dependencies.clock() }

    /// Whether the tenant is the one that runs the platform: the one set or, where none is, the only one there is.
    func isOfPlatform(_ tenant: TenantID) async throws -> Bool {
        if let platform = configuration.platformTenant { return platform == tenant }
        return try await store.tenants() == [tenant]
    }

    /// Unexpected errors are logged once, here, under an id that the answer carries; their text stays inside.
    func problem(for error: any Error, operation: String, logger: Logger) -> Problem {
        if let problem = Problem(expected: error) {
            if problem.status >= 500 {
                logger.warning(
                    "request refused", metadata: ["operation": "\(operation)", "code": "\(problem.code)", "error": "\(error)"])
            }
            return problem
        }
        let errorID = Secrets.hex(dependencies.randomBytes(8))
        logger.error("request failed", metadata: ["operation": "\(operation)", "error_id": "\(errorID)", "error": "\(error)"])
        var problem = Problem(
            500, "server.internal_error",
            "Something failed on our side. Tell the operator of this server the error id \(errorID).")
        problem.errorID = errorID
        return problem
    }
}

/// Whether the server still wants traffic. Once draining, always draining.
final class ServerLifecycle: Sendable {
    private let draining = Mutex(false)
    var isDraining: Bool { draining.withLock { $0 } }
    func beginDraining() { draining.withLock { $0 = true } }
}
