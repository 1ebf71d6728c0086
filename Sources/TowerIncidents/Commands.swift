public import TowerModel

/// What a person may do to an incident. Each becomes a lifecycle event on the log once the aggregate accepts it.
public enum IncidentCommand: Sendable, Hashable {
    case acknowledge
    case assign(to: String)
    case comment(String)
    case resolve(reason: String)
    case reopen(reason: String)
    /// This incident continues inside that one.
    case merge(into: EventID)
    /// What the root cause was, or was not.
    case judge(CauseOpinion)
    /// These alarms, and everything of these sites, are another matter: they become an incident of their own.
    case split(alarms: [EventID], sites: [SiteID], reason: String)
}

/// A verdict on a root cause as a person gives it; who and when come from the order.
public struct CauseOpinion: Sendable, Hashable {
    public var word: CauseVerdict.Word
    /// Which candidate it is about; `nil` for the engine's first.
    public var candidate: CauseVerdict.Cause?
    /// For a correction: what it was.
    public var cause: CauseVerdict.Cause?
    public var reason: String
    public init(word: CauseVerdict.Word, candidate: CauseVerdict.Cause? = nil, cause: CauseVerdict.Cause? = nil, reason: String = "") {
        self.word = word
        self.candidate = candidate
        self.cause = cause
        self.reason = reason
    }
}
