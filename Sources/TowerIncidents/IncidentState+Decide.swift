public import TowerModel

/// A command with who gave it, when, and under which identity.
public struct IncidentOrder: Sendable, Hashable {
    public var tenantID: TenantID
    public var incidentID: EventID
    public var command: IncidentCommand
    public var actor: String
    public var at: Timestamp
    /// The id of the event it becomes: `IncidentLifecycleEvent.commandEventID` where there is a key, else a fresh one.
    public var eventID: EventID
    public var idempotencyKey: String?
    public init(
        tenantID: TenantID, incidentID: EventID, command: IncidentCommand, actor: String, at: Timestamp, eventID: EventID,
        idempotencyKey: String? = nil
    ) {
        self.tenantID = tenantID
        self.incidentID = incidentID
        self.command = command
        self.actor = actor
        self.at = at
        self.eventID = eventID
        self.idempotencyKey = idempotencyKey
    }
}

extension IncidentState {
    /// Longest comment or reason, characters.
    public static let maxTextLength = 4_000
    /// Longest name of an assignee, characters.
    public static let maxAssigneeLength = 128

    /// Whether the order is legal now, and the event it becomes.
    ///
    /// - Parameters:
    ///   - state: the incident as known; `nil` when the tenant has none of that id.
    ///   - target: for `merge`, the incident to merge into, looked up in the same tenant.
    ///   - members: for `split`, the incident's alarms as far as they are known.
    /// - Errors: `IncidentError`; nothing else happens then.
    public static func decide(_ order: IncidentOrder, state: IncidentState?, target: IncidentState? = nil, members: [Alarm] = [])
        -> Result<IncidentLifecycleEvent, IncidentError>
    {
        guard let state, state.snapshot.tenantID == order.tenantID, state.snapshot.incidentID == order.incidentID else {
            return .failure(IncidentError(.unknown, "there is no incident \(order.incidentID); list them with GET /incidents"))
        }
        let action = IncidentTransitions.Action(order.command)
        if case .merge(let into) = order.command, into == order.incidentID {
            return .failure(IncidentError(.mergeIntoItself, "an incident cannot be merged into itself; name another one in `into`"))
        }
        guard IncidentTransitions.allows(action, in: state.status) else {
            return .failure(IncidentError(.invalidTransition, refusal(action, state)))
        }
        var event = IncidentLifecycleEvent(
            eventID: order.eventID, tenantID: order.tenantID, incidentID: order.incidentID, eventType: action.kind.rawValue,
            at: order.at, actor: order.actor, idempotencyKey: order.idempotencyKey)
        switch order.command {
        case .acknowledge: break
        case .assign(let assignee):
            guard assignee.count <= maxAssigneeLength else {
                return .failure(IncidentError(.badText, "an assignee's name has at most \(maxAssigneeLength) characters"))
            }
            event.assignee = assignee
        case .comment(let text):
            if let error = check(text, "a comment", isRequired: true) { return .failure(error) }
            event.text = text
        case .resolve(let reason), .reopen(let reason):
            if let error = check(reason, "a reason", isRequired: false) { return .failure(error) }
            event.text = reason
        case .merge(let into):
            guard let target, target.snapshot.tenantID == order.tenantID, target.snapshot.incidentID == into else {
                return .failure(IncidentError(.mergeTarget, "there is no incident \(into) to merge into"))
            }
            guard target.status.isActive else {
                let detail = "incident \(into) is \(target.status.rawValue): merge into one that is open or acknowledged"
                return .failure(IncidentError(.mergeTarget, detail))
            }
            event.mergedInto = into
        case .judge(let opinion):
            switch verdict(opinion, order, state) {
            case .success(let verdict):
                event.verdict = verdict
                event.text = verdict.reason
            case .failure(let error): return .failure(error)
            }
        case .split(let alarms, let sites, let reason):
            if let error = check(reason, "a reason", isRequired: false) { return .failure(error) }
            switch cut(alarms: alarms, sites: sites, into: IncidentLifecycleEvent.partID(ofSplit: order.eventID), state, members) {
            case .success(let cut): event.split = cut
            case .failure(let error): return .failure(error)
            }
            event.text = reason
        }
        return .success(event)
    }

    static func check(_ text: String, _ noun: String, isRequired: Bool) -> IncidentError? {
        if isRequired, text.allSatisfy(\.isWhitespace) { return IncidentError(.badText, "\(noun) needs at least one character") }
        if text.count > maxTextLength { return IncidentError(.badText, "\(noun) has at most \(maxTextLength) characters") }
        return nil
    }

    private static func refusal(_ action: IncidentTransitions.Action, _ state: IncidentState) -> String {
        let base = "cannot \(action.rawValue) an incident that is \(state.status.rawValue)"
        switch (action, state.status) {
        case (.acknowledge, .acknowledged): return "\(base) by \(state.acknowledgedBy ?? "somebody") already"
        case (_, .merged): return "\(base): it continues inside \(state.mergedInto?.description ?? "another one"); act there"
        case (.reopen, _): return "\(base): only a resolved or auto-closed one is reopened"
        default: return "\(base): reopen it first"
        }
    }
}
