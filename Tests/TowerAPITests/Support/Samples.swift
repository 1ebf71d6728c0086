import TowerModel
import TowerNotify
import TowerStores

/// Views with every member filled, so that encoding them shows every name.
enum Samples {
    static let at = Timestamp("2026-01-15T03:07:00.000Z") ?? Timestamp(microseconds: 0)

    static func id(_ low: UInt64, high: UInt64 = 1) -> EventID { EventID(high: high, low: low) }

    static func autonomy(_ site: String) -> AutonomyForecast {
        AutonomyForecast(
            siteID: SiteID(site), at: at, minutesP10: 31, minutesP50: 42, minutesP90: 55, endsWith: "lvd1", busVolts: 48.1,
            batteryAmps: -61.5, stateOfCharge: 0.62, eventIDs: [id(901)], second: (90, 110, 140))
    }

    static func site(_ id: String, tenant: String, note: String = "", state: SiteState = .inService) -> SiteView {
        let site = Site(
            siteID: SiteID(id), tenantID: TenantID(tenant), name: "\(id) \(note)", latitude: 5.35, longitude: -4.01,
            region: "\(note)-region",
            timezone: "Africa/Abidjan", operators: ["alpha"], gridClass: "C", feederID: "F-12", isHub: true, loadKilowatts: 2.4,
            battery: .init(strings: 2, ampHours: 200, chemistry: "vrla", installed: "2023-05-01"),
            generator: .init(kva: 20, tankLitres: 500), solarKilowattsPeak: 3)
        return SiteView(
            site: site, state: state, stateReason: "grid lost 02:14", stateSince: at, severity: .major, activeAlarms: 2,
            incidentID: Samples.id(1), incidentNumber: "INC-1", autonomy: autonomy(id), lastEventAt: at, dependents: 3,
            latest: [LatestValue(metric: "power.dc.bus_v", value: 48.1, at: at)])
    }

    static func alarm(
        _ id: EventID, site: String, tenant: String, note: String = "", state: Alarm.State = .raised, at: Timestamp = at
    )
        -> AlarmView
    {
        AlarmView(
            alarm: Alarm(
                alarmID: id, tenantID: TenantID(tenant), siteID: SiteID(site), managedObject: "dg", alarmType: "dg.start_failed",
                probableCause: 561, severity: .critical, state: state, raisedAt: at, changedAt: at,
                clearedAt: at, occurrences: 2, isFlapping: false, source: .reported, text: note,
                incidentID: Samples.id(1), eventIDs: [Samples.id(901)]), siteName: note, incidentNumber: "INC-1")
    }

    static func incident(
        _ id: EventID, number: String, site: String, tenant: String, note: String = "", status: IncidentView.Status = .open,
        affected: [String] = []
    ) -> IncidentView {
        let evidence = IncidentSnapshot.Evidence(text: note, at: at, likelihoodRatio: 12, eventIDs: [Samples.id(901)])
        let snapshot = IncidentSnapshot(
            incidentID: id, tenantID: TenantID(tenant), revision: 3, status: .open, mergedInto: Samples.id(2),
            severity: .critical,
            openedAt: at, onsetAt: at, updatedAt: at, resolvedAt: at, needsPerson: true, pagesAt: at, title: note,
            explanation: note,
            reason: "opened", siteID: SiteID(site),
            affectedSites: ([site] + affected).map {
                .init(siteID: SiteID($0), impact: .root, since: at, expectedAt: at, operators: ["alpha"])
            },
            affectedOperators: ["alpha"],
            rootCauseCandidates: [
                .init(
                    siteID: site, managedObject: "dg", condition: "dg.start_failed", eventType: "dg.start_failed",
                    label: "Generator",
                    probability: 0.91, evidenceFor: [evidence], evidenceAgainst: [evidence], missing: [evidence])
            ],
            timeline: [
                .init(
                    nodeID: "n1", lane: .generator, condition: "dg.start_failed", label: "Start failed", siteID: site,
                    managedObject: "dg",
                    knowledge: .predicted, at: at, earliest: at, latest: at, isRoot: true, isTrigger: false, count: 1,
                    eventIDs: [Samples.id(901)])
            ], edges: [.init(from: "n0", to: "n1", lagSeconds: 12)], autonomy: [autonomy(site)],
            actions: [.init(text: "Start the generator", detail: "remote start", kind: .remote)], eventIDs: [Samples.id(901)],
            alarmIDs: [Samples.id(11)], alarmCount: 1)
        return IncidentView(
            number: number, snapshot: snapshot, status: status, acknowledgedBy: "ama", acknowledgedAt: at, assignee: "ama",
            siteName: note, mergedInto: Samples.id(2), mergedBy: "ama",
            verdict: CauseVerdict(
                word: .corrected, candidate: .init(siteID: site, managedObject: "dg", condition: "dg.start_failed", label: "Generator"),
                cause: .init(siteID: site, managedObject: "fuel", condition: "fuel.exhausted", label: note), reason: note, actor: "ama", at: at),
            cuts: [IncidentCut(into: Samples.id(3), alarmIDs: [Samples.id(12)], siteIDs: [SiteID(site)], eventIDs: [Samples.id(902)])],
            splitFrom: Samples.id(4),
            history: [.init(eventID: Samples.id(901), eventType: "incident.opened", at: at, actor: "engine", text: note)])
    }

    /// With every member that there is; no real route has all of them.
    static func route(_ id: EventID = Samples.id(31), note: String = "") -> NotificationRoute {
        var target = NotificationTarget(channel: .webhook, url: "https://example.net/hook", secret: "s", to: ["a@example.net"])
        target.hasSecret = true
        return NotificationRoute(
            routeID: id, name: "route \(note)",
            match: .init(kinds: [.opened], regions: ["north"], sitePrefix: "S", operators: ["Zeta"], includesWatching: true),
            target: target, quietHours: QuietHours(from: "22:00", to: "06:00"), escalation: [.init(afterMinutes: 15, target: target)])
    }

    static func outcome(note: String = "", tenant: TenantID = "t") -> NotificationOutcome {
        let delivery = NotificationDelivery(
            deliveryID: id(41), tenantID: tenant, routeID: id(31), routeName: "route \(note)", kind: .opened, step: 1,
            target: .webhook("https://example.net/hook"), incidentID: id(1), alarmID: id(11), siteID: "S", causeIDs: [id(800)],
            decidedAt: at, folded: 2, message: NotificationMessage(subject: "Subject \(note)", text: "", json: []))
        return NotificationOutcome(delivery, isSent: false, attempts: 3, reason: "webhook.status", detail: "it answered 410", at: at)
    }

    static func platform() -> PlatformView {
        PlatformView(
            acceptedPerSecond: 120, acceptedTotal: 1000, duplicatesTotal: 3, rejectedTotal: 1,
            appendSyncMs: .init(p50: 0.8, p99: 4, count: 100), eventToDecisionMs: .init(p50: 12, p99: 80, count: 90),
            decisionHistogram: [[10, 4], [100, 5]], deadLetters24h: 1, sitesSilent: 2, liveClients: 1, startedAt: at,
            version: "0.1.0")
    }
}
