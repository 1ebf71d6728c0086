import TowerModel
import TowerStores

/// Alarms between columns and views. Alarms are many: every field has its column, nothing is JSON.
enum AlarmRows {
    /// In the order in which `view` reads them; `a` alarms, `s` sites, `i` incidents.
    static let columns = """
        a.alarm, a.site, a.object, a.type, a.cause, a.severity, a.state, a.raised_at, a.changed_at, a.cleared_at, a.occurrences, \
        a.is_flapping, a.source, a.text, a.incident, a.events, s.name, i.number, a.tenant
        """
    static let tenant = 18
    static let tables = """
        alarms a LEFT JOIN sites s ON s.tenant = a.tenant AND s.site = a.site \
        LEFT JOIN incidents i ON i.tenant = a.tenant AND i.incident = a.incident
        """

    static func view(_ row: PGRow, tenant: TenantID) -> AlarmView {
        let site = row.text(1)
        let alarm = Alarm(
            alarmID: row.id(0), tenantID: tenant, siteID: SiteID(site), managedObject: row.text(2), alarmType: row.text(3),
            probableCause: row.optionalInt(4).map { Int($0) }, severity: Severity(rank: Int(row.int(5))),
            state: Alarm.State(rawValue: row.text(6)) ?? .changed, raisedAt: row.time(7), changedAt: row.time(8),
            clearedAt: row.optionalTime(9), occurrences: Int(row.int(10)), isFlapping: row.bool(11),
            source: Alarm.Source(rawValue: row.text(12)) ?? .reported, text: row.text(13), incidentID: row.optionalID(14),
            eventIDs: row.ids(15))
        return AlarmView(
            alarm: alarm, siteName: row.optionalText(16) ?? site, incidentNumber: row.optionalInt(17).map(IncidentColumns.name))
    }
}
