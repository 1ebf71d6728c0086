import GRDB
import TowerModel
import TowerStores

extension SiteAvailability {
    /// Refreshes the rows of the sites whose windows were just written.
    static func refresh(_ db: Database, _ kpis: [(tenant: TenantID, kpi: KPIView)]) throws {
        struct Key: Hashable {
            let tenant: TenantID
            let site: String
            let kpi: String
        }
        var due: Set<Key> = []
        for (tenant, kpi) in kpis {
            guard let site = kpi.siteID, columns[kpi.kpi] != nil else { continue }
            due.insert(Key(tenant: tenant, site: site, kpi: kpi.kpi))
        }
        for key in due {
            guard let column = columns[key.kpi] else { continue }
            let newest = try Int64.fetchOne(
                db.cachedStatement(
                    sql: """
                        SELECT window_end FROM kpis WHERE tenant = ? AND kpi = ? AND site = ?
                        ORDER BY window_start DESC, window_end DESC LIMIT 1
                        """), arguments: [key.tenant.rawValue, key.kpi, key.site])
            guard let newest else { continue }
            let from = Timestamp(microseconds: newest).adding(seconds: -daySeconds).microseconds
            let rows = try Row.fetchAll(
                db.cachedStatement(
                    sql: """
                        SELECT window_end - window_start, value FROM kpis
                        WHERE tenant = ? AND kpi = ? AND site = ? AND window_start >= ? AND value IS NOT NULL
                        """), arguments: [key.tenant.rawValue, key.kpi, key.site, from])
            let mean = Self.mean(rows.map { ($0[0], $0[1]) })
            try db.cachedStatement(sql: "UPDATE sites SET \(column) = ?, \(column)_at = ? WHERE tenant = ? AND site = ?")
                .execute(arguments: [mean, newest, key.tenant.rawValue, key.site])
        }
    }
}
