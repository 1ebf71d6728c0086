import Testing
import TowerIncidents
import TowerModel

@testable import TowerNotify

/// A router that was written down and taken up again decides as if it had never stopped.
@Suite struct StateTests {
    private typealias Act = @Sendable (inout Script) -> Void

    private static let story: [Act] = [
        { $0.router.apply(site: Site(siteID: "SITE-1", tenantID: Script.tenant, name: "Hill Top", region: "north", operators: ["Zeta"])) },
        { $0.engine(.opened, .minor, 0) },
        { $0.engine(.updated, .minor, 1) },
        { $0.alarm(.raised, .critical, 2) },
        { $0.engine(.updated, .major, 3) },
        { _ = $0.router.apply(.test(Script.tenant, Script.routeID, request: EventID(high: 8, low: 1)), at: Script.at(4)) },
        { $0.alarm(.cleared, .critical, 5) },
        { $0.pass(11) },
        { if let first = $0.told.first { $0.router.settle(first.deliveryID) } },
        { $0.person(.acknowledged, 14) },
        { $0.engine(.resolved, .major, 20) },
        { $0.engine(.reopened, .critical, 25) },
        { $0.pass(70) },
        { _ = $0.router.apply(.deleted(Script.tenant, EventID(high: 9, low: 2)), at: Script.at(71)) },
        { $0.engine(.resolved, .critical, 80) },
    ]

    private static func script() -> Script {
        let quiet = QuietHours(from: "12:02", to: "12:20")
        return Script([
            Script.route(kinds: [.opened, .updated, .escalated, .resolved, .alarmCritical], steps: [15, 30]) { $0.match.regions = ["north"] },
            Script.route(2, kinds: [.opened, .updated, .resolved], throttle: 3, quiet: quiet) { $0.target = .mail(["ann@example.net"]) },
        ])
    }

    private static func bytes(_ router: NotificationRouter) -> [UInt8] {
        var writer = StateWriter()
        router.encode(into: &writer)
        return writer.take()
    }

    private static func restored(_ bytes: [UInt8]) throws -> NotificationRouter {
        var router = script().router
        router = NotificationRouter(context: router.context)
        var reader = StateReader(bytes)
        try router.restore(from: &reader)
        #expect(reader.isAtEnd)
        return router
    }

    @Test func noCutOfAStoryShows() throws {
        var whole = Self.script()
        for act in Self.story { act(&whole) }
        #expect(whole.told.count > 8)
        for cut in 0...Self.story.count {
            var script = Self.script()
            for act in Self.story[..<cut] { act(&script) }
            let before = Self.bytes(script.router)
            let pending = script.router.pending
            script.router = try Self.restored(before)
            #expect(Self.bytes(script.router) == before && script.router.pending == pending)
            for act in Self.story[cut...] { act(&script) }
            #expect(script.told == whole.told, "cut at \(cut)")
            #expect(Self.bytes(script.router) == Self.bytes(whole.router))
        }
    }

    @Test func whatIsLeftOutOfAStateWouldShow() {
        var script = Self.script()
        for act in Self.story[..<12] { act(&script) }
        // A field that is added to one of these needs a place in the state, and a new version of it.
        let fields = { (value: Any) in Mirror(reflecting: value).children.compactMap(\.label) }
        #expect(fields(script.router) == ["context", "tenants", "timers", "now", "pending", "decisions"])
        #expect(fields(NotificationRouter.Tenant()) == ["routes", "followed", "over", "sites"])
        #expect(script.router.tenants.values.first?.followed.values.first.map(fields) == ["thing", "newest", "told", "isHistory"])
        #expect(fields(Followed.Told()) == ["lastAt", "held", "newest", "round"])
        #expect(
            script.told.first.map(fields) == [
                "deliveryID", "tenantID", "routeID", "routeName", "kind", "step", "target", "incidentID", "alarmID", "siteID", "causeIDs",
                "decidedAt", "folded", "message", "number", "traceparent",
            ])
    }

    @Test func damagedBytesAreRefusedAndChangeNothing() throws {
        var script = Self.script()
        for act in Self.story[..<9] { act(&script) }
        let bytes = Self.bytes(script.router)
        for end in stride(from: 0, to: bytes.count, by: 131) {
            var router = script.router
            var reader = StateReader(Array(bytes[..<end]))
            #expect(throws: StateError.self) { try router.restore(from: &reader) }
            #expect(Self.bytes(router) == bytes)
        }
        var other = bytes
        other[0] = 99
        #expect(throws: StateError.self) { try Self.restored(other) }
    }
}
