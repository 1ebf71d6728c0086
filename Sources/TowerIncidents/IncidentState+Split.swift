public import TowerModel

extension IncidentState {
    /// Alarms and sites that one split may name.
    public static let maxSplitAlarms = 1_000
    public static let maxSplitSites = 200
    /// Events that a split takes along by name.
    static let maxSplitEvents = 5_000

    /// What is named, with what hangs on it: the alarms of the sites, sites of which no alarm stays, events of no other alarm.
    static func cut(
        alarms named: [EventID], sites: [SiteID], into: EventID, _ state: IncidentState, _ members: [Alarm]
    ) -> Result<IncidentCut, IncidentError> {
        func refuse(_ message: String) -> Result<IncidentCut, IncidentError> { .failure(IncidentError(.splitMembers, message)) }
        guard !named.isEmpty || !sites.isEmpty else { return refuse("name what leaves the incident in `alarm_ids` or `site_ids`") }
        guard named.count <= maxSplitAlarms, sites.count <= maxSplitSites else {
            return refuse("at most \(maxSplitAlarms) alarms and \(maxSplitSites) sites leave an incident at once")
        }
        let snapshot = state.snapshot
        let held = Set(snapshot.alarmIDs)
        if let stranger = named.first(where: { !held.contains($0) }) { return refuse("alarm \(stranger) is none of this incident's") }
        let affected = Set(snapshot.affectedSites.map(\.siteID))
        let known = members.filter { held.contains($0.alarmID) }
        let home = Set(known.map(\.siteID))
        if let stranger = sites.first(where: { !affected.contains($0) && !home.contains($0) }) {
            return refuse("site \(stranger) is none of this incident's")
        }
        let chosen = Set(sites)
        let taken = Set(named).union(known.filter { chosen.contains($0.siteID) }.map(\.alarmID))
        let stays = known.filter { !taken.contains($0.alarmID) }
        let staying = Set(stays.map(\.siteID))
        let left = Set(known.filter { taken.contains($0.alarmID) }.map(\.siteID)).subtracting(staying).union(chosen)
        guard taken.count < held.count || taken.isEmpty, left.isEmpty || !affected.subtracting(left).isEmpty || affected.isEmpty else {
            return refuse("something must stay: name fewer alarms or sites, or comment that it is all another matter")
        }
        let others = Set(stays.flatMap(\.eventIDs))
        var events = Set(known.filter { taken.contains($0.alarmID) }.flatMap(\.eventIDs)).subtracting(others)
        for node in snapshot.timeline where left.contains(SiteID(node.siteID)) { events.formUnion(node.eventIDs.filter { !others.contains($0) }) }
        return .success(
            IncidentCut(
                into: into, alarmIDs: snapshot.alarmIDs.filter(taken.contains), siteIDs: left.sorted { $0.rawValue < $1.rawValue },
                eventIDs: Array(events.sorted().prefix(maxSplitEvents))))
    }

    /// The first snapshot of what a split takes out.
    ///
    /// - Parameter members: the incident's alarms, of which the worst that goes gives the severity.
    public func part(of split: IncidentLifecycleEvent, members: [Alarm]) -> IncidentSnapshot? {
        guard let cut = split.split else { return nil }
        let gone = Set(cut.alarmIDs)
        let worst = members.filter { gone.contains($0.alarmID) && $0.state != .cleared }.map(\.severity).max() ?? snapshot.severity
        let reason = "split off by \(split.actor)" + (split.text.isEmpty ? "" : ": \(split.text)")
        return snapshot.part(cut, severity: worst, at: split.at, reason: reason)
    }
}
