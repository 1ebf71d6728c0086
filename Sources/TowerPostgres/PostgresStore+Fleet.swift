public import TowerModel
public import TowerStores

extension PostgresStore {
    /// Bins of the overview's alarm chart: six hours of five minutes.
    private static let binCount = 72
    /// Availability older than this says nothing of today.
    private static let staleAfterSeconds = 86_400.0
    private static let nextToFallCount = 5

    public func fleet(tenant: TenantID, now: Timestamp) async throws -> FleetView {
        try await read("read the fleet") { connection in
            var fleet = FleetView(
                totalSites: 0, states: [:], openIncidents: 0, needsPerson: 0, oldestUnownedAt: nil, shortestAutonomy: nil,
                nextToFall: [], regions: [], alarmsPerBin: [], binsStartAt: nil, stormSince: nil, activeAlarms: 0,
                powerAvailability: nil)
            let bins = Bins(now)
            let answers = try connection.run([
                Self.sites(tenant, now), Self.incidents(tenant), Self.autonomy(tenant), Self.activeAlarms(tenant),
                Self.raisedAlarms(tenant, bins),
            ])
            Self.addSites(answers[0], &fleet)
            if let row = answers[1].first {
                fleet.openIncidents = Int(row.int(0))
                fleet.needsPerson = Int(row.int(1))
                fleet.oldestUnownedAt = row.optionalTime(2)
            }
            fleet.nextToFall = try answers[2].map { row in
                FleetView.NextToFall(
                    siteName: row.text(0), autonomy: try ColumnJSON.decode(AutonomyForecast.self, row.text(1), "a forecast"),
                    takes: Int(row.int(2)))
            }
            fleet.shortestAutonomy = fleet.nextToFall.first?.autonomy
            fleet.activeAlarms = Int(answers[3].first?.int(0) ?? 0)
            Self.addBins(answers[4], bins, &fleet)
            return fleet
        }
    }

    /// The bins of the alarm chart, the newest holding now.
    private struct Bins {
        let length = AlarmStorm.binSeconds * 1_000_000
        let first: Int64
        init(_ now: Timestamp) { first = now.microseconds / length - Int64(binCount - 1) }
        var start: Int64 { first * length }
        var end: Int64 { (first + Int64(binCount)) * length }
    }

    /// A share as whole billionths: their sum is the same in whatever order rows are read, and that of SQLite.
    private static func billionths(_ column: String) -> String {
        "floor(least(greatest(\(column), 0), 1e6) * 1e9 + 0.5)::bigint"
    }

    private static func sites(_ tenant: TenantID, _ now: Timestamp) -> PGStatement {
        PGStatement(
            """
            SELECT region, state, count(*),
                COALESCE(sum(\(billionths("availability"))) FILTER (WHERE availability_at >= $2), 0)::bigint,
                count(availability) FILTER (WHERE availability_at >= $2),
                COALESCE(sum(\(billionths("power"))) FILTER (WHERE power_at >= $2), 0)::bigint,
                count(power) FILTER (WHERE power_at >= $2)
            FROM sites WHERE tenant = $1 GROUP BY region, state ORDER BY region NULLS FIRST, state
            """, [.text(tenant.rawValue), .int(now.adding(seconds: -staleAfterSeconds).microseconds)])
    }

    private static func incidents(_ tenant: TenantID) -> PGStatement {
        PGStatement(
            """
            SELECT count(*), count(*) FILTER (WHERE needs_person),
                min(opened_at) FILTER (WHERE needs_person AND status = 'open' AND COALESCE(assignee, '') = '')
            FROM incidents WHERE tenant = $1 AND status IN ('open', 'acknowledged')
            """, [.text(tenant.rawValue)])
    }

    private static func autonomy(_ tenant: TenantID) -> PGStatement {
        PGStatement(
            """
            SELECT name, autonomy, dependents FROM sites WHERE tenant = $1 AND autonomy_ends_at IS NOT NULL
            ORDER BY autonomy_ends_at, site LIMIT \(nextToFallCount)
            """, [.text(tenant.rawValue)])
    }

    private static func activeAlarms(_ tenant: TenantID) -> PGStatement {
        PGStatement("SELECT count(*) FROM alarms WHERE tenant = $1 AND is_active", [.text(tenant.rawValue)])
    }

    private static func raisedAlarms(_ tenant: TenantID, _ bins: Bins) -> PGStatement {
        PGStatement(
            "SELECT raised_at / $1, count(*) FROM alarms WHERE tenant = $2 AND raised_at >= $3 AND raised_at < $4 GROUP BY 1",
            [.int(bins.length), .text(tenant.rawValue), .int(bins.start), .int(bins.end)])
    }

    /// One pass over the tenant's sites gave states, regions and availability.
    private static func addSites(_ rows: PGRows, _ fleet: inout FleetView) {
        for state in SiteState.allCases { fleet.states[state.rawValue] = 0 }
        var power = (sum: Int64(0), count: 0)
        var regions: [(region: FleetView.Region, sum: Int64, count: Int)] = []
        rows.forEach { row in
            // No region and an empty one stand side by side and are one.
            let (name, state, count) = (row.text(0), row.text(1), Int(row.int(2)))
            fleet.totalSites += count
            fleet.states[state, default: 0] += count
            power = (power.sum + row.int(5), power.count + Int(row.int(6)))
            if regions.last?.region.region != name {
                regions.append((FleetView.Region(region: name, sites: 0, down: 0, onBattery: 0, availability: nil), 0, 0))
            }
            let last = regions.count - 1
            regions[last].region.sites += count
            if state == SiteState.down.rawValue { regions[last].region.down += count }
            if state == SiteState.onBattery.rawValue { regions[last].region.onBattery += count }
            regions[last].sum += row.int(3)
            regions[last].count += Int(row.int(4))
        }
        fleet.powerAvailability = power.count > 0 ? Double(power.sum) / (Double(power.count) * 1e9) : nil
        fleet.regions = regions.map { entry in
            var region = entry.region
            region.availability = entry.count > 0 ? Double(entry.sum) / (Double(entry.count) * 1e9) : nil
            return region
        }
    }

    private static func addBins(_ rows: PGRows, _ bins: Bins, _ fleet: inout FleetView) {
        var counts = [Int](repeating: 0, count: binCount)
        rows.forEach { row in
            let bin = Int(row.int(0) - bins.first)
            if counts.indices.contains(bin) { counts[bin] = Int(row.int(1)) }
        }
        let start = Timestamp(microseconds: bins.start)
        fleet.alarmsPerBin = counts
        fleet.binsStartAt = start
        fleet.stormSince = AlarmStorm.since(bins: counts, startAt: start)
    }
}
