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
            reason: "r\(revision)", siteID: SiteID("S-1"),
            affectedSites: ["S-1", "S-2"].map { .init(siteID: SiteID($0), impact: .down, operators: ["op-\($0)"]) },
            affectedOperators: ["op-S-1", "op-S-2"],
            rootCauseCandidates: [
                candidate("S-1", "dg.start_failed", 0.6), candidate("S-2", "fuel.exhausted", 0.3), candidate("", "unknown", 0.1),
            ],
            timeline: [
                node("a", "S-1", "grid.lost", 0, events: [1]), node("b", "S-2", "fuel.exhausted", 5, events: [2]),
                node("c", "S-2", "cell.down", 9, events: []),
            ], edges: [.init(from: "a", to: "b", lagSeconds: 300), .init(from: "b", to: "c", lagSeconds: 240)],
            eventIDs: [event(1), event(2), event(3)], alarmIDs: [event(11), event(12), event(13)], alarmCount: 3)
    }

    static func event(_ number: UInt64) -> EventID { EventID(high: 9, low: number) }

    static func candidate(_ site: String, _ condition: String, _ probability: Double) -> IncidentSnapshot.RootCauseCandidate {
        .init(siteID: site, managedObject: "o", condition: condition, eventType: condition, label: "L \(condition)", probability: probability)
    }

    static func node(_ id: String, _ site: String, _ condition: String, _ minute: Int, events: [UInt64]) -> IncidentSnapshot.TimelineNode {
        .init(
            nodeID: id, lane: .site, condition: condition, label: "L \(condition)", siteID: site, managedObject: "o",
            knowledge: events.isEmpty ? .predicted : .reported, at: at(minute), eventIDs: events.map(event))
    }

    /// Two alarms at the first site, one at the second; the last event is of both sites' alarms.
    static let alarms: [Alarm] = [(11, "S-1", [1]), (12, "S-2", [2, 3]), (13, "S-1", [3])].map { number, site, events in
        Alarm(
            alarmID: event(number), tenantID: tenant, siteID: SiteID(site), managedObject: "o", alarmType: "t", probableCause: nil,
            severity: number == 12 ? .critical : .minor, state: .raised, raisedAt: at(0), changedAt: at(0), eventIDs: events.map(event))
    }

    static let wrong = CauseOpinion(word: .rejected, reason: "it ran")

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
