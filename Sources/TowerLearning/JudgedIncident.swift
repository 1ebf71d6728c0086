public import TowerCausality
public import TowerModel

/// An incident with what people said of it, as far as that teaches: its cause, where it belongs, where it came from.
public struct JudgedIncident: Sendable, Equatable {
    public var snapshot: IncidentSnapshot
    public var verdict: StoryCase.Verdict?
    /// Where a person says that it belongs.
    public var mergedInto: EventID?
    /// The incident off which a person split it.
    public var splitFrom: EventID?
    public init(snapshot: IncidentSnapshot, verdict: StoryCase.Verdict? = nil, mergedInto: EventID? = nil, splitFrom: EventID? = nil) {
        self.snapshot = snapshot
        self.verdict = verdict
        self.mergedInto = mergedInto
        self.splitFrom = splitFrom
    }

    /// Merges that follow each other are followed this far.
    private static let chainMax = 32

    /// The cases that they teach, by when they began: what people merged is one case under the cause of where it went, what they
    /// split off is a case of its own.
    public static func cases(of incidents: [JudgedIncident], library: TemplateLibrary) -> [StoryCase] {
        var whole = Dictionary(incidents.map { ($0.snapshot.incidentID, $0) }) { first, _ in first }
        let order = whole.values.sorted { ($0.snapshot.openedAt, $0.snapshot.incidentID) < ($1.snapshot.openedAt, $1.snapshot.incidentID) }
        for incident in order where incident.mergedInto != nil {
            guard let end = end(of: incident, in: whole) else { continue }
            whole[end]?.take(incident.snapshot)
        }
        return order.filter { $0.mergedInto == nil }.compactMap { incident in
            guard let told = whole[incident.snapshot.incidentID] else { return nil }
            return StoryCase(told.snapshot, verdict: told.verdict, library: library)
        }
    }

    /// Where the merges end; `nil` when it is not known or they go in a circle.
    private static func end(of incident: JudgedIncident, in whole: [EventID: JudgedIncident]) -> EventID? {
        var next = incident.mergedInto
        for _ in 0..<chainMax {
            guard let id = next, let found = whole[id] else { return nil }
            guard let further = found.mergedInto else { return id }
            next = further
        }
        return nil
    }

    /// What another incident tells happened here too; of one thing the earlier instant counts.
    private mutating func take(_ other: IncidentSnapshot) {
        for node in other.timeline where node.knowledge == .reported {
            let known = snapshot.timeline.firstIndex {
                $0.knowledge == .reported && $0.condition == node.condition && $0.siteID == node.siteID && $0.managedObject == node.managedObject
            }
            if let known { snapshot.timeline[known].at = min(snapshot.timeline[known].at, node.at) } else { snapshot.timeline.append(node) }
        }
        snapshot.onsetAt = min(snapshot.onsetAt, other.onsetAt)
    }
}
