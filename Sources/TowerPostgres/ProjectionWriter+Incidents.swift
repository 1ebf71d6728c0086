import TowerIncidents
import TowerModel
import TowerStores

extension ProjectionWriter {
    /// Folds the slice's lifecycle records over what the store has of their incidents.
    mutating func foldIncidents() throws {
        guard !batch.incidents.isEmpty else { return }
        let tenants = batch.incidents.map(\.tenantID.rawValue)
        let answers = try connection.run([
            PGStatement(
                """
                SELECT h.tenant, h.event FROM unnest($1, $2) AS k(tenant, event)
                JOIN incident_history h ON h.tenant = k.tenant AND h.event = k.event
                """, [.texts(tenants), .ids(batch.incidents.map(\.eventID))]),
            PGStatement(
                """
                SELECT i.tenant, i.incident, i.number, i.state FROM (SELECT DISTINCT tenant, incident FROM unnest($1, $2) AS n(tenant, incident)) AS k
                JOIN incidents i ON i.tenant = k.tenant AND i.incident = k.incident
                """, [.texts(tenants), .ids(batch.incidents.map(\.incidentID))]),
            PGStatement(
                """
                SELECT t.tenant, (SELECT max(number) FROM incidents i WHERE i.tenant = t.tenant) FROM unnest($1) AS t(tenant)
                """, [.texts(Set(tenants).sorted())]),
        ])
        var written: Set<ItemKey> = []
        answers[0].forEach { written.insert(ItemKey(tenant: TenantID($0.text(0)), id: $0.id(1))) }
        var states: [ItemKey: (number: Int64, state: String)] = [:]
        answers[1].forEach { states[ItemKey(tenant: TenantID($0.text(0)), id: $0.id(1))] = ($0.int(2), $0.text(3)) }
        var highest: [TenantID: Int64] = [:]
        answers[2].forEach { highest[TenantID($0.text(0))] = $0.int(1) }
        try incidents.fold(
            batch.incidents,
            IncidentFold.Known(
                isWritten: { written.contains($0) },
                incident: { key in try states[key].map { ($0.number, try IncidentColumns.state($0.state)) } },
                highestNumber: { highest[$0] ?? 0 }))
    }

    mutating func incidentStatements() throws -> [PGStatement] {
        let changed = incidents.order.compactMap { key in incidents.incidents[key].flatMap { $0.isChanged ? (key: key, folded: $0) : nil } }
        var statements: [PGStatement] = []
        if !changed.isEmpty { statements.append(try Self.upsert(changed)) }
        if !incidents.history.isEmpty { statements.append(Self.history(incidents.history)) }
        statements += siteStatements(changed)
        return statements
    }

    private static func upsert(_ changed: [(key: ItemKey, folded: IncidentFold.Folded)]) throws -> PGStatement {
        let snapshots = changed.map(\.folded.state.snapshot)
        return PGStatement(
            """
            INSERT INTO incidents(tenant, incident, number, state, status, assignee, severity, needs_person, site, opened_at, updated_at)
            SELECT * FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
            ON CONFLICT(tenant, incident) DO UPDATE SET state = excluded.state, status = excluded.status, assignee = excluded.assignee,
                severity = excluded.severity, needs_person = excluded.needs_person, site = excluded.site, opened_at = excluded.opened_at,
                updated_at = excluded.updated_at
            """,
            [
                .texts(changed.map(\.key.tenant.rawValue)), .ids(changed.map(\.key.id)), .ints(changed.map(\.folded.number)),
                .texts(try changed.map { try ColumnJSON.encode($0.folded.state) }), .texts(changed.map(\.folded.state.status.rawValue)),
                .texts(changed.map(\.folded.state.assignee)), .ints(snapshots.map { Int64($0.severity.rank) }),
                .bools(snapshots.map(\.needsPerson)), .texts(snapshots.map(\.siteID.rawValue)),
                .ints(snapshots.map(\.openedAt.microseconds)), .ints(changed.map(\.folded.state.updatedAt.microseconds)),
            ])
    }

