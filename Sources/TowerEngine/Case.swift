import TowerCausality
import TowerModel

/// Facts that hang together, what they are explained by, and the incident they became, if any.
struct Case: Sendable {
    enum Stage: Sendable {
        /// Watched: nothing that people see.
        case watching
        case open
        /// Over; kept for a while in case it returns.
        case resolved
    }
    let number: Int32
    /// Where it began: scopes the incident's id.
    var anchor: Component
    var facts: [Int32] = []
    var sites: [Int32] = []
    var links: [Int32] = []
    var feeder: Int32?
    /// When the feeder went: a member's own story may have begun long before.
    var feederOnset = Timestamp.distantPast
    var onset: Timestamp
    var createdAt: Timestamp
    /// Every event, with its time; sorted only when told.
    var events: [(at: Timestamp, id: EventID)] = []
    var eventSet: Set<EventID> = []
    var slots: [Int32] = []
    var stage = Stage.watching
    var isJudgementDue = false
    var lastJudgedAt = Timestamp.distantPast
    var routineAt = Timestamp.distantPast
    var isCloseDue = false
    var hypotheses: [Hypothesis] = []
    var unknown = 1.0
    var hitBound = false

    var incidentID: EventID?
    var revision = 0
    var openedAt = Timestamp.distantPast
    var lastActivity: Timestamp
    var resolvedAt: Timestamp?
    /// Why the next revision will exist.
    var reasons: [String] = []
    var lastTold: Told?
    /// A person ended it: only loss of service opens it again.
    var closedByPerson = false
    /// Numbers of cases that a person said are another matter: never one with them again, unless a person says so.
    var apart: [Int32] = []
    /// Number of a group of alarms that no template knows; -1 for a case of facts.
    var group: Int32 = -1
    /// Had a grid loss that was carried: leaves a record.
    var isRecordWorthy = false

    /// What the last revision said, as far as it decides whether a new one is worth telling.
    struct Told: Sendable, Equatable {
        var candidates: [String] = []
        var probability = 0.0
        var affected: [String] = []
        var severity = Severity.cleared
        var memberCount = 0
        var autonomyMinutes = 0.0
        var needsPerson = true
    }

    init(number: Int32, anchor: Component, onset: Timestamp, now: Timestamp) {
        self.number = number
        self.anchor = anchor
        self.onset = onset
        self.createdAt = now
        self.lastActivity = now
    }

    var top: Hypothesis? { hypotheses.first }

    /// A sign of it, now: it began no later than this.
    mutating func note(_ id: EventID, at: Timestamp, most: Int, onset sign: Timestamp, now: Timestamp) {
        note(id, at: at, most: most)
        onset = min(onset, sign)
        lastActivity = now
    }

    mutating func note(_ id: EventID, at: Timestamp, most: Int) {
        guard eventSet.count < most, eventSet.insert(id).inserted else { return }
        events.append((at, id))
    }
}
