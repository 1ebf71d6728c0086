public import TowerModel

/// One line of `towerco analyze` as far as the scoreboard reads it: an incident at one revision.
public struct ScoredRevision: Sendable, Hashable {
    public struct Candidate: Sendable, Hashable {
        public var siteID: String
        public var managedObject: String
        public var condition: String
        public var eventType: String
        public var probability: Double
        public init(siteID: String, managedObject: String, condition: String, eventType: String, probability: Double) {
            self.siteID = siteID
            self.managedObject = managedObject
            self.condition = condition
            self.eventType = eventType
            self.probability = probability
        }
    }
    public var incidentID: EventID
    public var revision: Int
    public var status: IncidentSnapshot.Status
    public var mergedInto: EventID?
    public var updatedAt: Timestamp
    public var eventIDs: [EventID]
    /// Any order; the scoreboard sorts by falling probability and keeps ties in place.
    public var candidates: [Candidate]
    /// Whether it proposes a visit; a system that proposes nothing sends somebody to each of its incidents.
    public var proposesVisit: Bool

    public init(
        incidentID: EventID, revision: Int, status: IncidentSnapshot.Status, mergedInto: EventID? = nil, updatedAt: Timestamp,
        eventIDs: [EventID], candidates: [Candidate], proposesVisit: Bool = true
    ) {
        self.incidentID = incidentID
        self.revision = revision
        self.status = status
        self.mergedInto = mergedInto
        self.updatedAt = updatedAt
        self.eventIDs = eventIDs
        self.candidates = candidates
        self.proposesVisit = proposesVisit
    }

    public init(_ snapshot: IncidentSnapshot) {
        self.init(
            incidentID: snapshot.incidentID, revision: snapshot.revision, status: snapshot.status, mergedInto: snapshot.mergedInto,
            updatedAt: snapshot.updatedAt, eventIDs: snapshot.eventIDs,
            candidates: snapshot.rootCauseCandidates.map {
                Candidate(
                    siteID: $0.siteID, managedObject: $0.managedObject, condition: $0.condition, eventType: $0.eventType,
                    probability: $0.probability)
            }, proposesVisit: snapshot.actions.contains { $0.kind == .visit })
    }
}
