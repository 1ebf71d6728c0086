/// What a person split off an incident: gone from what it shows, also from every later revision of it.
public struct IncidentCut: Sendable, Codable, Hashable {
    /// The incident that holds it now.
    public var into: EventID
    public var alarmIDs: [EventID]
    /// Sites of which nothing is left behind.
    public var siteIDs: [SiteID]
    /// Events on which only the split-off alarms rest.
    public var eventIDs: [EventID]
    public init(into: EventID, alarmIDs: [EventID], siteIDs: [SiteID], eventIDs: [EventID]) {
        self.into = into
        self.alarmIDs = alarmIDs
        self.siteIDs = siteIDs
        self.eventIDs = eventIDs
    }
    enum CodingKeys: String, CodingKey {
        case into
        case alarmIDs = "alarm_ids"
        case siteIDs = "site_ids"
        case eventIDs = "event_ids"
    }

    /// Nothing: what was split off has come back.
    public var isEmpty: Bool { alarmIDs.isEmpty && siteIDs.isEmpty }

    /// One line for a history.
    public var summary: String {
        guard !isEmpty else { return "taken back" }
        func counted(_ count: Int, _ noun: String) -> String? { count == 0 ? nil : "\(count) \(noun)\(count == 1 ? "" : "s")" }
        return [counted(alarmIDs.count, "alarm"), counted(siteIDs.count, "site")].compactMap(\.self).joined(separator: ", ")
    }
}

extension IncidentSnapshot {
    /// The snapshot as it is without what was split off.
    public func without(_ cuts: [IncidentCut]) -> IncidentSnapshot {
        guard cuts.contains(where: { !$0.isEmpty }) else { return self }
        let alarms = Set(cuts.flatMap(\.alarmIDs))
        let sites = Set(cuts.flatMap(\.siteIDs))
        let events = Set(cuts.flatMap(\.eventIDs))
        return kept(
            alarm: { !alarms.contains($0) }, site: { !sites.contains($0) }, event: { !events.contains($0) },
            // A node rests on its events; one that is inferred or foreseen belongs to its site.
            node: { !sites.contains(SiteID($0.siteID)) && ($0.eventIDs.isEmpty || !events.isSuperset(of: $0.eventIDs)) })
    }

    /// What the cut takes along, as an incident of its own: its first revision, until the engine says more.
    ///
    /// - Parameter severity: the worst of the alarms that go.
    public func part(_ cut: IncidentCut, severity: Severity, at: Timestamp, reason: String) -> IncidentSnapshot {
        let alarms = Set(cut.alarmIDs)
        let sites = Set(cut.siteIDs)
        let events = Set(cut.eventIDs)
        var part = kept(
            alarm: { alarms.contains($0) }, site: { sites.contains($0) }, event: { events.contains($0) },
            node: { sites.contains(SiteID($0.siteID)) || !events.isDisjoint(with: $0.eventIDs) })
        part.incidentID = cut.into
        part.revision = 1
        part.status = .open
        part.mergedInto = nil
        part.severity = severity
        part.openedAt = at
        part.updatedAt = at
        part.resolvedAt = nil
        part.needsPerson = true
        part.pagesAt = nil
        part.alarmCount = part.alarmIDs.count
        let told = part.timeline.filter { $0.knowledge == .reported }
        let first = told.min { ($0.at, $0.nodeID) < ($1.at, $1.nodeID) }
        part.onsetAt = first?.at ?? onsetAt
        part.siteID = cut.siteIDs.first ?? first.map { SiteID($0.siteID) } ?? siteID
        part.title = first.map { "\($0.label)\($0.siteID.isEmpty ? "" : " at \($0.siteID)")" } ?? "Split off: \(title)"
        part.explanation = "\(part.title). Split off from: \(title)"
        part.reason = reason
        part.actions = []
        return part
    }

    private func kept(
        alarm: (EventID) -> Bool, site: (SiteID) -> Bool, event: (EventID) -> Bool, node: (TimelineNode) -> Bool
    ) -> IncidentSnapshot {
        var result = self
        result.alarmIDs = alarmIDs.filter(alarm)
        result.alarmCount = max(0, alarmCount - (alarmIDs.count - result.alarmIDs.count))
        result.eventIDs = eventIDs.filter(event)
        result.affectedSites = affectedSites.filter { site($0.siteID) }
        if result.affectedSites.count != affectedSites.count {
            let held = Set(result.affectedSites.flatMap(\.operators))
            result.affectedOperators = affectedOperators.filter(held.contains)
        }
        result.autonomy = autonomy.filter { site($0.siteID) }
        result.timeline = timeline.filter(node)
        for index in result.timeline.indices { result.timeline[index].eventIDs.removeAll { !event($0) } }
        let nodes = Set(result.timeline.map(\.nodeID))
        result.edges = edges.filter { nodes.contains($0.from) && nodes.contains($0.to) }
        result.rootCauseCandidates = share(rootCauseCandidates.filter { $0.siteID.isEmpty || site(SiteID($0.siteID)) })
        return result
    }

    /// What the others had goes to those that stay, so that the sum is 1 again.
    private func share(_ kept: [RootCauseCandidate]) -> [RootCauseCandidate] {
        let total = kept.reduce(0) { $0 + $1.probability }
        guard kept.count < rootCauseCandidates.count, total > 0 else { return kept }
        return kept.map {
            var candidate = $0
            candidate.probability /= total
            return candidate
        }
    }
}
