import Foundation
import GRDB
import TowerIncidents
import TowerModel
import TowerStores

extension ProjectionWriter {
    /// Folds the slice's lifecycle records into the incidents they belong to; each is read and decoded once.
    mutating func foldIncidents() throws {
        for record in batch.incidents {
            let key = ItemKey(tenant: record.tenantID, id: record.incidentID)
            let met = try db.cachedStatement(sql: "SELECT 1 FROM incident_history WHERE tenant = ? AND event = ?")
            guard try Int.fetchOne(met, arguments: [record.tenantID.rawValue, record.eventID.blob]) == nil else { continue }
            let event = IncidentLifecycleEvent(record)
            let effect: IncidentState.Effect
            if var folded = try load(key) {
                let known = event.snapshot == nil ? [] : folded.state.snapshot.alarmIDs
                effect = folded.state.apply(event)
                folded.isChanged = folded.isChanged || effect != .ignored
                incidents[key] = folded
                if effect == .applied, event.snapshot != nil { noteLinks(key, folded.state, known: known) }
            } else if let state = IncidentState(first: event) {
                let number = try nextNumber(record.tenantID)
                incidents[key] = FoldedIncident(number: number, before: nil, state: state, isChanged: true)
                incidentOrder.append(key)
                effect = .applied
                noteLinks(key, state, known: [])
                try insertIncident(key, number: number, state)
            } else {
                effect = .ignored
            }
            if effect != .ignored { try insertHistory(record) }
        }
    }

    private mutating func load(_ key: ItemKey) throws -> FoldedIncident? {
        if let known = incidents[key] { return known }
        let statement = try db.cachedStatement(sql: "SELECT number, state FROM incidents WHERE tenant = ? AND incident = ?")
        guard let row = try Row.fetchOne(statement, arguments: [key.tenant.rawValue, key.id.blob]) else { return nil }
        let state = try IncidentRows.state(row[1])
        let folded = FoldedIncident(number: row[0], before: state, state: state, isChanged: false)
        incidents[key] = folded
        incidentOrder.append(key)
        return folded
    }

    /// Numbers rise by one per tenant in log order, so a rebuild gives the same ones.
    private func nextNumber(_ tenant: TenantID) throws -> Int64 {
        let statement = try db.cachedStatement(sql: "SELECT max(number) FROM incidents WHERE tenant = ?")
        return (try Int64.fetchOne(statement, arguments: [tenant.rawValue]) ?? 0) + 1
    }

    private func insertIncident(_ key: ItemKey, number: Int64, _ state: IncidentState) throws {
        try db.cachedStatement(
            sql: """
                INSERT INTO incidents(tenant, incident, number, state, status, severity, needs_person, site, opened_at, updated_at)
                VALUES (?, ?, ?, '', ?, 0, 0, ?, ?, 0)
                """
        ).execute(
            arguments: [
                key.tenant.rawValue, key.id.blob, number, state.status.rawValue, state.snapshot.siteID.rawValue,
                state.snapshot.openedAt.microseconds,
            ])
    }

    private func insertHistory(_ record: ProjectionBatch.IncidentRecord) throws {
        let text = record.text.isEmpty ? record.target ?? "" : record.text
        try db.cachedStatement(
            sql: "INSERT OR IGNORE INTO incident_history(tenant, incident, event, type, at, actor, text) VALUES (?, ?, ?, ?, ?, ?, ?)"
        ).execute(
            arguments: [
                record.tenantID.rawValue, record.incidentID.blob, record.eventID.blob, record.eventType, record.at.microseconds,
                record.actor, text,
            ])
    }

