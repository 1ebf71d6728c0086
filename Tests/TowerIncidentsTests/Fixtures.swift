import TowerIncidents
import TowerModel

/// An incident's events, short to write in a table.
struct Life {
    static let tenant = TenantID("acme")
    static let incident = EventID(high: 1, low: 2)
    static let other = EventID(high: 3, low: 4)

    static func at(_ minute: Int) -> Timestamp { Timestamp(seconds: 1_767_322_800 + Double(minute * 60)) }

    static func snapshot(_ revision: Int, _ status: IncidentSnapshot.Status = .open, into: EventID? = nil) -> IncidentSnapshot {
        IncidentSnapshot(
            incidentID: incident, tenantID: tenant, revision: revision, status: status, mergedInto: into, severity: .major,
            openedAt: at(0), onsetAt: at(0), updatedAt: at(revision), needsPerson: true, title: "t\(revision)", explanation: "",
            reason: "r\(revision)", siteID: SiteID("S-1"))
    }

    static func engine(
        _ kind: IncidentLifecycleEvent.Kind, _ revision: Int, _ status: IncidentSnapshot.Status = .open, into: EventID? = nil
    ) -> IncidentLifecycleEvent {
        .engine(kind, snapshot(revision, status, into: into))
    }

    static func person(_ kind: IncidentLifecycleEvent.Kind, key: String = "k", assignee: String? = nil, into: EventID? = nil)
        -> IncidentLifecycleEvent
    {
        IncidentLifecycleEvent(
            eventID: IncidentLifecycleEvent.commandEventID(incident: incident, idempotencyKey: "\(kind.rawValue)/\(key)"),
            tenantID: tenant, incidentID: incident, eventType: kind.rawValue, at: at(50), actor: "ada", text: "why",
            assignee: assignee, mergedInto: into)
    }

    static func fold(_ events: [IncidentLifecycleEvent]) -> IncidentAggregate { IncidentAggregate(folding: events) }

    /// An incident in that status.
    static func inStatus(_ status: IncidentState.Status) -> IncidentAggregate {
        switch status {
        case .open: fold([engine(.opened, 1)])
        case .acknowledged: fold([engine(.opened, 1), person(.acknowledged)])
        case .resolved: fold([engine(.opened, 1), engine(.resolved, 2, .resolved)])
        case .autoClosed: fold([engine(.opened, 1), engine(.resolved, 2, .autoClosed)])
        case .merged: fold([engine(.opened, 1), engine(.merged, 2, .merged, into: other)])
        }
    }

    static func order(_ command: IncidentCommand, tenant: TenantID = tenant, incident: EventID = incident) -> IncidentOrder {
        IncidentOrder(
            tenantID: tenant, incidentID: incident, command: command, actor: "ada", at: at(60),
            eventID: IncidentLifecycleEvent.commandEventID(incident: incident, idempotencyKey: "x"), idempotencyKey: "x")
    }

    /// An open incident to merge into.
    static func target(_ status: IncidentSnapshot.Status = .open, tenant: TenantID = tenant) -> IncidentState? {
        var snapshot = snapshot(1, status)
        snapshot.incidentID = other
        snapshot.tenantID = tenant
        return IncidentState(first: .engine(.opened, snapshot))
    }
}
