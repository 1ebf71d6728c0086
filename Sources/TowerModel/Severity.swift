/// X.733 perceived severity. Compare by `rank`: the standard's own numbers are not in order of badness.
public enum Severity: String, Sendable, Codable, CaseIterable, Comparable {
    case cleared, indeterminate, warning, minor, major, critical

    /// 0 (cleared) to 5 (critical). `indeterminate` ranks below `warning`: nothing is known to be wrong.
    public var rank: Int {
        switch self {
        case .cleared: 0
        case .indeterminate: 1
        case .warning: 2
        case .minor: 3
        case .major: 4
        case .critical: 5
        }
    }

    public static func < (left: Self, right: Self) -> Bool { left.rank < right.rank }
}

/// What a site is to the people who depend on it. One value per site at an instant.
public enum SiteState: String, Sendable, Codable, CaseIterable {
    /// Serving, nothing to say.
    case inService = "in_service"
    /// Serving; something deserves a look.
    case watch
    /// Serving from its battery.
    case onBattery = "on_battery"
    /// Serving in part.
    case degraded
    /// Not serving.
    case down
    /// Its controller is silent: we do not know. Never shown as down.
    case blind
}