    mutating func writeIncidents() throws {
        for key in incidentOrder {
            guard let folded = incidents[key], folded.isChanged else { continue }
            let (state, snapshot) = (folded.state, folded.state.snapshot)
            let values: [(any DatabaseValueConvertible)?] = [
                try ColumnJSON.encode(state), state.status.rawValue, state.assignee, snapshot.severity.rank, snapshot.needsPerson,
                snapshot.siteID.rawValue, snapshot.openedAt.microseconds, state.updatedAt.microseconds, key.tenant.rawValue, key.id.blob,
            ]
            try db.cachedStatement(
                sql: """
                    UPDATE incidents SET state = ?, status = ?, assignee = ?, severity = ?, needs_person = ?, site = ?, opened_at = ?,
                        updated_at = ? WHERE tenant = ? AND incident = ?
                    """
            ).execute(arguments: StatementArguments(values))
            try writeIncidentSites(key, folded)
        }
    }

    private mutating func writeIncidentSites(_ key: ItemKey, _ folded: FoldedIncident) throws {
        let state = folded.state
        let before = folded.before?.snapshot.affectedSites ?? []
        let after = state.snapshot.affectedSites
        let isActive = state.status.isActive
        let isSameHold =
            folded.before.map { $0.status.isActive == isActive && $0.snapshot.severity == state.snapshot.severity } ?? false
        let known = Dictionary(before.map { ($0.siteID, $0) }, uniquingKeysWith: { first, _ in first })
        let kept = Set(after.map(\.siteID))

        let delete = try db.cachedStatement(sql: "DELETE FROM incident_sites WHERE tenant = ? AND site = ? AND incident = ?")
        for site in before where !kept.contains(site.siteID) {
            try delete.execute(arguments: [key.tenant.rawValue, site.siteID.rawValue, key.id.blob])
            touch(key.tenant, site.siteID)
        }
        let upsert = try db.cachedStatement(
            sql: """
                INSERT INTO incident_sites(tenant, site, incident, impact, since, expected_at, is_active) VALUES (?, ?, ?, ?, ?, ?, ?)
                ON CONFLICT(tenant, site, incident) DO UPDATE SET impact = excluded.impact, since = excluded.since,
                    expected_at = excluded.expected_at, is_active = excluded.is_active
                """)
        for site in after where !isSameHold || known[site.siteID] != site {
            let values: [(any DatabaseValueConvertible)?] = [
                key.tenant.rawValue, site.siteID.rawValue, key.id.blob, site.impact.rawValue, site.since?.microseconds,
                site.expectedAt?.microseconds, isActive,
            ]
            try upsert.execute(arguments: StatementArguments(values))
            touch(key.tenant, site.siteID)
        }
    }

    /// Alarms that the engine sent before it had an incident for them learn of it here.
    private mutating func noteLinks(_ key: ItemKey, _ state: IncidentState, known: [EventID]) {
        guard state.status != .merged else { return }
        let named = state.snapshot.alarmIDs
        func note(_ alarm: EventID) {
            let item = ItemKey(tenant: key.tenant, id: alarm)
            if links.updateValue(key.id, forKey: item) == nil { linkOrder.append(item) }
        }
        // Revisions mostly append.
        if named.starts(with: known) {
            for alarm in named.dropFirst(known.count) { note(alarm) }
        } else {
            let old = Set(known)
            for alarm in named where !old.contains(alarm) { note(alarm) }
        }
    }

    mutating func writeAlarmLinks() throws {
        let update = try db.cachedStatement(
            sql: "UPDATE alarms SET incident = ?1 WHERE tenant = ?2 AND alarm = ?3 AND incident IS NOT ?1")
        for item in linkOrder {
            guard let incident = links[item] else { continue }
            try update.execute(arguments: [incident.blob, item.tenant.rawValue, item.id.blob])
            if db.changesCount > 0 { changed(item) }
        }
    }
}

extension IncidentLifecycleEvent {
    /// A projection's record as the fold reads it.
    init(_ record: ProjectionBatch.IncidentRecord) {
        self.init(
            eventID: record.eventID, tenantID: record.tenantID, incidentID: record.incidentID, eventType: record.eventType,
            at: record.at, actor: record.actor, text: record.text,
            assignee: record.eventType == Kind.assigned.rawValue ? record.target : nil,
            mergedInto: record.eventType == Kind.merged.rawValue ? record.target.flatMap { EventID($0) } : nil,
            snapshot: record.snapshot)
    }
}
