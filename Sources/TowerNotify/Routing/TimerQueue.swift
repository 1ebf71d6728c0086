import TowerModel

/// Deadlines in order of their instant, equal ones in the order they were set.
struct TimerQueue: Sendable {
    struct Timer: Sendable {
        enum Kind: Sendable {
            /// Tell what was held back.
            case held(NotificationKind)
            /// Step of an escalation, from 1, in its round.
            case step(Int, round: Int)
        }
        var at: Timestamp
        var tenant: TenantID
        var subject: NotificationRouter.Subject
        var route: EventID
        var kind: Kind
    }

    /// The last is due first: deadlines are mostly set behind the others, and those are inserted near the front.
    private var timers: [Timer] = []
    private static let timersMax = 200_000

    init() {}

    /// - Parameter timers: as `all` gave them.
    init(_ timers: [Timer]) { self.timers = timers }

    var next: Timer? { timers.last }
    /// The last is due first.
    var all: [Timer] { timers }

    mutating func removeNext() { timers.removeLast() }

    mutating func set(_ timer: Timer) {
        guard timers.count < Self.timersMax else { return }
        var low = 0
        var high = timers.count
        while low < high {
            let middle = (low + high) / 2
            if timers[middle].at > timer.at { low = middle + 1 } else { high = middle }
        }
        timers.insert(timer, at: low)
    }
}
