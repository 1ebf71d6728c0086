import Foundation
import GRDB
import TowerIncidents
import TowerModel
import TowerStores

extension ProjectionWriter {
    /// Folds the slice's lifecycle records and writes their history.
    mutating func foldIncidents() throws {
        let db = db
        try incidents.fold(
            batch.incidents,
            IncidentFold.Known(
                isWritten: { event in
                    let met = try db.cachedStatement(sql: "SELECT 1 FROM incident_history WHERE tenant = ? AND event = ?")
                    return try Int.fetchOne(met, arguments: [event.tenant.rawValue, event.id.blob]) != nil
                },
                incident: { key in
                    let statement = try db.cachedStatement(sql: "SELECT number, state FROM incidents WHERE tenant = ? AND incident = ?")
                    let row = try Row.fetchOne(statement, arguments: [key.tenant.rawValue, key.id.blob])
                    return try row.map { ($0[0], try IncidentColumns.state($0[1])) }
                },
                highestNumber: { tenant in
                    let statement = try db.cachedStatement(sql: "SELECT max(number) FROM incidents WHERE tenant = ?")
                    return try Int64.fetchOne(statement, arguments: [tenant.rawValue]) ?? 0
                }))
        for record in incidents.history { try insertHistory(record) }
    }

    private func insertHistory(_ record: ProjectionBatch.IncidentRecord) throws {
        try db.cachedStatement(
            sql: "INSERT OR IGNORE INTO incident_history(tenant, incident, event, type, at, actor, text) VALUES (?, ?, ?, ?, ?, ?, ?)"
        ).execute(
            arguments: [
                record.tenantID.rawValue, record.incidentID.blob, record.eventID.blob, record.eventType, record.at.microseconds,
                record.actor.storable, record.historyText.storable,
            ])
    }

    mutating func writeIncidents() throws {
        for key in incidents.order {
            guard let folded = incidents.incidents[key], folded.isChanged else { continue }
            let (state, snapshot) = (folded.state, folded.state.snapshot)
            let values: [(any DatabaseValueConvertible)?] = [
                key.tenant.rawValue, key.id.blob, folded.number, try ColumnJSON.encode(state), state.status.rawValue, state.assignee,
                snapshot.severity.rank, snapshot.needsPerson, snapshot.siteID.rawValue, snapshot.openedAt.microseconds,
                state.updatedAt.microseconds,
            ]
            try db.cachedStatement(
                sql: """
                    INSERT INTO incidents(tenant, incident, number, state, status, assignee, severity, needs_person, site, opened_at,
                        updated_at)
                    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                    ON CONFLICT(tenant, incident) DO UPDATE SET state = excluded.state, status = excluded.status,
                        assignee = excluded.assignee, severity = excluded.severity, needs_person = excluded.needs_person,
                        site = excluded.site, opened_at = excluded.opened_at, updated_at = excluded.updated_at
                    """
            ).execute(arguments: StatementArguments(storable: values))
            try writeIncidentSites(key, folded)
        }
    }

    private mutating func writeIncidentSites(_ key: ItemKey, _ folded: IncidentFold.Folded) throws {
        let isActive = folded.state.status.isActive
        let (left, held) = folded.siteChanges()
        let delete = try db.cachedStatement(sql: "DELETE FROM incident_sites WHERE tenant = ? AND site = ? AND incident = ?")
        for site in left {
            try delete.execute(arguments: [key.tenant.rawValue, site.siteID.rawValue, key.id.blob])
            touch(key.tenant, site.siteID)
        }
        let upsert = try db.cachedStatement(
            sql: """
                INSERT INTO incident_sites(tenant, site, incident, impact, since, expected_at, is_active) VALUES (?, ?, ?, ?, ?, ?, ?)
                ON CONFLICT(tenant, site, incident) DO UPDATE SET impact = excluded.impact, since = excluded.since,
                    expected_at = excluded.expected_at, is_active = excluded.is_active
                """)
        for site in held {
            let values: [(any DatabaseValueConvertible)?] = [
                key.tenant.rawValue, site.siteID.rawValue, key.id.blob, site.impact.rawValue, site.since?.microseconds,
                site.expectedAt?.microseconds, isActive,
            ]
            try upsert.execute(arguments: StatementArguments(storable: values))
            touch(key.tenant, site.siteID)
        }
    }

    mutating func writeAlarmLinks() throws {
        let update = try db.cachedStatement(
            sql: "UPDATE alarms SET incident = ?1 WHERE tenant = ?2 AND alarm = ?3 AND incident IS NOT ?1")
        for item in incidents.linkOrder {
            guard let incident = incidents.links[item] else { continue }
            try update.execute(arguments: [incident.blob, item.tenant.rawValue, item.id.blob])
            if db.changesCount > 0 { changed(item) }
        }
    }
}
