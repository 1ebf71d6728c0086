import Hummingbird
import TowerRegistry
import TowerStores

/// Which schema version of each event type is registered, produced and read, by whom, since when.
struct SchemaRoutes: Sendable {
    let services: Services

    var routes: [Route] {
        [
            .signedIn(
                "GET", "/api/v1/schemas", "listSchemas", "Schemas of event types, and who uses which version", .read,
                query: ["limit", "cursor"]
            ) { call, principal in
                let all = services.dependencies.registry.summaries(principal.tenantID, services.dependencies.schemaUsage)
                let limit = try call.limit()
                // The cursor is the last name of the page before.
                let rest = all.drop { summary in call.cursor.map { summary.eventType <= $0 } ?? false }
                let page = Array(rest.prefix(limit))
                return .json(Page(items: page, nextCursor: rest.count > limit ? page.last?.eventType : nil, total: all.count))
            },
            .signedIn("GET", "/api/v1/schemas/{event_type}", "getSchema", "One event type's schemas", .read) { call, principal in
                let type = try call.parameter("event_type")
                guard
                    let summary = services.dependencies.registry.summary(
                        of: type, principal.tenantID, services.dependencies.schemaUsage)
                else {
                    throw Problem.notFound(
                        "schema.not_found", "No schema is registered for this event type, and none of your events has it.")
                }
                return .json(summary)
            },
        ]
    }
}
