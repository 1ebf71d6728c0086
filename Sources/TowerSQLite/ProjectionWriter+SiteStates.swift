import Foundation
import GRDB
import TowerModel
import TowerStores

extension ProjectionWriter {
    /// Derives the state of every touched site and answers the views that changed.
    ///
    /// A site that was only heard is told of once a minute of event time: lists show its freshness, nothing else moved.
    mutating func deriveSites() throws -> [TenantChange] {
        var changes: [TenantChange] = []
        for key in touched.keys.sorted() {
            guard let row = try Self.siteRow(db, key) else { continue }
            var view = try SiteRows.view(row, tenant: key.tenant)
            var isChanged = touched[key] == true
            if let at = heard[key], at > view.lastEventAt ?? .distantPast {
                isChanged = isChanged || Self.minute(at) != view.lastEventAt.map(Self.minute)
                view.lastEventAt = at
            }
            let facts = try Self.facts(db, key, lastEventAt: view.lastEventAt, dischargingSince: Timestamp(column: row[29]))
            // All of it follows from the facts at the end of the slice, so that another cut of the log gives the same.
            let condition = SiteStateRules.derive(facts)
            let forecast = try SiteRows.forecast(row).flatMap { SiteStateRules.keepsAutonomy($0, condition, facts) ? $0 : nil }
            isChanged = isChanged || condition != view.condition || forecast != view.autonomy
            view.condition = condition
            view.autonomy = forecast
            try Self.write(db, key, view)
            guard isChanged else { continue }
            changes.append(TenantChange(tenantID: key.tenant, change: .site(view)))
        }
        return changes
    }

    private static func minute(_ at: Timestamp) -> Int64 { at.milliseconds / 60_000 }

    private static func siteRow(_ db: Database, _ key: SiteKey) throws -> Row? {
        let statement = try db.cachedStatement(sql: "SELECT \(SiteRows.columns) FROM sites s WHERE s.tenant = ? AND s.site = ?")
        return try Row.fetchOne(statement, arguments: [key.tenant.rawValue, key.site.rawValue])
    }

    private static func facts(_ db: Database, _ key: SiteKey, lastEventAt: Timestamp?, dischargingSince: Timestamp?) throws -> SiteFacts {
        let arguments: StatementArguments = [key.tenant.rawValue, key.site.rawValue]
        var facts = SiteFacts(dischargingSince: dischargingSince, lastEventAt: lastEventAt)
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
                    incidentID: id, number: IncidentRows.name(row[1]), impact: impact, severity: Severity(rank: row[3]),
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
            view.autonomy.map { $0.at.adding(seconds: min(max($0.minutesP50, 0), 1e6) * 60).microseconds }, key.tenant.rawValue,
            key.site.rawValue,
        ]
        try db.cachedStatement(
            sql: """
                UPDATE sites SET state = ?1, reason = ?2, since = ?3, severity = ?4, active_alarms = ?5, incident = ?6,
                    incident_number = ?7, last_event_at = ?8, autonomy_ends_at = ?9
                WHERE tenant = ?10 AND site = ?11
                """
        ).execute(arguments: StatementArguments(values))
    }
}

extension SiteView {
    /// The derived part of the view.
    var condition: SiteCondition {
        get {
            SiteCondition(
                state: state, reason: stateReason, since: stateSince, severity: severity, activeAlarms: activeAlarms,
                incidentID: incidentID, incidentNumber: incidentNumber)
        }
        set {
            state = newValue.state
            stateReason = newValue.reason
            stateSince = newValue.since
            severity = newValue.severity
            activeAlarms = newValue.activeAlarms
            incidentID = newValue.incidentID
            incidentNumber = newValue.incidentNumber
        }
    }
}
