import TowerAPI
import TowerIncidents
import TowerModel
import TowerPipeline
import TowerStores

/// Operators' commands as the API knows them, performed by the pipeline's handler.
struct Commands: IncidentCommanding {
    let handler: CommandHandler
    let store: any QueryStore
    let clock: @Sendable () -> Timestamp

    /// How long an answer waits for its own projection.
    private static let projectionTimeout = Duration.seconds(2)

    func perform(_ command: IncidentCommand, incident: EventID, principal: Principal, idempotencyKey: String?) async throws
        -> CommandOutcome
    {
        let receipt: CommandReceipt
        do {
            receipt = try await handler.execute(
                command, on: incident.description, tenant: principal.tenantID, actor: principal.name, at: clock(),
                idempotencyKey: idempotencyKey)
        } catch let error as IncidentError {
            throw Self.refusal(error)
        }
        let isProjected = try await handler.waitUntilProjected(
            receipt, tenant: principal.tenantID, timeout: Self.projectionTimeout)
        guard let view = try await store.incident(tenant: principal.tenantID, id: incident.description) else {
            throw CommandRefusal(.notFound, "There is no such incident.")
        }
        return isProjected ? .applied(view) : .pending(view)
    }

    private static func refusal(_ error: IncidentError) -> CommandRefusal {
        switch error.code {
        case .unknown: CommandRefusal(.notFound, error.message)
        case .idempotencyConflict: CommandRefusal(.idempotencyConflict, error.message)
        case .badText, .badVerdict, .splitMembers, .mergeIntoItself, .mergeTarget: CommandRefusal(.invalidArgument, error.message)
        default: CommandRefusal(.invalidTransition, error.message)
        }
    }
}
