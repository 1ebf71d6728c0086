import TowerIncidents
import TowerModel

@testable import TowerNotify

/// A story of one tenant, minute by minute, and what a router makes of it.
struct Script {
    static let tenant = TenantID("acme")
    static let start = Timestamp("2026-01-15T12:00:00.000Z") ?? Timestamp(microseconds: 0)
    static let incident = EventID(high: 1, low: 7)
    static let routeID = EventID(high: 9, low: 1)

    var router: NotificationRouter
    private(set) var told: [NotificationDelivery] = []
    private var revision = 0

    /// - Parameter zoneHours: every zone but UTC is so many hours east.
    init(_ routes: [NotificationRoute], zoneHours: Int = 0) {
        router = NotificationRouter(
            context: .init(offset: { zone, _ in zone == "UTC" ? 0 : zoneHours * 3600 }, consoleURL: "https://noc.example.net"))
        for route in routes { _ = router.apply(.saved(Self.tenant, route), at: Self.start.adding(seconds: -3600)) }
    }

    static func at(_ minute: Double) -> Timestamp { start.adding(seconds: minute * 60) }

    static func route(
        _ id: UInt64 = 1, kinds: [NotificationKind] = [.opened, .escalated, .resolved], severity: Severity = .minor,
        throttle: Int = 10, quiet: QuietHours? = nil, steps: [Int] = [], change: (inout NotificationRoute) -> Void = { _ in }
    ) -> NotificationRoute {
        var route = NotificationRoute(
            routeID: EventID(high: 9, low: id), name: "night shift",
            match: .init(minimumSeverity: severity, kinds: kinds), target: .webhook("https://example.net/hook"),
            throttleMinutes: throttle, quietHours: quiet,
            escalation: steps.map { .init(afterMinutes: $0, target: .mail(["lead@example.net"])) })
        change(&route)
        return route
    }

    /// The engine's next revision.
    @discardableResult
    mutating func engine(
        _ kind: IncidentLifecycleEvent.Kind, _ severity: Severity = .major, _ minute: Double, needsPerson: Bool = true,
        tenant: TenantID = Script.tenant, arrives: Double? = nil, change: (inout IncidentSnapshot) -> Void = { _ in }
    ) -> [NotificationDelivery] {
        revision += 1
        var snapshot = IncidentSnapshot(
            incidentID: Self.incident, tenantID: tenant, revision: revision, status: kind == .resolved ? .resolved : .open,
            severity: severity, openedAt: Self.at(0), onsetAt: Self.at(-3), updatedAt: Self.at(minute), needsPerson: needsPerson,
            title: "Grid lost at Hill Top", explanation: "The feeder failed; the site runs from its battery.", reason: "opened",
            siteID: "SITE-1", affectedSites: [.init(siteID: "SITE-1", impact: .root, operators: ["Zeta"])], affectedOperators: ["Zeta"])
        if kind == .merged { snapshot.status = .merged }
        change(&snapshot)
        return note(router.apply(.engine(kind, snapshot), at: Self.at(arrives ?? minute)))
    }

    @discardableResult
    mutating func person(_ kind: IncidentLifecycleEvent.Kind, _ minute: Double) -> [NotificationDelivery] {
        let event = IncidentLifecycleEvent(
            eventID: EventID(high: 5, low: UInt64(minute * 60) + 1000), tenantID: Self.tenant, incidentID: Self.incident,
            eventType: kind.rawValue, at: Self.at(minute), actor: "ann", text: "seen")
        return note(router.apply(event, at: Self.at(minute)))
    }

    @discardableResult
    mutating func alarm(_ state: Alarm.State, _ severity: Severity, _ minute: Double, id: UInt64 = 1, arrives: Double? = nil) -> [NotificationDelivery] {
        note(
            router.apply(
                Alarm(
                    alarmID: EventID(high: 3, low: id), tenantID: Self.tenant, siteID: "SITE-1", managedObject: "dg", alarmType: "dg.start_failed",
                    probableCause: nil, severity: severity, state: state, raisedAt: Self.at(minute), changedAt: Self.at(minute),
                    text: "did not start", eventIDs: [EventID(high: 4, low: id)]), at: Self.at(arrives ?? minute)))
    }

    @discardableResult
    mutating func pass(_ minute: Double) -> [NotificationDelivery] { note(router.advance(to: Self.at(minute))) }

    private mutating func note(_ made: [NotificationDelivery]) -> [NotificationDelivery] {
        told += made
        return made
    }

    /// `10 incident.opened`, `25 incident.unacknowledged/1 x3`: minute, kind, step and folded changes where there are some.
    var lines: [String] {
        told.map { delivery in
            let minute = Int(delivery.decidedAt.seconds(since: Self.start) / 60)
            return "\(minute) \(delivery.kind.rawValue)" + (delivery.step > 0 ? "/\(delivery.step)" : "")
                + (delivery.folded > 1 ? " x\(delivery.folded)" : "")
        }
    }
}
