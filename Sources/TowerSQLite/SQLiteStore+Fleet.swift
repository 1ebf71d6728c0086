import Foundation
import GRDB
public import TowerModel
public import TowerStores

extension SQLiteStore {
    /// Bins of the overview's alarm chart: six hours of five minutes.
    private static let binCount = 72
    /// Availability older than this says nothing of today.
    private static let staleAfterSeconds = 86_400.0
    private static let nextToFallCount = 5

    public func fleet(tenant: TenantID, now: Timestamp) async throws -> FleetView {
        try await read("read the fleet") { db in
            var fleet = FleetView(
                totalSites: 0, states: [:], openIncidents: 0, needsPerson: 0, oldestUnownedAt: nil, shortestAutonomy: nil,
                nextToFall: [], regions: [], alarmsPerBin: [], binsStartAt: nil, stormSince: nil, activeAlarms: 0,
                powerAvailability: nil)
            try Self.addSites(db, tenant, now, &fleet)
            try Self.addIncidents(db, tenant, &fleet)
            try Self.addAutonomy(db, tenant, &fleet)
            try Self.addAlarms(db, tenant, now, &fleet)
            return fleet
        }
    }

    /// A share as whole billionths: their sum is the same in whatever order rows are read, and that of PostgreSQL.
    private static func billionths(_ column: String) -> String { "CAST(min(max(\(column), 0), 1e6) * 1e9 + 0.5 AS INTEGER)" }

    /// One pass over the tenant's sites gives states, regions and availability.
    private static func addSites(_ db: Database, _ tenant: TenantID, _ now: Timestamp, _ fleet: inout FleetView) throws {
        for state in SiteState.allCases { fleet.states[state.rawValue] = 0 }
        let stale = now.adding(seconds: -staleAfterSeconds).microseconds
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
        var power = (sum: Int64(0), count: 0)
        var regions: [(region: FleetView.Region, sum: Int64, count: Int)] = []
        while let row = try rows.next() {
            // No region and an empty one stand side by side and are one.
            let (name, state, count): (String, String, Int) = ((row[0] as String?) ?? "", row[1], row[2])
            fleet.totalSites += count
            fleet.states[state, default: 0] += count
            power = (power.sum + row[5], power.count + row[6])
            if regions.last?.region.region != name {
                regions.append((FleetView.Region(region: name, sites: 0, down: 0, onBattery: 0, availability: nil), 0, 0))
            }
            let last = regions.count - 1
            regions[last].region.sites += count
            if state == SiteState.down.rawValue { regions[last].region.down += count }
            if state == SiteState.onBattery.rawValue { regions[last].region.onBattery += count }
            regions[last].sum += row[3]
            regions[last].count += row[4]
        }
        fleet.powerAvailability = power.count > 0 ? Double(power.sum) / (Double(power.count) * 1e9) : nil
        fleet.regions = regions.map { entry in
            var region = entry.region
            region.availability = entry.count > 0 ? Double(entry.sum) / (Double(entry.count) * 1e9) : nil
            return region
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
                ORDER BY autonomy_ends_at, site LIMIT \(nextToFallCount)
                """, arguments: [tenant.rawValue])
        fleet.nextToFall = try rows.map { row in
            FleetView.NextToFall(
                siteName: row[0], autonomy: try ColumnJSON.decode(AutonomyForecast.self, row[1], "a forecast"), takes: row[2])
        }
        fleet.shortestAutonomy = fleet.nextToFall.first?.autonomy
    }

    private static func addAlarms(_ db: Database, _ tenant: TenantID, _ now: Timestamp, _ fleet: inout FleetView) throws {
        fleet.activeAlarms =
            try Int.fetchOne(
                db, sql: "SELECT count(*) FROM alarms INDEXED BY alarms_active_time WHERE tenant = ? AND is_active = 1",
                arguments: [tenant.rawValue]) ?? 0
        let bin = AlarmStorm.binSeconds * 1_000_000
        let lastBin = now.microseconds / bin
        let firstBin = lastBin - Int64(binCount - 1)
        var bins = [Int](repeating: 0, count: binCount)
        let rows = try Row.fetchCursor(
            db,
            sql: """
                SELECT raised_at / ?1, count(*) FROM alarms INDEXED BY alarms_time
                WHERE tenant = ?2 AND raised_at >= ?3 AND raised_at < ?4 GROUP BY 1
                """, arguments: [bin, tenant.rawValue, firstBin * bin, (lastBin + 1) * bin])
        while let row = try rows.next() { bins[Int((row[0] as Int64) - firstBin)] = row[1] }
        let start = Timestamp(microseconds: firstBin * bin)
        fleet.alarmsPerBin = bins
        fleet.binsStartAt = start
        fleet.stormSince = AlarmStorm.since(bins: bins, startAt: start)
    }
}
