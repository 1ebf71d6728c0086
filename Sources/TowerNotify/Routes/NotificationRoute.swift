public import TowerModel

/// Who is told what: a tenant's rule from incidents and alarms to a target.
public struct NotificationRoute: Sendable, Codable, Hashable {
    /// What it applies to. Empty lists and an empty prefix mean any.
    public struct Match: Sendable, Codable, Hashable {
        public var minimumSeverity: Severity
        public var kinds: [NotificationKind]
        /// An incident counts when one of its sites lies there.
        public var regions: [String]
        public var sitePrefix: String
        /// Lessees.
        public var operators: [String]
        /// Also incidents that are expected to end by themselves.
        public var includesWatching: Bool

        public init(
            minimumSeverity: Severity = .major, kinds: [NotificationKind] = [.opened, .escalated, .resolved], regions: [String] = [],
            sitePrefix: String = "", operators: [String] = [], includesWatching: Bool = false
        ) {
            self.minimumSeverity = minimumSeverity
            self.kinds = kinds
            self.regions = regions
            self.sitePrefix = sitePrefix
            self.operators = operators
            self.includesWatching = includesWatching
        }

        public init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: CodingKeys.self)
            let usual = Match()
            minimumSeverity = try container.decodeIfPresent(Severity.self, forKey: .minimumSeverity) ?? usual.minimumSeverity
            kinds = try container.decodeIfPresent([NotificationKind].self, forKey: .kinds) ?? usual.kinds
            regions = try container.decodeIfPresent([String].self, forKey: .regions) ?? []
            sitePrefix = try container.decodeIfPresent(String.self, forKey: .sitePrefix) ?? ""
            operators = try container.decodeIfPresent([String].self, forKey: .operators) ?? []
            includesWatching = try container.decodeIfPresent(Bool.self, forKey: .includesWatching) ?? false
        }

        enum CodingKeys: String, CodingKey {
            case minimumSeverity = "minimum_severity"
            case kinds, regions
            case sitePrefix = "site_prefix"
            case operators
            case includesWatching = "include_watching"
        }
    }

    /// The next to be told when nobody acknowledges.
    public struct Step: Sendable, Codable, Hashable {
        /// Counted from the step before it, the first from when the route was told of the incident.
        public var afterMinutes: Int
        public var target: NotificationTarget
        public init(afterMinutes: Int, target: NotificationTarget) {
            self.afterMinutes = afterMinutes
            self.target = target
        }
        enum CodingKeys: String, CodingKey {
            case afterMinutes = "after_minutes"
            case target
        }
    }

    public var routeID: EventID
    public var name: String
    public var isEnabled: Bool
    public var match: Match
    public var target: NotificationTarget
    /// At most one message per incident and kind in that time; what happens meanwhile is folded into the next. 0: none.
    public var throttleMinutes: Int
    public var quietHours: QuietHours?
    public var escalation: [Step]

    public init(
        routeID: EventID, name: String, isEnabled: Bool = true, match: Match = Match(), target: NotificationTarget,
        throttleMinutes: Int = 10, quietHours: QuietHours? = nil, escalation: [Step] = []
    ) {
        self.routeID = routeID
        self.name = name
        self.isEnabled = isEnabled
        self.match = match
        self.target = target
        self.throttleMinutes = throttleMinutes
        self.quietHours = quietHours
        self.escalation = escalation
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        // Callers do not name the id; the server does.
        routeID = try container.decodeIfPresent(EventID.self, forKey: .routeID) ?? EventID(high: 0, low: 0)
        name = try container.decode(String.self, forKey: .name)
        isEnabled = try container.decodeIfPresent(Bool.self, forKey: .isEnabled) ?? true
        match = try container.decodeIfPresent(Match.self, forKey: .match) ?? Match()
        target = try container.decode(NotificationTarget.self, forKey: .target)
        throttleMinutes = try container.decodeIfPresent(Int.self, forKey: .throttleMinutes) ?? 10
        quietHours = try container.decodeIfPresent(QuietHours.self, forKey: .quietHours)
        escalation = try container.decodeIfPresent([Step].self, forKey: .escalation) ?? []
    }

    enum CodingKeys: String, CodingKey {
        case routeID = "route_id"
        case name
        case isEnabled = "enabled"
        case match, target
        case throttleMinutes = "throttle_minutes"
        case quietHours = "quiet_hours"
        case escalation
    }

    /// As anybody may see it: without secrets.
    public var forReaders: NotificationRoute {
        var copy = self
        copy.changeTargets { $0 = $0.forReaders }
        return copy
    }

    /// Calls `body` with the target and those of the escalation, in order.
    public mutating func changeTargets(_ body: (inout NotificationTarget) throws -> Void) rethrows {
        try body(&target)
        for index in escalation.indices { try body(&escalation[index].target) }
    }
}
