public import TowerModel
public import TowerNotify
public import TowerStreaming

/// The notification service's group: the log in, deliveries out to the outbox.
///
/// - Effect: what is decided is handed on at once and never waited for. A delivery is over when its outcome stands on the alerts
///   topic; after a restart the router is fed the log again, and what has no outcome goes to the outbox once more, under the
///   same id.
/// - Restart: the router is what it was at the newest checkpoint, and is fed from there up to the committed position; without a
///   checkpoint, from the beginning of the log (docs/adr/ADR-027-checkpoints.md).
public struct NotificationProcessor: Processor {
    public static let groupName = "notification-service"
    public var group: String { Self.groupName }
    public let kinds: RecordKinds = [.siteEvents, .alerts, .incidents, .heartbeats, .routes]
    public let symbols: SymbolTable

    private let fresh: NotificationRouter
    private var router: NotificationRouter
    private let outbox: NotificationOutbox
    private let log: any EventLog
    private let inventory: InventoryReader
    private let alarms: AlarmCodec
    private let siteType: Symbol
    private let outcomeTypes: [Symbol]
    private let alarmTypes: [Symbol]
    private var keeper: CheckpointKeeper?
    /// The router has taken in what is not committed yet.
    private var isAhead = false
    /// How the router became what it was, at the last `resume`.
    public private(set) var resumption: Resumption?
    /// Deliveries whose outcome stands behind the position: the log knows already how they ended.
    private var settled: Set<EventID> = []

    public init(
        router: NotificationRouter, outbox: NotificationOutbox, symbols: SymbolTable, log: any EventLog, checkpoints: CheckpointPlan? = nil
    ) {
        fresh = router
        self.router = router
        self.outbox = outbox
        self.symbols = symbols
        self.log = log
        inventory = InventoryReader(symbols: symbols)
        alarms = AlarmCodec(symbols: symbols)
        siteType = symbols.intern("inventory.site")
        outcomeTypes = [NotificationRecords.sent, NotificationRecords.failed].map { symbols.intern($0) }
        alarmTypes = ["alert.raised", "alert.changed", "alert.cleared"].map { symbols.intern($0) }
        keeper = checkpoints.map { CheckpointKeeper(plan: $0, group: Self.groupName, patterns: kinds.patterns) }
    }

    public mutating func resume(from log: DecodedLog, committed: LogCursor) async throws -> LogCursor {
        isAhead = false
        var core = fresh
        var kept = keeper
        let outcome = try await CoreReplay(log: self.log, kinds: kinds).run(&core, &kept, from: log, committed: committed) { core, slice in
            _ = consume(slice, &core)
        }
        router = core
        keeper = kept
        resumption = outcome.resumption
        let position = outcome.position
        try await findSettled(from: position)
        let left = router.pending.values.filter { !settled.contains($0.deliveryID) }
        await outbox.submit(left.sorted { $0.number < $1.number })
        return position
    }

    public mutating func prepare(_ slice: EventSlice) throws -> Prepared<[NotificationDelivery]> {
        isAhead = true
        // Taken out and put back, so that it is held once and not copied.
        var taken = fresh
        swap(&taken, &router)
        let made = consume(slice, &taken)
        swap(&taken, &router)
        keeper?.took(slice)
        return Prepared(made)
    }

    public mutating func perform(_ work: [NotificationDelivery], from: LogCursor, to next: LogCursor) async throws {
        // Not before everything is handled that the log knew when this started: those may be over.
        let open = work.filter { settled.remove($0.deliveryID) == nil }
        if !open.isEmpty { await outbox.submit(open) }
    }

    public mutating func committed(at position: LogCursor) async {
        isAhead = false
        if keeper?.isDue ?? false { await keeper?.keep(router, at: position) }
    }

    public mutating func stopped(at position: LogCursor) async {
        // What was not committed may not be kept; what is being written is waited for either way.
        if isAhead { await keeper?.finishWriting() } else { await keeper?.keepLast(router, at: position) }
    }

    private func consume(_ slice: EventSlice, _ router: inout NotificationRouter) -> [NotificationDelivery] {
        var made: [NotificationDelivery] = []
        slice.forEachRun { run in
            guard run.isReadable else { return }
            switch run.kind {
            case .siteEvent: readSites(run, &router)
            case .heartbeat:
                for record in run.records { made += router.advance(to: run.piece.arrivedAt[record]) }
            case .alert, .incident: run.forEachTraced { run, trace in made += changes(run, trace, &router) }
            case .route:
                for record in run.records {
                    if let change = route(run.piece.record(record).record) {
                        made += router.apply(change, at: run.piece.arrivedAt[record])
                    }
                }
            case .kpi, .canary: break
            }
        }
        return made
    }

    /// Alarms and incidents, in log order.
    private func changes(_ run: EventSlice.Run, _ trace: TraceContext?, _ router: inout NotificationRouter) -> [NotificationDelivery] {
        var made: [NotificationDelivery] = []
        for record in run.records {
            if run.kind == .alert {
                made += alert(run.piece, record, &router)
            } else if let event = try? run.piece.lifecycle(record) {
                // What cannot be read is set aside by the projection, which reads the same topic.
                made += router.apply(event, at: run.piece.arrivedAt[record])
            }
        }
        guard let trace else { return made }
        let traceparent = trace.child(Self.groupName).traceparent
        return made.map { delivery in
            var delivery = delivery
            delivery.traceparent = traceparent
            return delivery
        }
    }

    private func readSites(_ run: EventSlice.Run, _ router: inout NotificationRouter) {
        let batch = run.piece.batch
        for record in run.records {
            let event = Int(run.piece.events[record])
            guard batch.types[event] == siteType else { continue }
            let version = inventory.site(batch, event)
            if !version.isRemoved { router.apply(site: version.site) }
        }
    }

    private func alert(_ piece: LogPiece, _ record: Int, _ router: inout NotificationRouter) -> [NotificationDelivery] {
        let event = Int(piece.events[record])
        let type = piece.batch.types[event]
        if outcomeTypes.contains(type) {
            if let outcome = NotificationRecords.outcome(piece.batch.value(event)) { router.settle(outcome.deliveryID) }
            return []
        }
        guard alarmTypes.contains(type), let alarm = alarms.alarm(piece.batch, event) else { return [] }
        return router.apply(alarm, at: piece.arrivedAt[record])
    }

    private func route(_ record: Record) -> RouteChange? {
        guard let tenant = Self.tenant(of: record.topic) else { return nil }
        return NotificationRecords.routeChange(record.value, tenant: tenant)
    }

    /// The tenant whose routes a topic holds.
    static func tenant(of topic: TopicName) -> TenantID? {
        let parts = TopicPattern.routes.text.split(separator: "*")
        guard parts.count == 2, TopicPattern.routes.matches(topic) else { return nil }
        return TenantID(String(topic.rawValue.dropFirst(parts[0].count).dropLast(parts[1].count)))
    }

    private mutating func findSettled(from position: LogCursor) async throws {
        settled = []
        var cursor = position
        while true {
            let slice = try await log.fetch(matching: [.alerts], from: cursor, maxRecords: 4000, maxBytes: 8 << 20)
            for stored in slice.records {
                if let id = stored.record.header(NotificationRecords.deliveryHeader).flatMap({ EventID($0) }) { settled.insert(id) }
            }
            guard slice.next > cursor else { return }
            cursor = slice.next
        }
    }
}

extension NotificationRouter: KeptCore {}
