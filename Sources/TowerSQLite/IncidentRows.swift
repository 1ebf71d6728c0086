import Foundation
import GRDB
import TowerIncidents
import TowerModel
import TowerStores

/// Incidents between columns and views: the folded state is one JSON column, what lists filter by stands beside it.
enum IncidentRows {
    /// What people call it: `INC-12`.
    static func name(_ number: Int64) -> String { "INC-\(number)" }

    /// `INC-12` or `inc-12`; `nil` for anything else.
    static func number(_ name: String) -> Int64? {
        let lower = name.lowercased()
        guard lower.hasPrefix("inc-"), lower.utf8.count <= 20 else { return nil }
        let digits = lower.dropFirst(4)
        guard !digits.isEmpty, digits.allSatisfy({ $0.isASCII && $0.isNumber }) else { return nil }
        return Int64(digits)
    }

    static func state(_ text: String) throws -> IncidentState { try ColumnJSON.decode(IncidentState.self, text, "an incident") }

    static func view(number: Int64, state: IncidentState, siteName: String) -> IncidentView {
        IncidentView(
            number: name(number), snapshot: state.snapshot, status: IncidentView.Status(rawValue: state.status.rawValue) ?? .open,
            acknowledgedBy: state.acknowledgedBy, acknowledgedAt: state.acknowledgedAt, assignee: state.assignee, siteName: siteName)
    }

    /// Entries of an incident's page: all of people's, all turns of the engine, and its newest refinements.
    static let maxRefinements = 200

    static func history(_ db: Database, tenant: TenantID, incident: EventID) throws -> [IncidentView.HistoryEntry] {
        let sql = """
            SELECT event, type, at, actor, text FROM incident_history WHERE tenant = ?1 AND incident = ?2
                AND (type != 'incident.updated' OR id >= COALESCE((
                    SELECT id FROM incident_history WHERE tenant = ?1 AND incident = ?2 AND type = 'incident.updated'
                    ORDER BY id DESC LIMIT 1 OFFSET ?3), 0))
            ORDER BY id LIMIT 5000
            """
        let rows = try Row.fetchAll(db, sql: sql, arguments: [tenant.rawValue, incident.blob, maxRefinements - 1])
        return try rows.map { row in
            guard let id = EventID(blob: row[0]) else {
                throw StoreError(.corrupt, "a history entry in the store has no id; run towerco rebuild")
            }
            return IncidentView.HistoryEntry(
                eventID: id, eventType: row[1], at: Timestamp(microseconds: row[2]), actor: row[3], text: row[4])
        }
    }
}
