public import TowerModel

/// Who is told what and when: a pure value that is fed the log in order and answers deliveries.
///
/// - Deterministic: the same changes at the same instants give the same deliveries, ids and texts included. Time is the log's:
///   `advance` is called with append times, and a deadline is handled at its own instant whenever it is noticed, so heartbeats
///   that a retention has dropped change nothing.
/// - Memory: incidents that are over and alarms are kept up to a bound, the oldest are forgotten first. `pending` holds what was
///   decided and has no outcome.
public struct NotificationRouter: Sendable {
    /// What it is told of the world.
    public struct Context: Sendable {
        /// Where a time zone stands at an instant, seconds east of Greenwich.
        public var offset: @Sendable (_ zone: String, _ at: Timestamp) -> Int
        /// Without a slash at its end; empty leaves links out.
        public var consoleURL: String
        /// What happened longer before it reached the log is history and told to nobody, seconds.
        public var newsSecondsMax: Double
        public init(
            offset: @escaping @Sendable (String, Timestamp) -> Int, consoleURL: String = "", newsSecondsMax: Double = 6 * 3600
        ) {
            self.offset = offset
            self.consoleURL = consoleURL
            self.newsSecondsMax = newsSecondsMax
        }
    }

    struct SiteFacts: Sendable {
        var name: String
        var region: String?
        var operators: [String]
    }

    /// What a message can be about.
    enum Subject: Hashable, Sendable {
        case incident(EventID)
        /// Site, object and type, so that an alarm that comes and goes is one.
        case alarm(String)
    }

    struct Tenant: Sendable {
        /// By rising id.
        var routes: [NotificationRoute] = []
        var followed: [Subject: Followed] = [:]
        /// Those that are over, the oldest first.
        var over: [Subject] = []
        var sites: [SiteID: SiteFacts] = [:]
    }

    /// Sites keep their events for a day while their link is down; an incident that rests on older ones only was imported.
    static let evidenceSecondsMax = 86_400.0
    static let overMax = 4000
    static let pendingMax = 10_000

    let context: Context
    var tenants: [TenantID: Tenant] = [:]
    var timers = TimerQueue()
    public internal(set) var now = Timestamp.distantPast
    /// Decided and without an outcome, by id.
    public internal(set) var pending: [EventID: NotificationDelivery] = [:]
    /// Deliveries decided so far.
    var decisions = 0

    public init(context: Context) { self.context = context }

    // MARK: What the log says

    public mutating func apply(_ change: RouteChange, at instant: Timestamp) -> [NotificationDelivery] {
        var made = advance(to: instant)
        switch change {
        case .saved(let tenant, let route):
            var own = tenants[tenant] ?? Tenant()
            own.routes.removeAll { $0.routeID == route.routeID }
            let place = own.routes.firstIndex { $0.routeID > route.routeID } ?? own.routes.count
            if own.routes.count < NotificationRoute.routesPerTenantMax { own.routes.insert(route, at: place) }
            tenants[tenant] = own
        case .deleted(let tenant, let id):
            tenants[tenant]?.routes.removeAll { $0.routeID == id }
            for subject in (tenants[tenant]?.followed ?? [:]).keys { tenants[tenant]?.followed[subject]?.told[id] = nil }
        case .test(let tenant, let id, let request):
            guard let route = tenants[tenant]?.routes.first(where: { $0.routeID == id }) else { break }
            made += keep([testDelivery(route, tenant, request)])
        }
        return made
    }

    public mutating func apply(site: Site) {
        tenants[site.tenantID, default: Tenant()].sites[site.siteID] = SiteFacts(
            name: site.name, region: site.region, operators: site.operators)
    }

    /// A delivery is over, whatever its outcome.
    public mutating func settle(_ deliveryID: EventID) { pending[deliveryID] = nil }

    /// Lets time pass: what was held back and what nobody acknowledged comes due, each at its own instant.
    public mutating func advance(to instant: Timestamp) -> [NotificationDelivery] {
        var made: [NotificationDelivery] = []
        while let timer = timers.next, timer.at <= instant {
            timers.removeNext()
            now = max(now, timer.at)
            made += keep(fire(timer))
        }
        now = max(now, instant)
        return made
    }

    mutating func keep(_ deliveries: [NotificationDelivery]) -> [NotificationDelivery] {
        deliveries.map { delivery in
            var delivery = delivery
            delivery.number = decisions
            decisions += 1
            // A full memory only means that a restart would not know of the rest; they are sent all the same.
            if pending.count < Self.pendingMax { pending[delivery.deliveryID] = delivery }
            return delivery
        }
    }

    // MARK: Matching

    /// Whether a route is about that: severity, and any of the sites by prefix, region and lessees.
    static func matches(
        _ match: NotificationRoute.Match, severity: Severity, sites: [SiteID], operators: [String], facts: [SiteID: SiteFacts]
    ) -> Bool {
        guard severity >= match.minimumSeverity else { return false }
        if !match.operators.isEmpty {
            let lessees = Set(operators).union(sites.flatMap { facts[$0]?.operators ?? [] })
            guard match.operators.contains(where: lessees.contains) else { return false }
        }
        guard !match.sitePrefix.isEmpty || !match.regions.isEmpty else { return true }
        return sites.contains { site in
            (match.sitePrefix.isEmpty || site.rawValue.hasPrefix(match.sitePrefix))
                && (match.regions.isEmpty || (facts[site]?.region).map(match.regions.contains) ?? false)
        }
    }
}

/// What an event of the routes' topic says.
public enum RouteChange: Sendable, Hashable {
    case saved(TenantID, NotificationRoute)
    case deleted(TenantID, EventID)
    /// Somebody tries a route; the last is the request's own id.
    case test(TenantID, EventID, request: EventID)
}
