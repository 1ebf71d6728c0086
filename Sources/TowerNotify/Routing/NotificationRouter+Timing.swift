import TowerIncidents
public import TowerModel

extension NotificationRouter {
    /// Tells it now, or holds it back until the throttle and the quiet hours let it through.
    mutating func emit(
        _ kind: NotificationKind, _ route: NotificationRoute, _ followed: inout Followed, _ subject: Subject, _ tenant: TenantID
    ) -> [NotificationDelivery] {
        guard var told = followed.told[route.routeID] else { return [] }
        var at = now
        if let last = told.lastAt[kind] { at = max(at, last.adding(seconds: Double(route.throttleMinutes) * 60)) }
        if let end = quietEnd(route, followed, at: at) { at = end }
        guard at > now else {
            // What is told now holds everything that was held back.
            let folded = 1 + (told.held.removeValue(forKey: kind) ?? 0)
            followed.told[route.routeID] = told
            return deliver(kind, step: 0, route.target, folded: folded, route, &followed, subject, tenant)
        }
        if told.held[kind] == nil {
            timers.set(.init(at: at, tenant: tenant, subject: subject, route: route.routeID, kind: .held(kind)))
        }
        told.held[kind, default: 0] += 1
        followed.told[route.routeID] = told
        return []
    }

    /// When the quiet hours at `at` end; `nil` when they do not count: none, not then, or it is critical.
    private func quietEnd(_ route: NotificationRoute, _ followed: Followed, at: Timestamp) -> Timestamp? {
        guard followed.severity != .critical else { return nil }
        return route.quietHours?.end(at: at, offset: context.offset)
    }

    mutating func setStep(
        _ step: Int, _ next: NotificationRoute.Step, _ round: Int, _ route: NotificationRoute, _ subject: Subject, _ tenant: TenantID
    ) {
        timers.set(
            .init(
                at: now.adding(seconds: Double(next.afterMinutes) * 60), tenant: tenant, subject: subject, route: route.routeID,
                kind: .step(step, round: round)))
    }

    /// A deadline has come; `now` is its instant.
    mutating func fire(_ timer: TimerQueue.Timer) -> [NotificationDelivery] {
        guard var followed = tenants[timer.tenant]?.followed[timer.subject], var told = followed.told[timer.route],
            let route = tenants[timer.tenant]?.routes.first(where: { $0.routeID == timer.route }), route.isEnabled
        else { return [] }
        defer { tenants[timer.tenant]?.followed[timer.subject] = followed }
        switch timer.kind {
        case .held(let kind):
            guard let count = told.held.removeValue(forKey: kind) else { return [] }
            followed.told[timer.route] = told
            // Over, or not over any more, or told meanwhile by another message: nothing new to say.
            guard followed.isActive == (kind != .resolved), told.newest != followed.newest else { return [] }
            if let end = quietEnd(route, followed, at: now) {
                followed.told[timer.route]?.held[kind] = count
                timers.set(.init(at: end, tenant: timer.tenant, subject: timer.subject, route: timer.route, kind: timer.kind))
                return []
            }
            return deliver(kind, step: 0, route.target, folded: count, route, &followed, timer.subject, timer.tenant)
        case .step(let step, let round):
            guard told.round == round, followed.isActive, !followed.isAcknowledged, step <= route.escalation.count else { return [] }
            if let end = quietEnd(route, followed, at: now) {
                timers.set(.init(at: end, tenant: timer.tenant, subject: timer.subject, route: timer.route, kind: timer.kind))
                return []
            }
            if step < route.escalation.count {
                setStep(step + 1, route.escalation[step], round, route, timer.subject, timer.tenant)
            }
            return deliver(
                .unacknowledged, step: step, route.escalation[step - 1].target, folded: 1, route, &followed, timer.subject, timer.tenant)
        }
    }

    private func deliver(
        _ kind: NotificationKind, step: Int, _ target: NotificationTarget, folded: Int, _ route: NotificationRoute,
        _ followed: inout Followed, _ subject: Subject, _ tenant: TenantID
    ) -> [NotificationDelivery] {
        guard var told = followed.told[route.routeID] else { return [] }
        if step == 0 {
            told.lastAt[kind] = now
            told.newest = followed.newest
        }
        followed.told[route.routeID] = told
        let round = kind == .unacknowledged ? "/\(told.round)" : ""
        let id = EventID.derived(from: followed.newest, "notify/\(route.routeID)/\(kind.rawValue)/\(step)\(round)")
        let writer = MessageWriter(
            kind: kind, deliveryID: id, tenant: tenant, route: route, step: step, at: now, folded: folded,
            consoleURL: context.consoleURL, sites: tenants[tenant]?.sites ?? [:])
        var delivery = NotificationDelivery(
            deliveryID: id, tenantID: tenant, routeID: route.routeID, routeName: route.name, kind: kind, step: step, target: target,
            causeIDs: [followed.newest], decidedAt: now, folded: folded, message: writer.message(about: followed.thing))
        switch followed.thing {
        case .incident(let state):
            delivery.incidentID = state.snapshot.incidentID
            delivery.siteID = state.snapshot.siteID
        case .alarm(let alarm):
            delivery.incidentID = alarm.incidentID
            delivery.alarmID = alarm.alarmID
            delivery.siteID = alarm.siteID
        }
        return [delivery]
    }

    func testDelivery(_ route: NotificationRoute, _ tenant: TenantID, _ request: EventID) -> NotificationDelivery {
        let id = Self.testDeliveryID(request)
        let writer = MessageWriter(
            kind: .test, deliveryID: id, tenant: tenant, route: route, step: 0, at: now, folded: 1, consoleURL: context.consoleURL, sites: [:])
        return NotificationDelivery(
            deliveryID: id, tenantID: tenant, routeID: route.routeID, routeName: route.name, kind: .test, step: 0, target: route.target,
            causeIDs: [request], decidedAt: now, folded: 1, message: writer.testMessage())
    }

    /// Id of the delivery that a test comes to.
    public static func testDeliveryID(_ request: EventID) -> EventID { .derived(from: request, "notify/test") }
}
