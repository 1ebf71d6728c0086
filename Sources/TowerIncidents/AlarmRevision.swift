public import TowerModel

/// Order among the states of one alarm, so that a state met again after a newer one has no effect.
public enum AlarmRevision {
    /// Whether `new` replaces `known`, a state of the same alarm.
    ///
    /// A later change wins. A clear that tells of an earlier instant still clears (field events arrive late), but nothing
    /// earlier undoes a clear.
    public static func supersedes(_ new: Alarm, changedAt known: Timestamp, isCleared: Bool) -> Bool {
        new.changedAt >= known || (new.state == .cleared && !isCleared)
    }

    /// Id of the event that tells of this state: the same state is the same event.
    public static func eventID(_ alarm: Alarm) -> EventID {
        let incident = alarm.incidentID?.description ?? "-"
        let newest = alarm.eventIDs.last?.description ?? "-"
        let parts = [
            alarm.state.rawValue, "\(alarm.changedAt.microseconds)", "\(alarm.occurrences)", alarm.severity.rawValue,
            alarm.isFlapping ? "1" : "0", incident, newest,
        ]
        return .derived(from: alarm.alarmID, parts.joined(separator: "/"))
    }
}
