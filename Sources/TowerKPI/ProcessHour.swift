import TowerModel

/// What people and platform did for one tenant in one hour, each thing in the hour in which it happened.
struct ProcessHour: Sendable {
    /// Minutes, by incident.
    var detected: [EventID: Double] = [:]
    var acknowledged: [EventID: Double] = [:]
    var restored: [EventID: Double] = [:]
    var opened: Set<EventID> = []
    var raisedAlarms: Set<EventID> = []

    /// Sums in order of the ids, so that every process adds the same numbers in the same order.
    static func measure(_ minutes: [EventID: Double]) -> Measure {
        var sum = 0.0
        for (_, value) in minutes.sorted(by: { $0.key < $1.key }) { sum += value }
        return Measure(sum: sum, weight: Double(minutes.count), eventCount: minutes.count)
    }
}
