import Foundation
import GRDB
import TowerIncidents
import TowerModel
import TowerStores

/// Alarms between columns and views. Alarms are many: every field has its column, nothing is JSON.
enum AlarmRows {
    /// In the order in which `view` reads them; `a` alarms, `s` sites, `i` incidents.
    static let columns = """
        a.alarm, a.site, a.object, a.type, a.cause, a.severity, a.state, a.raised_at, a.changed_at, a.cleared_at, a.occurrences, \
        a.is_flapping, a.source, a.text, a.incident, a.events, s.name, i.number
        """
    static let tables = """
        alarms a LEFT JOIN sites s ON s.tenant = a.tenant AND s.site = a.site \
        LEFT JOIN incidents i ON i.tenant = a.tenant AND i.incident = a.incident
        """

    static func view(_ row: Row, tenant: TenantID) throws -> AlarmView {
        guard let id = EventID(blob: row[0]) else { throw StoreError(.corrupt, "an alarm in the store has no id; run towerco rebuild") }
        let site: String = row[1]
        let number: Int64? = row[17]
        let alarm = Alarm(
            alarmID: id, tenantID: tenant, siteID: SiteID(site), managedObject: row[2], alarmType: row[3], probableCause: row[4],
            severity: Severity(rank: row[5]), state: Alarm.State(rawValue: row[6]) ?? .changed,
            raisedAt: Timestamp(microseconds: row[7]), changedAt: Timestamp(microseconds: row[8]),
            clearedAt: Timestamp(column: row[9]), occurrences: row[10], isFlapping: row[11],
            source: Alarm.Source(rawValue: row[12]) ?? .reported, text: row[13], incidentID: EventID(optionalBlob: row[14]),
            eventIDs: EventID.ids(in: row[15]))
        return AlarmView(alarm: alarm, siteName: row[16] ?? site, incidentNumber: number.map(IncidentColumns.name))
    }

    static func fetch(_ db: Database, tenant: TenantID, id: EventID) throws -> AlarmView? {
        let statement = try db.cachedStatement(sql: "SELECT \(columns) FROM \(tables) WHERE a.tenant = ? AND a.alarm = ?")
        return try Row.fetchOne(statement, arguments: [tenant.rawValue, id.blob]).map { try view($0, tenant: tenant) }
    }

    /// Writes a state unless a newer one is known. Answers whether it did.
    static func upsert(_ db: Database, _ alarm: Alarm) throws -> Bool {
        let known = try Row.fetchOne(
            db.cachedStatement(sql: "SELECT changed_at, state FROM alarms WHERE tenant = ? AND alarm = ?"),
            arguments: [alarm.tenantID.rawValue, alarm.alarmID.blob])
        if let known {
            let isCleared = known[1] as String == Alarm.State.cleared.rawValue
            guard AlarmRevision.supersedes(alarm, changedAt: Timestamp(microseconds: known[0]), isCleared: isCleared) else { return false }
        }
        let statement = try db.cachedStatement(
            sql: """
                INSERT INTO alarms(tenant, alarm, site, object, type, cause, severity, state, is_active, raised_at, changed_at, cleared_at,
                    occurrences, is_flapping, source, text, incident, events)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                ON CONFLICT(tenant, alarm) DO UPDATE SET site = excluded.site, object = excluded.object, type = excluded.type,
                    cause = excluded.cause, severity = excluded.severity, state = excluded.state, is_active = excluded.is_active,
                    raised_at = excluded.raised_at, changed_at = excluded.changed_at, cleared_at = excluded.cleared_at,
                    occurrences = excluded.occurrences, is_flapping = excluded.is_flapping, source = excluded.source,
                    text = excluded.text, incident = COALESCE(excluded.incident, incident), events = excluded.events
                """)
        let values: [(any DatabaseValueConvertible)?] = [
            alarm.tenantID.rawValue, alarm.alarmID.blob, alarm.siteID.rawValue, alarm.managedObject, alarm.alarmType,
            alarm.probableCause, alarm.severity.rank, alarm.state.rawValue, alarm.state != .cleared, alarm.raisedAt.microseconds,
            alarm.changedAt.microseconds, alarm.clearedAt?.microseconds, alarm.occurrences, alarm.isFlapping, alarm.source.rawValue,
            alarm.text, alarm.incidentID?.blob, EventID.blob(alarm.eventIDs),
        ]
        try statement.execute(arguments: StatementArguments(storable: values))
        return true
    }
}
