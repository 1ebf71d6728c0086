import TowerModel

/// An event that has been made: enough to draw a causal edge from it.
struct EventReference: Sendable, Hashable {
    var eventID: EventID
    /// True time, before any clock skew.
    var milliseconds: Int64
}
