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

    init(dependencies: APIDependencies, configuration: APIConfiguration) {
        self.dependencies = dependencies
        self.configuration = configuration
        self.authenticator = Authenticator(
            accounts: dependencies.store, clock: dependencies.clock, configuration: configuration)
        self.hasher = PasswordHasher(cost: configuration.passwordCost)
        self.metrics = ServerMetrics()
        self.lifecycle = ServerLifecycle()
    }

    var store: any Store { dependencies.store }
    func now() -> Timestamp { dependencies.clock() }
}

/// Whether the server still wants traffic. Once draining, always draining.
final class ServerLifecycle: Sendable {
    private let draining = Mutex(false)
    var isDraining: Bool { draining.withLock { $0 } }
    func beginDraining() { draining.withLock { $0 = true } }
}
