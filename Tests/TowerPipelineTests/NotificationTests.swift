import Synchronization
import Testing
import TowerIncidents
import TowerModel
import TowerNotify
import TowerPipeline
import TowerStreaming

/// A receiver that answers what it is told to and remembers what came.
final class ScriptedSender: NotificationSending {
    private let state = Mutex<(came: [NotificationDelivery], isHeld: Bool)>(([], false))
    private let answer: @Sendable (NotificationDelivery, Int) -> DeliveryAttempt

    /// - Parameter answer: to a delivery at its nth try, from 1.
    init(_ answer: @escaping @Sendable (NotificationDelivery, Int) -> DeliveryAttempt = { _, _ in .sent(detail: "ok") }) { self.answer = answer }

    var came: [NotificationDelivery] { state.withLock { $0.came } }
    func hold(_ isHeld: Bool) { state.withLock { $0.isHeld = isHeld } }

    func send(_ delivery: NotificationDelivery) async -> DeliveryAttempt {
        let attempt = state.withLock { state in
            state.came.append(delivery)
            return state.came.count { $0.deliveryID == delivery.deliveryID }
        }
        while state.withLock({ $0.isHeld }), !Task.isCancelled { await Task.yield() }
        return answer(delivery, attempt)
    }
}

@Suite(.timeLimit(.minutes(10))) struct NotificationTests {
    static let tenant = TenantID("acme")

    static func route(_ id: UInt64, _ change: (inout NotificationRoute) -> Void = { _ in }) -> NotificationRoute {
        var route = NotificationRoute(
            routeID: EventID(high: 9, low: id), name: "route \(id)",
            match: .init(minimumSeverity: .minor, kinds: [.opened, .updated, .resolved]), target: .webhook("https://example.net/\(id)"), throttleMinutes: 0)
        change(&route)
        return route
    }

    static func record(_ change: RouteChange, tenant: TenantID = tenant, id: EventID = EventID(high: 2, low: 2)) throws -> Record {
        Record(
            topic: Topic.routes(tenant: tenant.rawValue), key: nil,
            value: try NotificationRecords.event(change, id: id, actor: "ann", at: World.base))
    }

    static func record(
        _ kind: IncidentLifecycleEvent.Kind, _ revision: Int, incident: UInt64 = 1, tenant: TenantID = tenant
    ) throws -> Record {
        let snapshot = IncidentSnapshot(
            incidentID: EventID(high: 1, low: incident), tenantID: tenant, revision: revision, status: kind == .resolved ? .resolved : .open,
            severity: .major, openedAt: World.base, onsetAt: World.base, updatedAt: World.at(revision), needsPerson: true, title: "Grid lost",
            explanation: "It is", reason: "r", siteID: SiteID("S-1"))
        return try LifecycleCodec.record(.engine(kind, snapshot), site: "S-1")
    }

    static func outbox(_ world: World, _ sender: ScriptedSender, log: (any EventLog)? = nil, now: Timestamp = World.base) -> NotificationOutbox {
        NotificationOutbox(log: log ?? world.log, sender: sender, clock: { now }, time: World.instant)
    }

    static func processor(_ world: World, _ outbox: NotificationOutbox, _ plan: CheckpointPlan? = nil) -> NotificationProcessor {
        NotificationProcessor(
            router: NotificationRouter(context: .init(offset: { _, _ in 0 })), outbox: outbox, symbols: world.symbols, log: world.log,
            checkpoints: plan)
    }

    static func outcomes(_ world: World) async throws -> [NotificationOutcome] {
        try await world.records(.alerts).compactMap { NotificationRecords.outcome($0.record.value) }
    }

    /// Lets an outbox work until `condition` holds.
    static func working(_ outbox: NotificationOutbox, until condition: @Sendable () async throws -> Bool) async throws {
        let task = Task { await outbox.run() }
        while try await !condition() { await Task.yield() }
        task.cancel()
        await task.value
    }

    @Test func whatIsDecidedIsSentAndItsOutcomeIsAnEvent() async throws {
        let world = try World()
        _ = try await world.log.append([
            try Self.record(.saved(Self.tenant, Self.route(1))), try Self.record(.opened, 1), try Self.record(.resolved, 2),
        ])
        let sender = ScriptedSender()
        let outbox = Self.outbox(world, sender)
        try await world.drain(Self.processor(world, outbox))
        try await Self.working(outbox) { await outbox.pending == 0 }
        #expect(sender.came.map(\.kind) == [.opened, .resolved])
        let outcomes = try await Self.outcomes(world)
        #expect(outcomes.map(\.deliveryID) == sender.came.map(\.deliveryID) && outcomes.allSatisfy(\.isSent))
        #expect(outcomes[0].eventIDs == [IncidentLifecycleEvent.engineEventID(.opened, incident: EventID(high: 1, low: 1), revision: 1)])
        #expect(try await world.records(.alerts).map(\.record.topic) == [Topic.alerts(tenant: "acme"), Topic.alerts(tenant: "acme")])
    }

    @Test func aCrashBetweenSendingAndWritingSendsOnceMoreUnderTheSameID() async throws {
        let world = try World()
        _ = try await world.log.append([try Self.record(.saved(Self.tenant, Self.route(1))), try Self.record(.opened, 1)])
        let first = ScriptedSender()
        // It dies behind the sending: what became of it is never written.
        let dead = FaultyLog(world.log) { call, _ in if case .append = call { .before(Crash()) } else { nil } }
        let dying = Self.outbox(world, first, log: dead)
        try await world.drain(Self.processor(world, dying))
        try await Self.working(dying) { first.came.count == 1 }
        #expect(try await Self.outcomes(world).isEmpty)

        let second = ScriptedSender()
        let outbox = Self.outbox(world, second)
        try await world.drain(Self.processor(world, outbox))
        try await Self.working(outbox) { await outbox.pending == 0 }
        #expect(second.came == first.came)

        let third = ScriptedSender()
        let idle = Self.outbox(world, third)
        try await world.drain(Self.processor(world, idle))
        #expect(await idle.pending == 0)
        #expect(try await Self.outcomes(world).count == 1)
    }

    @Test func anOutcomeThatTheGroupHasNotReadYetCountsToo() async throws {
        let world = try World()
        _ = try await world.log.append([try Self.record(.saved(Self.tenant, Self.route(1))), try Self.record(.opened, 1)])
        let sender = ScriptedSender()
        let outbox = Self.outbox(world, sender)
        try await world.drain(Self.processor(world, outbox))
        try await Self.working(outbox) { await outbox.pending == 0 }
        // The group starts at the beginning again, as after a lost commit.
        try await world.log.seek(group: NotificationProcessor.groupName, to: .start)
        let again = ScriptedSender()
        let other = Self.outbox(world, again)
        try await world.drain(Self.processor(world, other))
        #expect(await other.pending == 0)
        #expect(again.came.isEmpty)
    }

    @Test func aStopWritesWhatArrivedSoThatNothingIsSentTwice() async throws {
        let world = try World()
        _ = try await world.log.append([try Self.record(.saved(Self.tenant, Self.route(1))), try Self.record(.opened, 1)])
        let sender = ScriptedSender()
        sender.hold(true)
        let outbox = Self.outbox(world, sender)
        try await world.drain(Self.processor(world, outbox))
        let task = Task { await outbox.run() }
        while sender.came.isEmpty { await Task.yield() }
        task.cancel()
        sender.hold(false)
        await task.value
        #expect(try await Self.outcomes(world).map(\.isSent) == [true])
        let next = Self.outbox(world, ScriptedSender())
        try await world.drain(Self.processor(world, next))
        #expect(await next.pending == 0)
    }

    @Test(arguments: [1, 4]) func deathsAndCheckpointsNeitherLoseNorRepeat(slice: Int) async throws {
        let world = try World()
        _ = try await world.log.append([try Self.record(.saved(Self.tenant, Self.route(1)))])
        for incident in 1...8 {
            _ = try await world.log.append([
                try Self.record(.opened, 1, incident: UInt64(incident)), try Self.record(.updated, 2, incident: UInt64(incident)),
                try Self.record(.resolved, 3, incident: UInt64(incident)),
            ])
        }
        let store = MemoryCheckpoints()
        let plan = CheckpointPlan(store: store, everyRecords: 2, everySeconds: 1e9, bytesPerRecord: 0)
        var came: [EventID] = []
        for point in [0, 1, 3, 2] {
            // Dies between handing over and committing; what was handed over is sent before that or not at all.
            let log = FaultyLog(world.log) { call, number in call == .commit && number == point ? .before(Crash()) : nil }
            let sender = ScriptedSender()
            let outbox = Self.outbox(world, sender)
            _ = try? await world.drain(Self.processor(world, outbox, plan), log: log, slice: slice)
            if point != 1 { try await Self.working(outbox) { await outbox.pending == 0 } }
            came += sender.came.map(\.deliveryID)
        }
        let sender = ScriptedSender()
        let outbox = Self.outbox(world, sender)
        try await world.drain(Self.processor(world, outbox, plan), slice: slice)
        try await Self.working(outbox) { await outbox.pending == 0 }
        came += sender.came.map(\.deliveryID)
        #expect(came.count == 24 && Set(came).count == 24)
        #expect(try await Self.outcomes(world).count == 24)
        #expect(!(await store.positions(group: NotificationProcessor.groupName)).isEmpty)
    }

    @Test func aStopKeepsTheRouterAndTheNextStartReadsNothingAgain() async throws {
        let world = try World()
        _ = try await world.log.append([
            try Self.record(.saved(Self.tenant, Self.route(1))), try Self.record(.opened, 1), try Self.record(.updated, 2),
        ])
        let plan = CheckpointPlan(store: MemoryCheckpoints())
        let first = ScriptedSender()
        let outbox = Self.outbox(world, first)
        try await world.drain(Self.processor(world, outbox, plan))
        // Nothing was sent; the checkpoint knows what is to be.
        let second = ScriptedSender()
        let later = Self.outbox(world, second)
        var processor = Self.processor(world, later, plan)
        let committed = try #require(try await world.log.groups().first { $0.group == NotificationProcessor.groupName }).committed
        _ = try await processor.resume(
            from: DecodedLog(log: world.log, symbols: world.symbols, kinds: processor.kinds), committed: committed)
        let resumption = try #require(processor.resumption)
        #expect(resumption.checkpoint == committed && resumption.replayed == 0 && resumption.refusals.isEmpty)
        #expect(await later.pending == 2)
        try await Self.working(later) { await later.pending == 0 }
        #expect(second.came.map(\.kind) == [.opened, .updated] && first.came.isEmpty)
    }

    @Test func aTracedEventsMessageContinuesItsTrace() async throws {
        let world = try World()
        let context = TraceContext(traceHigh: 1, traceLow: 2, span: 3)
        var opened = try Self.record(.opened, 1)
        opened.headers.append(Record.Header(TraceContext.header, context.traceparent))
        _ = try await world.log.append([try Self.record(.saved(Self.tenant, Self.route(1))), opened])
        let sender = ScriptedSender()
        let finished = Mutex<[NotificationOutbox.Finished]>([])
        let outbox = NotificationOutbox(
            log: world.log, sender: sender, clock: { World.base }, time: World.instant, observe: { one in finished.withLock { $0.append(one) } })
        try await world.drain(Self.processor(world, outbox))
        try await Self.working(outbox) { await outbox.pending == 0 }
        let expected = context.child(NotificationProcessor.groupName)
        #expect(finished.withLock { $0.map(\.trace) } == [expected])
        #expect(try await world.records(.alerts).map { $0.record.header(TraceContext.header) } == [expected.traceparent])
    }

    @Test func aRouteThatStandsStillLeavesTheOthersTheirRoom() async throws {
        let world = try World()
        _ = try await world.log.append([try Self.record(.saved(Self.tenant, Self.route(1)))])
        _ = try await world.log.append(try (1...6).map { try Self.record(.opened, 1, incident: UInt64($0)) })
        let outbox = NotificationOutbox(
            log: world.log, sender: ScriptedSender(), configuration: .init(routePendingMax: 4), clock: { World.base }, time: World.instant)
        try await world.drain(Self.processor(world, outbox))
        try await Self.working(outbox) { await outbox.pending == 0 }
        #expect(try await Self.outcomes(world).count { $0.reason == "outbox.full" } == 2)
    }

    @Test func aDeadEndpointHoldsUpItsOwnRouteOnly() async throws {
        let world = try World()
        _ = try await world.log.append([
            try Self.record(.saved(Self.tenant, Self.route(1))), try Self.record(.saved(Self.tenant, Self.route(2))),
            try Self.record(.opened, 1), try Self.record(.updated, 2), try Self.record(.resolved, 3),
        ])
        let sender = ScriptedSender { delivery, attempt in
            delivery.routeID.low == 2 || attempt > 4 ? .sent(detail: "ok") : .failed(reason: "webhook.connection", detail: "down")
        }
        let outbox = Self.outbox(world, sender)
        try await world.drain(Self.processor(world, outbox))
        try await Self.working(outbox) { await outbox.pending == 0 }
        let outcomes = try await Self.outcomes(world)
        for route in [UInt64(1), 2] {
            let own = outcomes.filter { $0.routeID.low == route }
            #expect(own.map(\.kind) == [.opened, .updated, .resolved] && own.allSatisfy { $0.isSent && $0.attempts == (route == 1 ? 5 : 1) })
        }
    }

    @Test func triesHaveAnEndAndRefusalsHaveNone() async throws {
        let world = try World()
        _ = try await world.log.append([
            try Self.record(.saved(Self.tenant, Self.route(1))), try Self.record(.saved(Self.tenant, Self.route(2))), try Self.record(.opened, 1),
        ])
        let sender = ScriptedSender { delivery, _ in
            delivery.routeID.low == 1 ? .failed(reason: "webhook.timeout", detail: "late") : .refused(reason: "webhook.status", detail: "410")
        }
        let outbox = Self.outbox(world, sender)
        try await world.drain(Self.processor(world, outbox))
        try await Self.working(outbox) { await outbox.pending == 0 }
        let outcomes = try await Self.outcomes(world).sorted { $0.routeID < $1.routeID }
        #expect(outcomes.map(\.attempts) == [10, 1] && outcomes.map(\.reason) == ["webhook.timeout", "webhook.status"])
        #expect(outcomes.allSatisfy { !$0.isSent })
    }

    @Test func nobodyIsWokenForYesterday() async throws {
        let world = try World()
        _ = try await world.log.append([try Self.record(.saved(Self.tenant, Self.route(1))), try Self.record(.opened, 1)])
        let sender = ScriptedSender()
        let outbox = Self.outbox(world, sender, now: World.base.adding(seconds: 24 * 3600))
        try await world.drain(Self.processor(world, outbox))
        try await Self.working(outbox) { await outbox.pending == 0 }
        #expect(sender.came.isEmpty)
        #expect(try await Self.outcomes(world).map(\.reason) == ["outbox.expired"])
    }

    @Test func anOutcomeIsWrittenWhenTheLogTakesItAgain() async throws {
        let world = try World()
        _ = try await world.log.append([try Self.record(.saved(Self.tenant, Self.route(1))), try Self.record(.opened, 1)])
        let sender = ScriptedSender()
        let refusing = FaultyLog(world.log) { call, number in
            if case .append = call { number < 3 ? .before(RunnerTests.full) : nil } else { nil }
        }
        let outbox = Self.outbox(world, sender, log: refusing)
        try await world.drain(Self.processor(world, outbox))
        try await Self.working(outbox) { await outbox.pending == 0 }
        #expect(sender.came.count == 1)
        #expect(try await Self.outcomes(world).count == 1)
    }

    @Test func aFullOutboxSaysSo() async throws {
        let world = try World()
        _ = try await world.log.append([try Self.record(.saved(Self.tenant, Self.route(1)))])
        _ = try await world.log.append(try (1...6).map { try Self.record(.opened, 1, incident: UInt64($0)) })
        let sender = ScriptedSender()
        let outbox = NotificationOutbox(
            log: world.log, sender: sender, configuration: .init(pendingMax: 4), clock: { World.base }, time: World.instant)
        try await world.drain(Self.processor(world, outbox))
        try await Self.working(outbox) { await outbox.pending == 0 }
        #expect(sender.came.count == 4)
        #expect(try await Self.outcomes(world).count { $0.reason == "outbox.full" } == 2)
    }

    @Test func aTenantsRoutesAndIncidentsStayItsOwn() async throws {
        let world = try World()
        let stray = Record(
            topic: Topic.routes(tenant: "rival"), key: nil,
            value: try NotificationRecords.event(.saved(Self.tenant, Self.route(3)), id: EventID(high: 2, low: 3), actor: "eve", at: World.base))
        _ = try await world.log.append([
            try Self.record(.saved(Self.tenant, Self.route(1))), try Self.record(.saved(TenantID("rival"), Self.route(2)), tenant: TenantID("rival")), stray,
            try Self.record(.opened, 1), try Self.record(.opened, 1, incident: 2, tenant: TenantID("rival")),
        ])
        let sender = ScriptedSender()
        let outbox = Self.outbox(world, sender)
        try await world.drain(Self.processor(world, outbox))
        try await Self.working(outbox) { await outbox.pending == 0 }
        #expect(Set(sender.came.map { "\($0.tenantID) \($0.routeID.low) \($0.incidentID?.low ?? 0)" }) == ["acme 1 1", "rival 2 2"])
    }
}
