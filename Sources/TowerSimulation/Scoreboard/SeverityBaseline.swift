import TowerModel

/// What a severity-first desk does: each site's alarms within 15 minutes of the one before are one ticket, and the gravest
/// alarm, the earliest of those, is taken for the cause. Sites are not connected.
public struct SeverityBaseline: Sendable {
    public init() {}

    private struct Group {
        var worst: ScoredEvent
        var first: ScoredEvent
        var events: [EventID]
        var last: Timestamp
    }

    /// One final revision for each ticket.
    public func incidents(_ events: [ScoredEvent]) -> [ScoredRevision] {
        var groups: [Group] = []
        var open: [String: Int] = [:]
        for event in events.sorted(by: { ($0.timestamp, $0.eventID) < ($1.timestamp, $1.eventID) }) where event.isRaise {
            if let index = open[event.siteID], event.timestamp.seconds(since: groups[index].last) <= WindowBaseline.windowSeconds
            {
                groups[index].events.append(event.eventID)
                groups[index].last = event.timestamp
                if event.severity > groups[index].worst.severity { groups[index].worst = event }
            } else {
                open[event.siteID] = groups.count
                groups.append(Group(worst: event, first: event, events: [event.eventID], last: event.timestamp))
            }
        }
        return groups.map { group in
            .baseline("severity", first: group.first, root: group.worst, events: group.events)
        }
    }
}

extension ScoredRevision {
    /// A baseline's answer: one candidate, quite sure of itself.
    static func baseline(_ name: String, first: ScoredEvent, root: ScoredEvent, events: [EventID]) -> ScoredRevision {
        ScoredRevision(
            incidentID: .derived(from: first.eventID, name), revision: 1, status: .resolved, updatedAt: first.timestamp,
            eventIDs: events,
            candidates: [
                Candidate(
                    siteID: root.siteID, managedObject: root.managedObject, condition: "", eventType: root.eventType,
                    probability: 1)
            ])
    }
}
