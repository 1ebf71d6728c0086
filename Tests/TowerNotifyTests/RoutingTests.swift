import Testing
import TowerIncidents
import TowerModel

@testable import TowerNotify

@Suite struct RoutingTests {
    @Test func anIncidentIsToldWhenItBeginsWorsensAndEnds() {
        var script = Script([Script.route()])
        script.engine(.opened, .minor, 0)
        script.engine(.updated, .minor, 2)
        script.engine(.updated, .critical, 4)
        script.engine(.updated, .critical, 5)
        script.engine(.resolved, .critical, 30)
        #expect(script.lines == ["0 incident.opened", "4 incident.escalated", "30 incident.resolved"])
    }

    @Test func updatesAreFoldedWhileTheThrottleHolds() {
        var script = Script([Script.route(kinds: [.opened, .updated])])
        script.engine(.opened, .major, 0)
        script.engine(.updated, .major, 1)
        for minute in [2.0, 3, 4] { script.engine(.updated, .major, minute) }
        script.pass(10)
        script.pass(60)
        // The first update is told at once, the next three together when ten minutes have passed since then.
        #expect(script.lines == ["0 incident.opened", "1 incident.updated", "11 incident.updated x3"])
        #expect(script.told[2].message.text.contains("3 changes since the last message"))
    }

    @Test func whatIsOverWhenTheThrottleEndsIsNotTold() {
        var script = Script([Script.route(kinds: [.opened, .updated, .resolved])])
        script.engine(.opened, .major, 0)
        script.engine(.updated, .major, 1)
        script.engine(.updated, .major, 2)
        script.engine(.resolved, .major, 5)
        script.pass(60)
        #expect(script.lines == ["0 incident.opened", "1 incident.updated", "5 incident.resolved"])
    }

    @Test func theSameKindAgainInTheThrottleWaits() {
        var script = Script([Script.route(throttle: 15)])
        script.engine(.opened, .major, 0)
        script.engine(.resolved, .major, 3)
        script.engine(.reopened, .major, 5)
        script.engine(.resolved, .major, 7)
        script.engine(.reopened, .major, 9)
        script.pass(60)
        // The second end is over by the time it could be told; the second beginning, twice folded, is not.
        #expect(script.lines == ["0 incident.opened", "3 incident.resolved", "15 incident.opened"])
    }

    @Test(arguments: [
        // Minute 0 is 12:00 UTC. Zone hours, quiet from and to, severity, when it is told.
        (0, "11:00", "13:00", Severity.major, 60), (0, "11:00", "13:00", .critical, 0), (0, "12:00", "12:30", .major, 30),
        (0, "11:00", "12:00", .major, 0), (10, "21:00", "06:00", .major, 480), (10, "06:00", "21:00", .major, 0),
        (-6, "22:00", "07:00", .major, 60), (0, "12:00", "12:00", .major, 0),
    ])
    func quietHoursHoldWhatIsNotCritical(zone: Int, from: String, to: String, severity: Severity, minute: Int) {
        let hours = QuietHours(from: from, to: to, timezone: "Somewhere/Else")
        var script = Script([Script.route(quiet: hours)], zoneHours: zone)
        script.engine(.opened, severity, 0)
        script.pass(24 * 60)
        #expect(script.lines == ["\(minute) incident.opened"])
    }

    @Test func whatEndsInTheQuietHoursIsNeverTold() {
        var script = Script([Script.route(quiet: QuietHours(from: "11:00", to: "14:00"))])
        script.engine(.opened, .major, 0)
        script.engine(.resolved, .major, 20)
        script.pass(600)
        #expect(script.lines == [])
    }

    @Test func becomingCriticalEndsTheQuiet() {
        var script = Script([Script.route(kinds: [.opened], quiet: QuietHours(from: "11:00", to: "14:00"))])
        script.engine(.opened, .major, 0)
        script.engine(.updated, .critical, 20)
        script.pass(600)
        #expect(script.lines == ["20 incident.opened x2"])
    }

    @Test func escalationGoesOnUntilSomebodyAcknowledges() {
        var script = Script([Script.route(kinds: [.opened], steps: [15, 30, 60])])
        script.engine(.opened, .major, 0)
        script.pass(20)
        script.pass(44)
        script.pass(46)
        script.person(.acknowledged, 50)
        script.pass(600)
        #expect(script.lines == ["0 incident.opened", "15 incident.unacknowledged/1", "45 incident.unacknowledged/2"])
        #expect(script.told.map(\.target.channel) == [.webhook, .mail, .mail])
    }

    @Test(arguments: [IncidentLifecycleEvent.Kind.acknowledged, .resolved])
    func aPersonStopsTheEscalation(kind: IncidentLifecycleEvent.Kind) {
        var script = Script([Script.route(kinds: [.opened], steps: [15])])
        script.engine(.opened, .major, 0)
        script.person(kind, 14)
        script.pass(600)
        #expect(script.lines == ["0 incident.opened"])
    }

    @Test func aCommentStopsNothing() {
        var script = Script([Script.route(kinds: [.opened], steps: [15])])
        script.engine(.opened, .major, 0)
        script.person(.commented, 5)
        script.pass(600)
        #expect(script.lines == ["0 incident.opened", "15 incident.unacknowledged/1"])
    }

    @Test func newEvidenceAfterAnAcknowledgementBeginsAnew() {
        var script = Script([Script.route(kinds: [.opened], throttle: 0, steps: [15])])
        script.engine(.opened, .major, 0)
        script.person(.acknowledged, 10)
        script.engine(.reopened, .major, 20)
        script.pass(600)
        #expect(script.lines == ["0 incident.opened", "20 incident.opened", "35 incident.unacknowledged/1"])
    }

