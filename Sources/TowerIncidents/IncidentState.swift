public import TowerModel

/// Where an incident stands: what the engine thinks and what people decided. The fold of its lifecycle events, without history.
///
/// A store keeps this value per incident and folds new events into it; whether an event was met before is asked of the
/// history (`IncidentAggregate`, or the store's table), not of this value.
public struct IncidentState: Sendable, Codable, Hashable {
    /// What people see.
    public enum Status: String, Sendable, Codable, CaseIterable {
        case open, acknowledged, resolved
        case autoClosed = "auto_closed"
        case merged

        /// Somebody may still have to act.
        public var isActive: Bool { self == .open || self == .acknowledged }
    }

    /// A person's decision that outlives the engine's next revisions.
    public enum Hold: String, Sendable, Codable {
        /// Resolved by a person: the engine may go on refining it, it stays resolved until somebody reopens it.
        case resolved
        /// Reopened by a person: the engine's old opinion that it is over no longer counts, its next resolve does.
        case reopened
        case merged
    }

    /// The engine's newest revision.
    public var snapshot: IncidentSnapshot
    public var status: Status
    public var acknowledgedBy: String?
    public var acknowledgedAt: Timestamp?
    public var assignee: String?
    public var mergedInto: EventID?
    /// Who merged it; `nil` when the engine did.
    public var mergedBy: String?
    /// The last word of a person on its root cause.
    public var verdict: CauseVerdict?
    /// What people split off it.
    public var cuts: [IncidentCut]?
    /// The incident off which a person split this one.
    public var splitFrom: EventID?
    public var hold: Hold?
    /// Newest instant at which anything happened to it.
    public var updatedAt: Timestamp
    /// Events folded so far.
    public var version: Int

    enum CodingKeys: String, CodingKey {
        case snapshot, status
        case acknowledgedBy = "acknowledged_by"
        case acknowledgedAt = "acknowledged_at"
        case assignee
        case mergedInto = "merged_into"
        case mergedBy = "merged_by"
        case verdict, cuts
        case splitFrom = "split_from"
        case hold
        case updatedAt = "updated_at"
        case version
    }

    /// What folding one event did.
    public enum Effect: Sendable, Hashable {
        /// The state is new, and the event belongs into the history.
        case applied
        /// Belongs into the history; the state does not allow what it says, or it says nothing about the state.
        case noted
        /// An older revision than the one known, or an event of an unknown type: as if it were not there.
        case ignored
    }

    /// A state put together from what a read model kept of it.
    public init(
        snapshot: IncidentSnapshot, status: Status, acknowledgedBy: String? = nil, acknowledgedAt: Timestamp? = nil,
        assignee: String? = nil, mergedInto: EventID? = nil, mergedBy: String? = nil, verdict: CauseVerdict? = nil,
        cuts: [IncidentCut]? = nil, splitFrom: EventID? = nil, hold: Hold? = nil, updatedAt: Timestamp, version: Int
    ) {
        self.snapshot = snapshot
        self.status = status
        self.acknowledgedBy = acknowledgedBy
        self.acknowledgedAt = acknowledgedAt
        self.assignee = assignee
        self.mergedInto = mergedInto
        self.mergedBy = mergedBy
        self.verdict = verdict
        self.cuts = cuts
        self.splitFrom = splitFrom
        self.hold = hold
        self.updatedAt = updatedAt
        self.version = version
    }

    /// The state after an incident's first event with a snapshot; `nil` when it has none.
    ///
    /// Any kind opens: retention or a repair may have taken the `incident.opened` away, and knowing late beats not knowing.
    public init?(first event: IncidentLifecycleEvent) {
        guard event.kind != nil, let snapshot = event.snapshot else { return nil }
        self.snapshot = snapshot
        self.status = Self.status(of: snapshot)
        self.mergedInto = snapshot.mergedInto
        self.splitFrom = event.splitFrom
        self.updatedAt = event.at
        self.version = 1
    }

    /// Folds one event that has not been folded before. Never fails: a log is read as it is.
    public mutating func apply(_ event: IncidentLifecycleEvent) -> Effect {
        guard let kind = event.kind, event.incidentID == snapshot.incidentID else { return .ignored }
        let effect: Effect
        if let revision = event.snapshot {
            effect = applyEngine(kind, revision)
        } else {
            effect = applyPerson(kind, event)
        }
        if effect != .ignored {
            version += 1
            updatedAt = max(updatedAt, event.at)
        }
        return effect
    }

    private mutating func applyEngine(_ kind: IncidentLifecycleEvent.Kind, _ revision: IncidentSnapshot) -> Effect {
        guard revision.revision > snapshot.revision else { return .ignored }
        snapshot = revision.without(cuts ?? [])
        if kind == .reopened {
            // New service-affecting evidence: whoever saw it before has not seen this.
            hold = nil
            acknowledgedBy = nil
            acknowledgedAt = nil
            status = .open
            mergedInto = nil
            mergedBy = nil
            return .applied
        }
        switch (hold, revision.status) {
        case (_, .merged):
            hold = nil
            status = .merged
            mergedInto = revision.mergedInto
        case (.resolved, _), (.merged, _):
            break
        case (.reopened, .resolved) where kind != .resolved, (.reopened, .autoClosed) where kind != .resolved:
            // Decided before the engine knew of the reopening.
            break
        default:
            hold = nil
            let engineStatus = Self.status(of: revision)
            status = engineStatus == .open && acknowledgedBy != nil ? .acknowledged : engineStatus
        }
        return .applied
    }

    private mutating func applyPerson(_ kind: IncidentLifecycleEvent.Kind, _ event: IncidentLifecycleEvent) -> Effect {
        guard let action = IncidentTransitions.Action(kind), IncidentTransitions.allows(action, in: status) else { return .noted }
        switch action {
        case .acknowledge:
            acknowledgedBy = event.actor
            acknowledgedAt = event.at
            status = .acknowledged
        case .assign:
            assignee = event.assignee.flatMap { $0.isEmpty ? nil : $0 }
        case .comment:
            return .noted
        case .resolve:
            hold = .resolved
            status = .resolved
        case .reopen:
            hold = .reopened
            acknowledgedBy = nil
            acknowledgedAt = nil
            status = .open
        case .merge:
            guard let into = event.mergedInto, into != event.incidentID else { return .noted }
            hold = .merged
            mergedInto = into
            mergedBy = event.actor
            status = .merged
        case .judge:
            guard let verdict = event.verdict else { return .noted }
            self.verdict = verdict
        case .split:
            guard let cut = event.split, cut.into != event.incidentID else { return .noted }
            // The last word on a part counts: an empty one gives back what was taken, with the engine's next revision.
            let others = (cuts ?? []).filter { $0.into != cut.into }
            let all = others + (cut.isEmpty ? [] : [cut])
            cuts = all.isEmpty ? nil : all
            snapshot = snapshot.without([cut])
        }
        return .applied
    }

    private static func status(of snapshot: IncidentSnapshot) -> Status {
        switch snapshot.status {
        case .open: .open
        case .resolved: .resolved
        case .autoClosed: .autoClosed
        case .merged: .merged
        }
    }
}
