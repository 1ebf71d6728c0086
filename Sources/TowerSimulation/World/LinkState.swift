/// Everything about one link that moves.
struct LinkState: Sendable {
    var isCut = false
    var cutFault: Int32 = -1
    /// The alarm that shows why it is cut, where there is one.
    var cutCause: EventReference?
    /// What the path loses now beyond clear air: rain, and an antenna that points elsewhere.
    var fadeDecibels: Double { rainDecibels + pointingDecibels }
    var rainDecibels = 0.0
    var pointingDecibels = 0.0
    var isFadedDown = false
    var stormFault: Int32 = -1
    var isUp = true
    /// Why it is down: the fault, and the event that shows the cause.
    var downFault: Int32 = -1
    var downCause: EventReference?
    /// What each end has told: child, parent.
    var reportedChild: EventReference?
    var reportedParent: EventReference?
    var levelLow: EventReference?
    var downshift: EventReference?
    var congestion: EventReference?
    var protectionLost: EventReference?
    /// Fault under which each of the alarms above was raised.
    var reportedFault: Int32 = -1
    /// Seconds of unavailability since the last reading.
    var unavailableSince: Double?
}
