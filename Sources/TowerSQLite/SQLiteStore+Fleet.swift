import GRDB
public import TowerModel
public import TowerStores

extension SQLiteStore {
    public func fleet(tenant: TenantID, now: Timestamp) async throws -> FleetView {
        try await read("read the fleet") { db in
            var assembly = FleetAssembly(now: now)
            try Self.addSites(db, tenant, now, &assembly)
            try Self.addIncidents(db, tenant, &assembly.fleet)
            try Self.addAutonomy(db, tenant, &assembly.fleet)
            try Self.addAlarms(db, tenant, &assembly)
            return assembly.finish()
        }
    }

    /// A share as whole billionths.
    private static func billionths(_ column: String) -> String { "CAST(min(max(\(column), 0), 1e6) * 1e9 + 0.5 AS INTEGER)" }

    /// One pass over the tenant's sites gives states, regions and availability.
    private static func addSites(_ db: Database, _ tenant: TenantID, _ now: Timestamp, _ assembly: inout FleetAssembly) throws {
        let stale = now.adding(seconds: -FleetAssembly.staleAfterSeconds).microseconds
        let rows = try Row.fetchCursor(
            db,
            sql: """
                SELECT region, state, count(*),
                    COALESCE(sum(CASE WHEN availability_at >= ?2 THEN \(billionths("availability")) END), 0),
                    count(CASE WHEN availability_at >= ?2 THEN availability END),
                    COALESCE(sum(CASE WHEN power_at >= ?2 THEN \(billionths("power")) END), 0),
                    count(CASE WHEN power_at >= ?2 THEN power END)
                FROM sites INDEXED BY sites_fleet WHERE tenant = ?1 GROUP BY region, state ORDER BY region, state
                """, arguments: [tenant.rawValue, stale])
        while let row = try rows.next() {
            assembly.add(
                FleetAssembly.Group(
                    region: (row[0] as String?) ?? "", state: row[1], count: row[2], availability: (row[3], row[4]),
                    power: (row[5], row[6])))
        }
    }

    private static func addIncidents(_ db: Database, _ tenant: TenantID, _ fleet: inout FleetView) throws {
        let row = try Row.fetchOne(
            db,
            sql: """
                SELECT count(*), count(CASE WHEN needs_person THEN 1 END),
                    min(CASE WHEN needs_person AND status = 'open' AND COALESCE(assignee, '') = '' THEN opened_at END)
                FROM incidents WHERE tenant = ? AND status IN ('open', 'acknowledged')
                """, arguments: [tenant.rawValue])
        guard let row else { return }
        fleet.openIncidents = row[0]
        fleet.needsPerson = row[1]
        fleet.oldestUnownedAt = Timestamp(column: row[2])
    }

    private static func addAutonomy(_ db: Database, _ tenant: TenantID, _ fleet: inout FleetView) throws {
        let rows = try Row.fetchAll(
            db,
            sql: """
                SELECT name, autonomy, dependents FROM sites WHERE tenant = ? AND autonomy_ends_at IS NOT NULL
                ORDER BY autonomy_ends_at, site LIMIT \(FleetAssembly.nextToFallCount)
                """, arguments: [tenant.rawValue])
        fleet.nextToFall = try rows.map { row in
            FleetView.NextToFall(
                siteName: row[0], autonomy: try ColumnJSON.decode(AutonomyForecast.self, row[1], "a forecast"), takes: row[2])
        }
    }

    private static func addAlarms(_ db: Database, _ tenant: TenantID, _ assembly: inout FleetAssembly) throws {
        assembly.fleet.activeAlarms =
            try Int.fetchOne(
                db, sql: "SELECT count(*) FROM alarms INDEXED BY alarms_active_time WHERE tenant = ? AND is_active = 1",
                arguments: [tenant.rawValue]) ?? 0
        let rows = try Row.fetchCursor(
            db,
            sql: """
                SELECT raised_at / ?1, count(*) FROM alarms INDEXED BY alarms_time
                WHERE tenant = ?2 AND raised_at >= ?3 AND raised_at < ?4 GROUP BY 1
                """, arguments: [assembly.binLength, tenant.rawValue, assembly.binsStart, assembly.binsEnd])
        while let row = try rows.next() { assembly.addAlarms(bin: row[0], count: row[1]) }
    }
}
