import Synchronization
import TowerAPI
import TowerIncidents
import TowerIngest
import TowerModel
import TowerStores
import TowerStreaming

/// A door that appends every line it is given under the caller's tenant, or answers as scripted.
final class FakeDoor: EventIngesting {
    struct Visit: Sendable {
        var body: [UInt8]
        var contentType: String?
        var contentEncoding: String?
        var tenant: TenantID
        var source: String
    }
    private let log: InMemoryLog
    let visits = Mutex<[Visit]>([])
    let script = Mutex<(@Sendable () throws -> IngestReport)?>(nil)

    init(log: InMemoryLog) { self.log = log }

    func ingest(_ request: IngestRequest) async throws -> IngestReport {
        let (body, tenant) = (request.body, request.tenant)
        visits.withLock {
            $0.append(
                Visit(
                    body: body, contentType: request.contentType, contentEncoding: request.contentEncoding, tenant: tenant,
                    source: request.source))
        }
        if let script = script.withLock({ $0 }) { return try script() }
        let lines = body.split(separator: 0x0A)
        let records = lines.map {
            Record(topic: Topic.siteEvents(site: "ANY"), key: nil, value: Array($0), headers: [.init("tenant", tenant.rawValue)])
        }
        _ = try await log.append(records)
        return IngestReport(accepted: lines.count, duplicates: 0, rejected: [])
    }
}

/// Commands that change the memory store, or refuse as scripted.
final class FakeCommands: IncidentCommanding {
    struct Visit: Sendable, Equatable {
        var command: IncidentCommand
        var incident: EventID
        var principal: Principal
        var idempotencyKey: String?
    }
    private let store: MemoryStore
    let visits = Mutex<[Visit]>([])
    let script = Mutex<(@Sendable (IncidentView) throws -> CommandOutcome)?>(nil)

    init(store: MemoryStore) { self.store = store }

    func perform(_ command: IncidentCommand, incident: EventID, principal: Principal, idempotencyKey: String?) async throws
        -> CommandOutcome
    {
        visits.withLock {
            $0.append(Visit(command: command, incident: incident, principal: principal, idempotencyKey: idempotencyKey))
        }
        guard var view = try await store.incident(tenant: principal.tenantID, id: incident.description) else {
            throw CommandRefusal(.notFound, "no such incident")
        }
        if let script = script.withLock({ $0 }) { return try script(view) }
        view.status = .acknowledged
        return .applied(view)
    }
}
