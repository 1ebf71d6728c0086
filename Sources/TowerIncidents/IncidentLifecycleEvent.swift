public import TowerModel

/// One event of an incident's life, as it stands on `towerco.incidents.{tenant}.lifecycle`.
///
/// - Shape: the engine's events carry a whole `IncidentSnapshot`; people's carry who and what. docs/formats/lifecycle-events.md
///   draws both.
/// - Identity: `eventID`. The engine's is derived from the incident and the revision, a command's from the incident and its
///   idempotency key, so the same decision met twice is the same event.
public struct IncidentLifecycleEvent: Sendable, Hashable {
    /// The kinds this version folds. An event of any other type is history it does not know, never an error.
    public enum Kind: String, Sendable, Hashable, CaseIterable {
        case opened = "incident.opened"
        case updated = "incident.updated"
        case acknowledged = "incident.acknowledged"
        case assigned = "incident.assigned"
        case commented = "incident.commented"
        case merged = "incident.merged"
        case resolved = "incident.resolved"
        case reopened = "incident.reopened"
        case causeJudged = "incident.cause_judged"
        case split = "incident.split"
    }

    /// The name under which the engine acts.
    public static let engineActor = "engine"

    public var eventID: EventID
    public var tenantID: TenantID
    public var incidentID: EventID
    public var eventType: String
    public var at: Timestamp
    /// User name, or `engine`.
    public var actor: String
    /// Comment, reason, or the engine's reason for the revision.
    public var text: String
    /// `incident.assigned`: to whom; empty takes it from everybody.
    public var assignee: String?
    /// `incident.merged`: where it continues.
    public var mergedInto: EventID?
    /// `incident.cause_judged`: what somebody knows of the root cause.
    public var verdict: CauseVerdict?
    /// `incident.split`: what leaves the incident, and where it goes.
    public var split: IncidentCut?
    /// `incident.opened` of what was split off: the incident from which it came.
    public var splitFrom: EventID?
    public var idempotencyKey: String?
    /// Present on the engine's events, and on the first one of what a person split off.
    public var snapshot: IncidentSnapshot?

    public var kind: Kind? { Kind(rawValue: eventType) }

    public init(
        eventID: EventID, tenantID: TenantID, incidentID: EventID, eventType: String, at: Timestamp, actor: String,
        text: String = "", assignee: String? = nil, mergedInto: EventID? = nil, verdict: CauseVerdict? = nil,
        split: IncidentCut? = nil, splitFrom: EventID? = nil, idempotencyKey: String? = nil, snapshot: IncidentSnapshot? = nil
    ) {
        self.eventID = eventID
        self.tenantID = tenantID
        self.incidentID = incidentID
        self.eventType = eventType
        self.at = at
        self.actor = actor
        self.text = text
        self.assignee = assignee
        self.mergedInto = mergedInto
        self.verdict = verdict
        self.split = split
        self.splitFrom = splitFrom
        self.idempotencyKey = idempotencyKey
        self.snapshot = snapshot
    }

    /// The engine's event for one revision. Its id depends on incident, kind and revision only.
    public static func engine(_ kind: Kind, _ snapshot: IncidentSnapshot) -> IncidentLifecycleEvent {
        IncidentLifecycleEvent(
            eventID: engineEventID(kind, incident: snapshot.incidentID, revision: snapshot.revision),
            tenantID: snapshot.tenantID, incidentID: snapshot.incidentID, eventType: kind.rawValue, at: snapshot.updatedAt,
            actor: engineActor, text: snapshot.reason, mergedInto: snapshot.mergedInto, snapshot: snapshot)
    }

    /// The first event of what the person's event `split` took out of an incident.
    public static func opened(_ part: IncidentSnapshot, by split: IncidentLifecycleEvent) -> IncidentLifecycleEvent {
        IncidentLifecycleEvent(
            eventID: engineEventID(.opened, incident: part.incidentID, revision: part.revision), tenantID: part.tenantID,
            incidentID: part.incidentID, eventType: Kind.opened.rawValue, at: split.at, actor: split.actor, text: part.reason,
            splitFrom: split.incidentID, snapshot: part)
    }

    /// Id of the incident that a split makes: the same split is the same incident.
    public static func partID(ofSplit event: EventID) -> EventID { .derived(from: event, "incident") }

    /// Id of the engine's event of that kind and revision.
    public static func engineEventID(_ kind: Kind, incident: EventID, revision: Int) -> EventID {
        .derived(from: incident, "\(kind.rawValue)/\(revision)")
    }

    /// Id of a person's event under an idempotency key: the same key on the same incident is the same event, whatever it asks.
    public static func commandEventID(incident: EventID, idempotencyKey: String) -> EventID {
        .derived(from: incident, "command/\(idempotencyKey)")
    }
}
