public import TowerModel
public import TowerNotify
public import TowerStreaming

/// The notification service's group: the log in, deliveries out to the outbox.
///
/// - Effect: what is decided is handed on at once and never waited for. A delivery is over when its outcome stands on the alerts
///   topic; after a restart the router is fed the log again, and what has no outcome goes to the outbox once more, under the
///   same id.
/// - Restart costs what the engine's does: the log up to the committed position is read again.
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
    /// Deliveries whose outcome stands behind the position: the log knows already how they ended.
    private var settled: Set<EventID> = []

    public init(router: NotificationRouter, outbox: NotificationOutbox, symbols: SymbolTable, log: any EventLog) {
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
    }

    public mutating func resume(from log: DecodedLog, committed: LogCursor) async throws -> LogCursor {
        router = fresh
        var cursor = LogCursor.start
        while cursor < committed {
            try Task.checkCancellation()
            let slice = try await log.slice(of: kinds, from: cursor, until: committed, maxRecords: 8192, maxBytes: 8 << 20)
            if !slice.isEmpty { _ = consume(slice) }
            guard slice.next > cursor else { break }
            cursor = slice.next
        }
        try await findSettled(from: committed)
        let left = router.pending.values.filter { !settled.contains($0.deliveryID) }
        await outbox.submit(left.sorted { ($0.decidedAt, $0.deliveryID) < ($1.decidedAt, $1.deliveryID) })
        return committed
    }

    public mutating func prepare(_ slice: EventSlice) throws -> Prepared<[NotificationDelivery]> { Prepared(consume(slice)) }

    public mutating func perform(_ work: [NotificationDelivery], from: LogCursor, to next: LogCursor) async throws {
        // Not before everything is handled that the log knew when this started: those may be over.
        let open = work.filter { settled.remove($0.deliveryID) == nil }
        if !open.isEmpty { await outbox.submit(open) }
    }

    private mutating func consume(_ slice: EventSlice) -> [NotificationDelivery] {
        var made: [NotificationDelivery] = []
        slice.forEachRun { run in
            guard run.isReadable else { return }
            switch run.kind {
            case .siteEvent: readSites(run)
            case .heartbeat:
                for record in run.records { made += router.advance(to: run.piece.arrivedAt[record]) }
            case .alert: for record in run.records { made += alert(run.piece, record) }
            case .incident:
                for record in run.records {
                    // What cannot be read is set aside by the projection, which reads the same topic.
                    guard let event = try? run.piece.lifecycle(record) else { continue }
                    made += router.apply(event, at: run.piece.arrivedAt[record])
                }
            case .route:
                for record in run.records {
                    if let change = route(run.piece.record(record).record) {
                        made += router.apply(change, at: run.piece.arrivedAt[record])
                    }
                }
            case .kpi: break
            }
        }
        return made
    }

    private mutating func readSites(_ run: EventSlice.Run) {
        let batch = run.piece.batch
        for record in run.records {
            let event = Int(run.piece.events[record])
            if batch.types[event] == siteType { router.apply(site: inventory.site(batch, event)) }
        }
    }

    private mutating func alert(_ piece: LogPiece, _ record: Int) -> [NotificationDelivery] {
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
