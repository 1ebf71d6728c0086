import Hummingbird
import HummingbirdCore
public import Logging
import NIOCore
import NIOHTTP1
public import ServiceLifecycle
import TowerStores

/// The HTTP server: interface, live feed, console, health and metrics on one port.
///
/// Stopping: on graceful shutdown `/readyz` turns false first, live clients get close 1001, requests in progress are
/// finished, then `run` returns.
public struct APIServer: Service {
    /// Every route, for whoever wants to check all of them.
    public let table: RouteTable
    private let services: Services
    private let logger: Logger
    private let onRunning: @Sendable (Int) async -> Void

    /// - Parameter onRunning: called with the port once connections are accepted.
    public init(
        dependencies: APIDependencies, configuration: APIConfiguration = APIConfiguration(), logger: Logger,
        onRunning: @escaping @Sendable (Int) async -> Void = { _ in }
    ) {
        let services = Services(dependencies: dependencies, configuration: configuration)
        self.services = services
        self.logger = logger
        self.onRunning = onRunning
        self.table = RouteTable([
            SessionRoutes(services: services).routes, EventRoutes(services: services).routes,
            FleetRoutes(services: services).routes,
            SiteRoutes(services: services).routes, TopologyRoutes(services: services).routes, InventoryRoutes(services: services).routes,
            AlarmRoutes(services: services).routes,
            IncidentRoutes(services: services).routes, KPIRoutes(services: services).routes,
            ForecastRoutes(services: services).routes,
            MetricRoutes(services: services).routes, CausalityRoutes(services: services).routes,
            TopicRoutes(services: services).routes, TopicRecordRoutes(services: services).routes,
            ConsumerGroupRoutes(services: services).routes,
            DeadLetterRoutes(services: services).routes, NotificationRouteRoutes(services: services).routes,
            NotificationRoutes(services: services).routes, PlatformRoutes(services: services).routes, OpenAPIRoutes().routes,
            LiveRoutes(services: services).routes, OperationsRoutes(services: services).routes,
            SchemaRoutes(services: services).routes, RegistryRoutes(services: services).routes,
        ])
    }

    /// Forgets what is remembered of tokens. Call it after changing accounts or keys behind the server's back.
    public func flushCredentials() { services.authenticator.flush() }

    /// `/readyz` answers 503 from now on and live clients are told good-bye; requests are still served.
    public func beginDraining() {
        services.lifecycle.beginDraining()
        services.dependencies.hub.close()
    }

    public func run() async throws {
        let configuration = services.configuration
        let live = liveEnvironment
        let application = Application(
            responder: APIResponder(table: table, services: services),
            server: HTTPServerBuilder { [services, authorize] responder in
                UpgradingChannel(responder: responder, services: services, authorize: authorize, live: live)
            },
            configuration: .init(address: .hostname(configuration.host, port: configuration.port)),
            onServerRunning: { [onRunning] channel in await onRunning(channel.localAddress?.port ?? configuration.port) },
            logger: logger)
        try await withGracefulShutdownHandler {
            try await application.run()
        } onGracefulShutdown: {
            self.beginDraining()
        }
    }

    private var liveEnvironment: LiveConnection.Environment {
        let authenticator = services.authenticator
        return LiveConnection.Environment(
            hub: services.dependencies.hub,
            snapshot: LiveSnapshot(
                store: services.store, group: services.dependencies.liveGroup, limits: services.configuration.live),
            limits: services.configuration.live, clock: services.dependencies.clock,
            isStillValid: { grant in
                do {
                    return try await authenticator.principal(token: grant.token) == grant.principal
                } catch is Problem {
                    return false
                } catch {
                    // The store is down: that is no reason to throw everybody out.
                    return true
                }
            },
            logger: logger)
    }

    /// The same decision as the route's: token, role, room. What it refuses, the route answers.
    private var authorize: LiveUpgradeGate.Authorize {
        let services = services
        let route = table.routes.first { $0.path == LiveRoutes.path }
        return { head in
            guard let route, case .signedIn(let roles) = route.access, !services.lifecycle.isDraining,
                services.dependencies.hub.hasRoom
            else { return nil }
            let query = head.uri.split(separator: "?", maxSplits: 1).dropFirst().first.map(String.init) ?? ""
            guard let parameters = try? QueryString.parse(query, known: route.query),
                let token = Authenticator.bearerToken(head.headers.first(name: "authorization")) ?? parameters["access_token"],
                let principal = try? await services.authenticator.principal(token: token), roles.contains(principal.role)
            else { return nil }
            return LiveGrant(principal: principal, token: token)
        }
    }
}
