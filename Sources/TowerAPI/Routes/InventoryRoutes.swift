import Hummingbird
import TowerIngest
import TowerModel
import TowerStores

/// Sites and links from a table.
struct InventoryRoutes: Sendable {
    let services: Services

    var routes: [Route] {
        [
            .signedIn(
                "POST", "/api/v1/inventory/import", "importInventory", "Take in sites or links from a CSV file", .command,
                query: ["dry_run", "remove_missing", "at", "file"], importTable)
        ]
    }

    private func importTable(_ call: Call, _ principal: Principal) async throws -> Response {
        let isDry = try call.boolean("dry_run") ?? false
        let removesMissing = try call.boolean("remove_missing") ?? false
        let at = try call.timestamp("at") ?? services.now()
        let bytes = try await call.bytes(upTo: min(services.configuration.eventBodyBytesMax, InventoryTable.maximumBytes))
        let table = InventoryTable(bytes, file: String((call.string("file") ?? "table.csv").prefix(200)))
        let view = try await services.store.topology(tenant: principal.tenantID)
        let present = InventoryPlan.Present(sites: view.sites.map(\.site), links: view.links)
        let plan = InventoryPlan(table, tenant: principal.tenantID, at: at, present: present, removesMissing: removesMissing)
        var report = InventoryReport(table, plan, isDry: isDry)
        if !isDry {
            for part in plan.parts(upTo: services.configuration.eventBodyBytesMax / 2) {
                let request = IngestRequest(
                    body: part, contentType: "application/x-ndjson", contentEncoding: nil, tenant: principal.tenantID,
                    source: "http:\(principal.name)")
                report.add(try await services.dependencies.ingest.ingest(request))
            }
        }
        return .json(report, status: .ok)
    }
}
