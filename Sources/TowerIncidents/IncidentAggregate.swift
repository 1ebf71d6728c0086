import TowerModel

/// An incident with its history: the fold over all its lifecycle events, in log order.
///
/// Duplicates by event id have no effect, older revisions of the engine neither, events of unknown types are passed over.
public struct IncidentAggregate: Sendable, Hashable {
    public private(set) var state: IncidentState?
    /// Events with an effect and notes, oldest first in log order.
    public private(set) var history: [IncidentLifecycleEvent] = []
    private var seen: Set<EventID> = []

    public init() {}

    public init(folding events: some Sequence<IncidentLifecycleEvent>) {
        for event in events { apply(event) }
    }

    @discardableResult
    public mutating func apply(_ event: IncidentLifecycleEvent) -> IncidentState.Effect {
        guard !seen.contains(event.eventID) else { return .ignored }
        let effect: IncidentState.Effect
        if state == nil {
            state = IncidentState(first: event)
            effect = state == nil ? .ignored : .applied
        } else {
            effect = state?.apply(event) ?? .ignored
        }
        if effect != .ignored {
            seen.insert(event.eventID)
            history.append(event)
        }
        return effect
    }
}
