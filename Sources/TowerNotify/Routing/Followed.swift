import TowerIncidents
import TowerModel

/// An incident or an alarm, and what each route was told of it.
struct Followed: Sendable {
    enum Thing: Sendable {
        case incident(IncidentState)
        case alarm(Alarm)
    }

    /// What a route was told.
    struct Told: Sendable {
        var lastAt: [NotificationKind: Timestamp] = [:]
        /// Changes held back since, by kind.
        var held: [NotificationKind: Int] = [:]
        /// The newest event that a message was about.
        var newest: EventID?
        /// Counts up when an escalation stops or begins anew: deadlines of another round mean nothing.
        var round = 0
    }

    var thing: Thing
    /// The newest event that changed it.
    var newest: EventID
    var told: [EventID: Told] = [:]
    /// It was over, or at least old, before we heard of it; nobody is told until something new happens to it.
    var isHistory = false

    var isActive: Bool {
        switch thing {
        case .incident(let state): state.status.isActive
        case .alarm(let alarm): alarm.state != .cleared
        }
    }

    var severity: Severity {
        switch thing {
        case .incident(let state): state.snapshot.severity
        case .alarm(let alarm): alarm.severity
        }
    }

    var isAcknowledged: Bool {
        guard case .incident(let state) = thing else { return false }
        return state.status == .acknowledged
    }

    /// Stops escalations, for every route.
    mutating func endRounds() { for id in told.keys { told[id]?.round += 1 } }

    /// Stops escalations and forgets what was held back, for every route.
    mutating func stop() {
        for id in told.keys {
            told[id]?.round += 1
            told[id]?.held = [:]
        }
    }
}

extension IncidentSnapshot {
    /// Without what no message tells, because thousands are remembered.
    var trimmed: IncidentSnapshot {
        var copy = self
        copy.timeline = []
        copy.edges = []
        copy.eventIDs = []
        copy.alarmIDs = []
        copy.rootCauseCandidates = rootCauseCandidates.prefix(3).map { candidate in
            var bare = candidate
            bare.evidenceFor = []
            bare.evidenceAgainst = []
            bare.missing = []
            return bare
        }
        copy.actions = Array(actions.prefix(3))
        return copy
    }
}
