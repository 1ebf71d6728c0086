import Foundation
import GRDB
import TowerModel
import TowerStores

extension ProjectionWriter {
    /// Derives the state of every touched site and answers the views that changed.
    mutating func deriveSites() throws -> [TenantChange] {
        var changes: [TenantChange] = []
        for key in touched.keys.sorted() {
            guard let row = try Self.siteRow(db, key) else { continue }
            var view = try SiteRows.view(row, tenant: key.tenant)
            let facts = try Self.facts(db, key, dischargingSince: Timestamp(column: row[29]))
            let isChanged = SiteDerivation.derive(
                &view, facts, forecast: try SiteRows.forecast(row), heard: heard[key], isTouched: touched[key] == true)
            try Self.write(db, key, view)
            guard isChanged else { continue }
            changes.append(TenantChange(tenantID: key.tenant, change: .site(view)))
        }
        return changes
    }

    private static func siteRow(_ db: Database, _ key: SiteKey) throws -> Row? {
        let statement = try db.cachedStatement(sql: "SELECT \(SiteRows.columns) FROM sites s WHERE s.tenant = ? AND s.site = ?")
        return try Row.fetchOne(statement, arguments: [key.tenant.rawValue, key.site.rawValue])
    }

    private static func facts(_ db: Database, _ key: SiteKey, dischargingSince: Timestamp?) throws -> SiteFacts {
        let arguments: StatementArguments = [key.tenant.rawValue, key.site.rawValue]
        var facts = SiteFacts(dischargingSince: dischargingSince)
        let alarms = try Row.fetchCursor(
            db.cachedStatement(
                sql: """
                    SELECT type, max(severity), min(raised_at), count(*) FROM alarms INDEXED BY alarms_active_site
                    WHERE tenant = ? AND site = ? AND is_active = 1 GROUP BY type
                    """), arguments: arguments)
        while let row = try alarms.next() {
            facts.alarms.append(
                SiteFacts.AlarmGroup(
                    alarmType: row[0], severity: Severity(rank: row[1]), raisedAt: Timestamp(microseconds: row[2]), count: row[3]))
        }
        let impacts = try Row.fetchCursor(
            db.cachedStatement(
                sql: """
                    SELECT x.incident, i.number, x.impact, i.severity, x.since, x.expected_at
                    FROM incident_sites x JOIN incidents i ON i.tenant = x.tenant AND i.incident = x.incident
                    WHERE x.tenant = ? AND x.site = ? AND x.is_active = 1 ORDER BY i.number
                    """), arguments: arguments)
        while let row = try impacts.next() {
            guard let id = EventID(blob: row[0]), let impact = IncidentSnapshot.AffectedSite.Impact(rawValue: row[2]) else { continue }
            facts.impacts.append(
                SiteFacts.Impact(
                    incidentID: id, number: IncidentColumns.name(row[1]), impact: impact, severity: Severity(rank: row[3]),
                    since: Timestamp(column: row[4]), expectedAt: Timestamp(column: row[5])))
        }
        if dischargingSince != nil {
            let at = try Int64.fetchOne(
                db.cachedStatement(sql: "SELECT at FROM latest WHERE tenant = ? AND site = ? AND metric = 'battery.i'"),
                arguments: arguments)
            facts.batteryAt = Timestamp(column: at)
        }
        return facts
    }

    private static func write(_ db: Database, _ key: SiteKey, _ view: SiteView) throws {
        let values: [(any DatabaseValueConvertible)?] = [
            view.state.rawValue, view.stateReason, view.stateSince?.microseconds, view.severity.rank, view.activeAlarms,
            view.incidentID?.blob, view.incidentNumber, view.lastEventAt?.microseconds,
            SiteDerivation.autonomyEnds(view.autonomy), key.tenant.rawValue, key.site.rawValue,
        ]
        try db.cachedStatement(
            sql: """
                UPDATE sites SET state = ?1, reason = ?2, since = ?3, severity = ?4, active_alarms = ?5, incident = ?6,
                    incident_number = ?7, last_event_at = ?8, autonomy_ends_at = ?9
                WHERE tenant = ?10 AND site = ?11
                """
        ).execute(arguments: StatementArguments(storable: values))
    }
}