    @Test func whatIsMergedIsToldElsewhere() {
        var script = Script([Script.route(steps: [15])])
        script.engine(.opened, .major, 0)
        script.engine(.merged, .major, 5)
        script.pass(600)
        #expect(script.lines == ["0 incident.opened"])
    }

    @Test func whatIsExpectedToEndByItselfWaitsUntilItIsAPersons() {
        var script = Script([Script.route(), Script.route(2) { $0.match.includesWatching = true }])
        script.engine(.opened, .major, 0, needsPerson: false)
        script.engine(.updated, .major, 10, needsPerson: true)
        #expect(script.told.map { "\($0.kind.rawValue) \($0.routeID.low)" } == ["incident.opened 2", "incident.opened 1", "incident.escalated 2"])
    }

    @Test(arguments: [
        (NotificationRoute.Match(minimumSeverity: .major), true), (.init(minimumSeverity: .critical), false),
        (.init(minimumSeverity: .minor, sitePrefix: "SITE-"), true), (.init(minimumSeverity: .minor, sitePrefix: "NORTH-"), false),
        (.init(minimumSeverity: .minor, regions: ["north"]), true), (.init(minimumSeverity: .minor, regions: ["south"]), false),
        (.init(minimumSeverity: .minor, operators: ["Zeta"]), true), (.init(minimumSeverity: .minor, operators: ["Yota"]), false),
        (.init(minimumSeverity: .minor, regions: ["north"], sitePrefix: "SITE-2"), false),
    ] as [(NotificationRoute.Match, Bool)])
    func aRouteHearsOnlyWhatItMatches(match: NotificationRoute.Match, isTold: Bool) {
        var script = Script([Script.route { $0.match = match }])
        script.router.apply(site: Site(siteID: "SITE-1", tenantID: Script.tenant, name: "Hill Top", region: "north"))
        script.router.apply(site: Site(siteID: "SITE-2", tenantID: Script.tenant, name: "Valley", region: "south"))
        script.engine(.opened, .major, 0)
        #expect(script.lines == (isTold ? ["0 incident.opened"] : []))
    }

    @Test func aDisabledOrDeletedRouteTellsNothing() {
        var script = Script([Script.route { $0.isEnabled = false }])
        script.engine(.opened, .major, 0)
        var other = Script([Script.route(kinds: [.opened], steps: [15])])
        other.engine(.opened, .major, 0)
        _ = other.router.apply(.deleted(Script.tenant, Script.routeID), at: Script.at(5))
        other.pass(600)
        #expect(script.lines == [] && other.lines == ["0 incident.opened"])
    }

    @Test func tenantsHearOnlyTheirOwn() {
        var script = Script([Script.route(severity: .warning)])
        script.engine(.opened, .critical, 0, tenant: "rival")
        #expect(script.lines == [])
    }

    @Test func aCriticalAlarmIsToldOnceThoughItFlaps() {
        var script = Script([Script.route(kinds: [.alarmCritical])])
        script.alarm(.raised, .major, 0)
        script.alarm(.changed, .critical, 1)
        script.alarm(.changed, .critical, 2)
        script.alarm(.cleared, .critical, 3)
        script.alarm(.raised, .critical, 4, id: 2)
        script.alarm(.cleared, .critical, 5, id: 2)
        script.alarm(.raised, .critical, 6, id: 3)
        script.pass(60)
        // The last of the flapping is still there when the throttle ends.
        #expect(script.lines == ["1 alarm.critical", "11 alarm.critical"])
        #expect(script.told[0].alarmID == EventID(high: 3, low: 1) && script.told[1].alarmID == EventID(high: 3, low: 3))
    }

    @Test func theSameLogCutOtherwiseDecidesTheSame() {
        func run(_ extra: [Double]) -> [NotificationDelivery] {
            var script = Script([
                Script.route(kinds: NotificationKind.selectable, quiet: QuietHours(from: "12:20", to: "12:50"), steps: [15, 20]),
                Script.route(2, kinds: NotificationKind.selectable, steps: [7]),
            ])
            var beats = extra[...]
            func beat(_ until: Double) { while let first = beats.first, first < until { script.pass(beats.removeFirst()) } }
            for (minute, severity) in [(0.0, Severity.minor), (5, .minor), (6, .major), (21, .major), (23, .major), (70, .critical)] {
                beat(minute)
                script.engine(minute == 0 ? .opened : .updated, severity, minute)
            }
            beat(400)
            script.pass(400)
            return script.told
        }
        let once = run([])
        #expect(once.count > 6)
        #expect(run((0..<4000).map { Double($0) / 10 }) == once)
        #expect(Set(once.map(\.deliveryID)).count == once.count)
    }

    @Test func whatHasAnOutcomeIsNotPending() {
        var script = Script([Script.route()])
        let made = script.engine(.opened, .major, 0)
        #expect(Set(script.router.pending.keys) == Set(made.map(\.deliveryID)))
        script.router.settle(made[0].deliveryID)
        #expect(script.router.pending.isEmpty)
    }

    @Test func aTestGoesOutAtOnceWhateverTheRouteHolds() {
        var script = Script([Script.route(quiet: QuietHours(from: "00:00", to: "23:59"))])
        let request = EventID(high: 8, low: 8)
        let made = script.router.apply(.test(Script.tenant, Script.routeID, request: request), at: Script.at(0))
        #expect(made.map(\.kind) == [.test] && made[0].deliveryID == NotificationRouter.testDeliveryID(request))
        #expect(script.router.apply(.test("rival", Script.routeID, request: request), at: Script.at(1)).isEmpty)
    }
}
