import GRDB
import TowerModel
import TowerStores

/// The history of incidents, as rows.
enum IncidentRows {
    static func history(_ db: Database, tenant: TenantID, incident: EventID) throws -> [IncidentView.HistoryEntry] {
        let sql = """
            SELECT event, type, at, actor, text FROM incident_history WHERE tenant = ?1 AND incident = ?2
                AND (type != 'incident.updated' OR id >= COALESCE((
                    SELECT id FROM incident_history WHERE tenant = ?1 AND incident = ?2 AND type = 'incident.updated'
                    ORDER BY id DESC LIMIT 1 OFFSET ?3), 0))
            ORDER BY id LIMIT \(IncidentColumns.maxHistory)
            """
        let rows = try Row.fetchAll(db, sql: sql, arguments: [tenant.rawValue, incident.blob, IncidentColumns.maxRefinements - 1])
        return try rows.map { row in
            guard let id = EventID(blob: row[0]) else {
                throw StoreError(.corrupt, "a history entry in the store has no id; run towerco rebuild")
            }
            return IncidentView.HistoryEntry(
                eventID: id, eventType: row[1], at: Timestamp(microseconds: row[2]), actor: row[3], text: row[4])
        }
    }
}
