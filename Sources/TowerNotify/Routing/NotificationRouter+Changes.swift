public import TowerIncidents
public import TowerModel

extension NotificationRouter {
    /// What an event did to an incident, as far as anybody is told of it.
    private enum Change { case began, worsened, updated, ended }

    /// An event of the lifecycle topic, the engine's or a person's.
    public mutating func apply(_ event: IncidentLifecycleEvent, at instant: Timestamp) -> [NotificationDelivery] {
        var made = advance(to: instant)
        let subject = Subject.incident(event.incidentID)
        let known = tenants[event.tenantID]?.followed[subject]
        guard var followed = known ?? Self.first(event) else { return made }
        let change: Change? = known == nil ? followed.isActive ? Change.began : nil : Self.fold(event, into: &followed)
        followed.isHistory = isHistory(event, known: known, isBeginning: change == .began, at: instant)
        if change != nil { followed.newest = event.eventID }
        if followed.isAcknowledged { followed.endRounds() }
        if !followed.isActive, change == .ended { followed.endRounds() } else if !followed.isActive { followed.stop() }
        if let change, change == .ended || !followed.isHistory {
            for route in tenants[event.tenantID]?.routes ?? [] where route.isEnabled {
                made += keep(decide(route, change, &followed, subject, event.tenantID))
            }
        }
        keep(followed, as: subject, event.tenantID)
        return made
    }

    /// Whether it is no news: the engine's clock stood in the past when it said so, or what it rests on was over long before it
    /// reached us, as events do that are imported or replayed. What was news once stays it.
    private func isHistory(
        _ event: IncidentLifecycleEvent, known: Followed?, isBeginning: Bool, at instant: Timestamp
    ) -> Bool {
        guard instant.seconds(since: event.at) <= context.newsSecondsMax else { return true }
        guard let snapshot = event.snapshot, isBeginning || known?.isHistory ?? true else { return false }
        let seen = snapshot.timeline.lazy.filter { $0.knowledge != .predicted }.map(\.at)
        guard let newest = seen.max() else { return false }
        return instant.seconds(since: newest) > Self.evidenceSecondsMax
    }

    /// Writes it back in place; what is over is remembered up to a bound.
    private mutating func keep(_ followed: Followed, as subject: Subject, _ tenant: TenantID) {
        let wasActive = tenants[tenant]?.followed[subject]?.isActive ?? true
        tenants[tenant, default: Tenant()].followed[subject] = followed
        guard !followed.isActive || !wasActive else { return }
        tenants[tenant]?.over.removeAll { $0 == subject }
        guard !followed.isActive else { return }
        tenants[tenant]?.over.append(subject)
        if (tenants[tenant]?.over.count ?? 0) > Self.overMax, let oldest = tenants[tenant]?.over.removeFirst() {
            tenants[tenant]?.followed[oldest] = nil
        }
    }

    private static func first(_ event: IncidentLifecycleEvent) -> Followed? {
        guard var state = IncidentState(first: event) else { return nil }
        state.snapshot = state.snapshot.trimmed
        return Followed(thing: .incident(state), newest: event.eventID)
    }

    /// `nil` when there is nothing to tell.
    private static func fold(_ event: IncidentLifecycleEvent, into followed: inout Followed) -> Change? {
        guard case .incident(var state) = followed.thing else { return nil }
        let before = state
        guard state.apply(event) == .applied else { return nil }
        state.snapshot = state.snapshot.trimmed
        followed.thing = .incident(state)
        switch (before.status.isActive, state.status.isActive) {
        case (true, false): return state.status == .merged ? nil : .ended
        case (false, false): return nil
        case (false, true): return .began
        case (true, true):
            // The engine found it worse than whoever acknowledged it knew: that is a new beginning.
            if event.kind == .reopened { return .began }
            guard event.snapshot != nil else { return nil }
            let isWorse =
                state.snapshot.severity > before.snapshot.severity || state.snapshot.needsPerson && !before.snapshot.needsPerson
            return isWorse ? .worsened : .updated
        }
    }

    private mutating func decide(
        _ route: NotificationRoute, _ change: Change, _ followed: inout Followed, _ subject: Subject, _ tenant: TenantID
    ) -> [NotificationDelivery] {
        guard case .incident(let state) = followed.thing else { return [] }
        let known = followed.told[route.routeID]
        if change == .ended {
            guard var told = known else { return [] }
            let isHeldOnly = told.newest == nil && told.held[.opened] != nil
            told.held = [:]
            followed.told[route.routeID] = told
            // Who was never told that it began, because it was quiet, is not told that it is over.
            guard !isHeldOnly, route.match.kinds.contains(.resolved) else { return [] }
            return emit(.resolved, route, &followed, subject, tenant)
        }
        let snapshot = state.snapshot
        guard snapshot.needsPerson || route.match.includesWatching,
            Self.matches(
                route.match, severity: snapshot.severity, sites: snapshot.affectedSites.map(\.siteID) + [snapshot.siteID],
                operators: snapshot.affectedOperators, facts: tenants[tenant]?.sites ?? [:])
        else { return [] }
        let isNew = known == nil || change == .began
        if isNew {
            var told = known ?? Followed.Told()
            told.round += 1
            followed.told[route.routeID] = told
            if let first = route.escalation.first, !followed.isAcknowledged {
                setStep(1, first, told.round, route, subject, tenant)
            }
        }
        let isWaiting = known.map { $0.newest == nil && $0.held[.opened] != nil } ?? false
        let wanted: [NotificationKind] =
            switch change {
            // Nobody was told yet: what lets this through, being critical, lets the beginning through.
            case _ where isWaiting: [.opened]
            case _ where isNew: known == nil && change == .worsened ? [.opened, .escalated] : [.opened]
            case .worsened: [.escalated, .updated]
            default: [.updated]
            }
        guard let kind = wanted.first(where: route.match.kinds.contains) else { return [] }
        return emit(kind, route, &followed, subject, tenant)
    }

    /// A state of an alarm: critical ones are told to the routes that ask for them.
    public mutating func apply(_ alarm: Alarm, at instant: Timestamp) -> [NotificationDelivery] {
        var made = advance(to: instant)
        let subject = Subject.alarm("\(alarm.siteID)|\(alarm.managedObject)|\(alarm.alarmType)")
        let known = tenants[alarm.tenantID]?.followed[subject]
        let isCritical = alarm.severity == .critical && alarm.state != .cleared
        guard known != nil || isCritical else { return made }
        let event = AlarmRevision.eventID(alarm)
        var followed = known ?? Followed(thing: .alarm(alarm), newest: event)
        followed.thing = .alarm(alarm)
        if !isCritical {
            // What was held back is dropped; what was told keeps its time, so that coming again is not told at once.
            followed.stop()
        } else if known.map({ !$0.isActive || $0.severity != .critical }) ?? true,
            instant.seconds(since: alarm.changedAt) <= context.newsSecondsMax
        {
            followed.newest = event
            for route in tenants[alarm.tenantID]?.routes ?? [] where route.isEnabled && route.match.kinds.contains(.alarmCritical) {
                guard
                    Self.matches(
                        route.match, severity: alarm.severity, sites: [alarm.siteID], operators: [],
                        facts: tenants[alarm.tenantID]?.sites ?? [:])
                else { continue }
                if followed.told[route.routeID] == nil { followed.told[route.routeID] = Followed.Told() }
                made += keep(emit(.alarmCritical, route, &followed, subject, alarm.tenantID))
            }
        }
        keep(followed, as: subject, alarm.tenantID)
        return made
    }
}
