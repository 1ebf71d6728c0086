public import TowerModel
public import TowerStores

extension PostgresStore {
    public func fleet(tenant: TenantID, now: Timestamp) async throws -> FleetView {
        try await read("read the fleet") { connection in
            var assembly = FleetAssembly(now: now)
            let answers = try connection.run([
                Self.sites(tenant, now), Self.incidents(tenant), Self.autonomy(tenant), Self.activeAlarms(tenant),
                Self.raisedAlarms(tenant, assembly),
            ])
            answers[0].forEach { row in
                assembly.add(
                    FleetAssembly.Group(
                        region: row.text(0), state: row.text(1), count: Int(row.int(2)),
                        availability: (row.int(3), Int(row.int(4))), power: (row.int(5), Int(row.int(6)))))
            }
            if let row = answers[1].first {
                assembly.fleet.openIncidents = Int(row.int(0))
                assembly.fleet.needsPerson = Int(row.int(1))
                assembly.fleet.oldestUnownedAt = row.optionalTime(2)
            }
            assembly.fleet.nextToFall = try answers[2].map { row in
                FleetView.NextToFall(
                    siteName: row.text(0), autonomy: try ColumnJSON.decode(AutonomyForecast.self, row.text(1), "a forecast"),
                    takes: Int(row.int(2)))
            }
            assembly.fleet.activeAlarms = Int(answers[3].first?.int(0) ?? 0)
            answers[4].forEach { row in assembly.addAlarms(bin: row.int(0), count: Int(row.int(1))) }
            return assembly.finish()
        }
    }

    /// A share as whole billionths.
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
            """, [.text(tenant.rawValue), .int(now.adding(seconds: -FleetAssembly.staleAfterSeconds).microseconds)])
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
            ORDER BY autonomy_ends_at, site LIMIT \(FleetAssembly.nextToFallCount)
            """, [.text(tenant.rawValue)])
    }

    private static func activeAlarms(_ tenant: TenantID) -> PGStatement {
        PGStatement("SELECT count(*) FROM alarms WHERE tenant = $1 AND is_active", [.text(tenant.rawValue)])
    }

    private static func raisedAlarms(_ tenant: TenantID, _ bins: FleetAssembly) -> PGStatement {
        PGStatement(
            "SELECT raised_at / $1, count(*) FROM alarms WHERE tenant = $2 AND raised_at >= $3 AND raised_at < $4 GROUP BY 1",
            [.int(bins.binLength), .text(tenant.rawValue), .int(bins.binsStart), .int(bins.binsEnd)])
    }
}
