import TowerModel
import TowerStores

extension ProjectionWriter {
    /// What the state of the touched sites follows from: their rows, alarms, incidents and batteries.
    func factStatements(_ keys: [SiteKey]) -> [PGStatement] {
        [
            PGStatement(
                """
                SELECT \(SiteRows.columns) FROM unnest($1, $2) AS k(tenant, site)
                JOIN sites s ON s.tenant = k.tenant AND s.site = k.site
                """, keys.columns),
            PGStatement(
                """
                SELECT a.tenant, a.site, a.type, max(a.severity), min(a.raised_at), count(*) FROM unnest($1, $2) AS k(tenant, site)
                JOIN alarms a ON a.tenant = k.tenant AND a.site = k.site WHERE a.is_active GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
                """, keys.columns),
            PGStatement(
                """
                SELECT x.tenant, x.site, x.incident, i.number, x.impact, i.severity, x.since, x.expected_at
                FROM unnest($1, $2) AS k(tenant, site)
                JOIN incident_sites x ON x.tenant = k.tenant AND x.site = k.site
                JOIN incidents i ON i.tenant = x.tenant AND i.incident = x.incident WHERE x.is_active ORDER BY i.number
                """, keys.columns),
            PGStatement(
                """
                SELECT l.tenant, l.site, l.at FROM unnest($1, $2) AS k(tenant, site)
                JOIN latest l ON l.tenant = k.tenant AND l.site = k.site AND l.metric = 'battery.i'
                """, keys.columns),
        ]
    }

    /// Derives the state of every touched site: the rows to write and the views that people are told of.
    func deriveSites(_ keys: [SiteKey], _ answers: [PGRows]) throws -> (statements: [PGStatement], told: [TenantChange]) {
        func key(_ row: PGRow) -> SiteKey { SiteKey(tenant: TenantID(row.text(0)), site: SiteID(row.text(1))) }
        var facts: [SiteKey: SiteFacts] = [:]
        facts.reserveCapacity(keys.count)
        answers[1].forEach { row in
            facts[key(row), default: SiteFacts()].alarms.append(
                SiteFacts.AlarmGroup(
                    alarmType: row.text(2), severity: Severity(rank: Int(row.int(3))), raisedAt: row.time(4), count: Int(row.int(5))))
        }
        answers[2].forEach { row in
            guard let impact = IncidentSnapshot.AffectedSite.Impact(rawValue: row.text(4)) else { return }
            facts[key(row), default: SiteFacts()].impacts.append(
                SiteFacts.Impact(
                    incidentID: row.id(2), number: IncidentColumns.name(row.int(3)), impact: impact, severity: Severity(rank: Int(row.int(5))),
                    since: row.optionalTime(6), expectedAt: row.optionalTime(7)))
        }
        var batteryAt: [SiteKey: Timestamp] = [:]
        answers[3].forEach { batteryAt[key($0)] = $0.time(2) }

        var changed: [(key: SiteKey, view: SiteView)] = []
        var told: [TenantChange] = []
        var rows: [SiteKey: PGRow] = [:]
        answers[0].forEach { rows[SiteKey(tenant: TenantID($0.text(SiteRows.tenant)), site: SiteID($0.text(0)))] = $0 }
        for key in keys {
            guard let row = rows[key] else { continue }
            let before = try SiteRows.view(row, tenant: key.tenant)
            var view = before
            var known = facts[key] ?? SiteFacts()
            known.dischargingSince = row.optionalTime(SiteRows.dischargingSince)
            if known.dischargingSince != nil { known.batteryAt = batteryAt[key] }
            let isChanged = SiteDerivation.derive(
                &view, known, forecast: try SiteRows.forecast(row), heard: heard[key], isTouched: touched[key] == true)
            // A row that says the same is not written: here a write costs a new version of it.
            if view != before { changed.append((key, view)) }
            if isChanged { told.append(TenantChange(tenantID: key.tenant, change: .site(view))) }
        }
        return (changed.isEmpty ? [] : [Self.update(changed)], told)
    }

    private static func update(_ changed: [(key: SiteKey, view: SiteView)]) -> PGStatement {
        let views = changed.map(\.view)
        return PGStatement(
            """
            UPDATE sites s SET state = n.state, reason = n.reason, since = n.since, severity = n.severity,
                active_alarms = n.active_alarms, incident = n.incident, incident_number = n.incident_number,
                last_event_at = n.last_event_at, autonomy_ends_at = n.autonomy_ends_at
            FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) AS n(tenant, site, state, reason, since, severity, active_alarms,
                incident, incident_number, last_event_at, autonomy_ends_at)
            WHERE s.tenant = n.tenant AND s.site = n.site
            """,
            changed.map(\.key).columns + [
                .texts(views.map(\.state.rawValue)), .texts(views.map(\.stateReason)), .ints(views.map { $0.stateSince?.microseconds }),
                .ints(views.map { Int64($0.severity.rank) }), .ints(views.map { Int64($0.activeAlarms) }), .ids(views.map(\.incidentID)),
                .texts(views.map(\.incidentNumber)), .ints(views.map { $0.lastEventAt?.microseconds }),
                .ints(views.map { SiteDerivation.autonomyEnds($0.autonomy) }),
            ])
    }
}