    /// In log order: the row's number is the order of an incident's page.
    private static func history(_ records: [ProjectionBatch.IncidentRecord]) -> PGStatement {
        PGStatement(
            """
            INSERT INTO incident_history(tenant, incident, event, type, at, actor, text)
            SELECT tenant, incident, event, type, at, actor, text
            FROM unnest($1, $2, $3, $4, $5, $6, $7) WITH ORDINALITY AS n(tenant, incident, event, type, at, actor, text, place)
            ORDER BY place ON CONFLICT DO NOTHING
            """,
            [
                .texts(records.map(\.tenantID.rawValue)), .ids(records.map(\.incidentID)), .ids(records.map(\.eventID)),
                .texts(records.map(\.eventType)), .ints(records.map(\.at.microseconds)), .texts(records.map(\.actor)),
                .texts(records.map(\.historyText)),
            ])
    }

    /// The sites that incidents hold, and those that they let go.
    private mutating func siteStatements(_ changed: [(key: ItemKey, folded: IncidentFold.Folded)]) -> [PGStatement] {
        struct Hold {
            let key: ItemKey
            let site: IncidentSnapshot.AffectedSite
            let isActive: Bool
        }
        var left: [Hold] = []
        var held: [Hold] = []
        for (key, folded) in changed {
            let isActive = folded.state.status.isActive
            let changes = folded.siteChanges()
            left += changes.left.map { Hold(key: key, site: $0, isActive: isActive) }
            // A site that a snapshot names twice is held as it says last.
            var places: [SiteID: Int] = [:]
            for site in changes.held {
                if let place = places[site.siteID] {
                    held[place] = Hold(key: key, site: site, isActive: isActive)
                } else {
                    places[site.siteID] = held.count
                    held.append(Hold(key: key, site: site, isActive: isActive))
                }
            }
        }
        for hold in left + held { touch(hold.key.tenant, hold.site.siteID) }
        func columns(_ holds: [Hold]) -> [PGValue] {
            [.texts(holds.map(\.key.tenant.rawValue)), .texts(holds.map(\.site.siteID.rawValue)), .ids(holds.map(\.key.id))]
        }
        var statements: [PGStatement] = []
        if !left.isEmpty {
            statements.append(
                PGStatement(
                    """
                    DELETE FROM incident_sites x USING unnest($1, $2, $3) AS n(tenant, site, incident)
                    WHERE x.tenant = n.tenant AND x.site = n.site AND x.incident = n.incident
                    """, columns(left)))
        }
        if !held.isEmpty {
            statements.append(
                PGStatement(
                    """
                    INSERT INTO incident_sites(tenant, site, incident, impact, since, expected_at, is_active)
                    SELECT * FROM unnest($1, $2, $3, $4, $5, $6, $7)
                    ON CONFLICT(tenant, site, incident) DO UPDATE SET impact = excluded.impact, since = excluded.since,
                        expected_at = excluded.expected_at, is_active = excluded.is_active
                    """,
                    columns(held) + [
                        .texts(held.map(\.site.impact.rawValue)), .ints(held.map { $0.site.since?.microseconds }),
                        .ints(held.map { $0.site.expectedAt?.microseconds }), .bools(held.map(\.isActive)),
                    ]))
        }
        return statements
    }

    /// Alarms learn which incident holds them; answers those that did not know.
    func alarmLinkStatement() -> PGStatement? {
        guard !incidents.linkOrder.isEmpty else { return nil }
        let order = incidents.linkOrder
        return PGStatement(
            """
            UPDATE alarms a SET incident = n.incident FROM unnest($1, $2, $3) AS n(tenant, alarm, incident)
            WHERE a.tenant = n.tenant AND a.alarm = n.alarm AND a.incident IS DISTINCT FROM n.incident RETURNING a.tenant, a.alarm
            """, [.texts(order.map(\.tenant.rawValue)), .ids(order.map(\.id)), .ids(order.map { incidents.links[$0] })])
    }

    mutating func noteLinked(_ rows: PGRows) {
        var linked: Set<ItemKey> = []
        rows.forEach { linked.insert(ItemKey(tenant: TenantID($0.text(0)), id: $0.id(1))) }
        for key in incidents.linkOrder where linked.contains(key) { changed(key) }
    }
}
