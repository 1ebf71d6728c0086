import TowerModel
import TowerNotify
import TowerStreaming

/// A tenant's notification routes as its topic tells them: few records, read whole.
struct RouteBook: Sendable {
    let log: any EventLog
    let tenant: TenantID

    private static let pieceBytes = 4 << 20

    /// As they stand, secrets sealed, in the order of their names.
    func routes() async throws -> [NotificationRoute] {
        let topic = Topic.routes(tenant: tenant.rawValue)
        var routes: [EventID: NotificationRoute] = [:]
        var offset: Int64 = 0
        while true {
            let records: [StoredRecord]
            do {
                records = try await log.fetch(topic: topic, from: offset, maxBytes: Self.pieceBytes)
            } catch let error as EventLogError where error.code == .unknownTopic {
                return []
            }
            guard let last = records.last else { break }
            offset = last.offset + 1
            for stored in records {
                switch NotificationRecords.routeChange(stored.record.value, tenant: tenant) {
                case .saved(_, let route):
                    // As the router does it: what does not fit was never a route.
                    if routes[route.routeID] != nil || routes.count < NotificationRoute.routesPerTenantMax { routes[route.routeID] = route }
                case .deleted(_, let id): routes[id] = nil
                case .test, nil: break
                }
            }
        }
        return routes.values.sorted { ($0.name, $0.routeID) < ($1.name, $1.routeID) }
    }

    /// Writes a change; durable when it returns.
    func append(_ change: RouteChange, route: EventID, id: EventID, actor: String, at: Timestamp) async throws {
        let value = try NotificationRecords.event(change, id: id, actor: actor, at: at)
        let record = Record(
            topic: Topic.routes(tenant: tenant.rawValue), key: Array(route.description.utf8), value: value,
            headers: [Record.Header("event_id", id.description)])
        _ = try await log.append([record])
    }
}
