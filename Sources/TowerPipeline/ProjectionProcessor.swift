import TowerIncidents
public import TowerModel
public import TowerStores
public import TowerStreaming

/// Keeps the read models: inventory, what was heard, alarms, incidents, forecasts and KPIs of a slice become one
/// transaction of the store, and what changed goes to the live feed.
public struct ProjectionProcessor: Processor {
    public static let groupName = "dashboard-service"
    public var group: String { Self.groupName }
    public let kinds: RecordKinds = [.siteEvents, .alerts, .incidents, .kpis, .canaries]
    public let symbols: SymbolTable

    private let store: any ProjectionStore
    private let progress: ProjectionProgress?
    private let publish: @Sendable (Int64, [TenantChange]) async -> Void
    private var telemetry: TelemetryReader
    private var places: PlaceIndex
    /// Points by site and metric, and where the slice at hand has their newest reading.
    private var points = PairIndex()
    private var newestOfPoint: [Int32] = []
    private var heardOfPlace: [Int32] = []
    /// Those that the slice at hand has.
    private var metPoints: [Int32] = []
    private var metPlaces: [Int32] = []
    /// By metric.
    private var isCurrent: [Bool] = []
    private var readings: [TelemetryReader.Reading] = []
    /// Points remembered at most, before counting begins anew.
    private static let maxPoints = 1 << 22
    private let inventory: InventoryReader
    private let alarms: AlarmCodec
    private let forecasts: ForecastCodec
    private let kpis: KPICodec
    private let types: TypeNames
    /// Where the store stands: what was skipped since has moved the cursor and not the store.
    private var stored = StorePosition.start

    /// The types a projection tells apart, as symbols.
    private struct TypeNames: Sendable {
        let site, link, raised, changed, cleared, forecast, outlook, computed, recomputed: Symbol
        init(_ symbols: SymbolTable) {
            site = symbols.intern("inventory.site")
            link = symbols.intern("topology.link")
            raised = symbols.intern("alert.raised")
            changed = symbols.intern("alert.changed")
            cleared = symbols.intern("alert.cleared")
            forecast = symbols.intern("forecast.autonomy")
            outlook = symbols.intern("forecast.site")
            computed = symbols.intern("kpi.computed")
            recomputed = symbols.intern("kpi.recomputed")
        }
    }

    /// - Parameters:
    ///   - progress: told of every position reached, for commands that wait.
    ///   - publish: gets the position after a slice and what it changed; called in order, after the commit.
    public init(
        store: any ProjectionStore, symbols: SymbolTable, progress: ProjectionProgress? = nil,
        publish: @escaping @Sendable (Int64, [TenantChange]) async -> Void = { _, _ in }
    ) {
        self.store = store
        self.progress = progress
        self.publish = publish
        self.symbols = symbols
        telemetry = TelemetryReader(symbols: symbols)
        places = PlaceIndex(symbols: symbols)
        inventory = InventoryReader(symbols: symbols)
        alarms = AlarmCodec(symbols: symbols)
        forecasts = ForecastCodec(symbols: symbols)
        kpis = KPICodec(symbols: symbols)
        types = TypeNames(symbols)
    }

    public mutating func resume(from log: DecodedLog, committed: LogCursor) async throws -> LogCursor {
        stored = try await store.position(of: group)
        progress?.reached(stored.sequence)
        return LogCursor(stored)
    }

    public mutating func prepare(_ slice: EventSlice) throws -> Prepared<ProjectionBatch> {
        let reached = StorePosition(slice.next)
        var batch = ProjectionBatch(group: group, from: stored.restricted(to: reached), to: reached)
        var poison = slice.poison()
        if telemetry.isFull || newestOfPoint.count >= Self.maxPoints { forget() }
        slice.forEachRun { run in
            guard run.isReadable else { return }
            switch run.kind {
            case .siteEvent: for record in run.records { addSiteEvent(run.piece, record, &batch, &poison) }
            case .alert, .kpi: for record in run.records { addDerived(run.piece, record, &batch, &poison) }
            case .incident: for record in run.records { addLifecycle(run.piece, record, &batch, &poison) }
            // A canary has come through when the position is past it.
            case .heartbeat, .canary, .route: break
            }
        }
        for point in metPoints { newestOfPoint[Int(point)] = -1 }
        for place in metPlaces { heardOfPlace[Int(place)] = -1 }
        metPoints.removeAll(keepingCapacity: true)
        metPlaces.removeAll(keepingCapacity: true)
        // The letters come in the order of what they are of, however the log was cut.
        poison.sort { $0.record.sequence < $1.record.sequence }
        return Prepared(batch, poison: poison)
    }

    private func addLifecycle(_ piece: LogPiece, _ record: Int, _ batch: inout ProjectionBatch, _ poison: inout [PoisonRecord]) {
        do {
            if let event = try piece.lifecycle(record) { batch.incidents.append(.init(event)) }
        } catch let error as LifecycleCodec.Unreadable {
            poison.append(PoisonRecord(record: piece.record(record), code: error.code, detail: error.description))
        } catch {
            poison.append(PoisonRecord(record: piece.record(record), code: "lifecycle.unreadable", detail: "\(error)"))
        }
    }

    private mutating func addSiteEvent(
        _ piece: LogPiece, _ record: Int, _ batch: inout ProjectionBatch, _ poison: inout [PoisonRecord]
    ) {
        let events = piece.batch
        let event = Int(piece.events[record])
        let at = events.timestamps[event]
        switch events.types[event] {
        case types.site: batch.siteVersions.append(inventory.site(events, event))
        case types.link:
            guard let link = inventory.link(events, event) else {
                poison.append(PoisonRecord(record: piece.record(record), code: "topology.unreadable", detail: "a link needs both its ends, `a` and `b`"))
                return
            }
            batch.linkVersions.append(link)
        default:
            let place = places.number(events, event)
            hear(place, at, &batch)
            telemetry.read(events, event, into: &readings)
            for index in readings.indices { keep(place, readings[index], at, &batch) }
        }
    }

    private mutating func hear(_ place: Int32, _ at: Timestamp, _ batch: inout ProjectionBatch) {
        while heardOfPlace.count <= place { heardOfPlace.append(-1) }
        let known = Int(heardOfPlace[Int(place)])
        guard known < 0 else {
            batch.heard[known].at = max(batch.heard[known].at, at)
            return
        }
        heardOfPlace[Int(place)] = Int32(truncatingIfNeeded: batch.heard.count)
        metPlaces.append(place)
        batch.heard.append(.init(tenantID: places[place].tenant, siteID: places[place].site, at: at))
    }

    /// Keeps the newest reading of each point of the slice, and every current of a battery.
    private mutating func keep(_ place: Int32, _ reading: TelemetryReader.Reading, _ at: Timestamp, _ batch: inout ProjectionBatch) {
        var point = points.find(place, reading.metric)
        if point < 0 { point = addPoint(place, reading.metric) }
        let known = Int(newestOfPoint[Int(point)])
        guard known < 0 || isCurrent[Int(reading.metric)] else {
            if batch.latest[known].value.at <= at {
                batch.latest[known].value.at = at
                batch.latest[known].value.value = reading.value
            }
            return
        }
        newestOfPoint[Int(point)] = Int32(truncatingIfNeeded: batch.latest.count)
        metPoints.append(point)
        let value = LatestValue(metric: telemetry.metrics[Int(reading.metric)], value: reading.value, at: at)
        batch.latest.append((tenant: places[place].tenant, site: places[place].site, value: value))
    }

    @inline(never)
    private mutating func addPoint(_ place: Int32, _ metric: Int32) -> Int32 {
        while isCurrent.count <= Int(metric) { isCurrent.append(telemetry.metrics[isCurrent.count] == ProjectionBatch.batteryCurrent) }
        let point = Int32(truncatingIfNeeded: newestOfPoint.count)
        newestOfPoint.append(-1)
        points.insert(place, metric, point)
        return point
    }

    private mutating func forget() {
        telemetry = TelemetryReader(symbols: symbols)
        places = PlaceIndex(symbols: symbols)
        points = PairIndex()
        newestOfPoint = []
        heardOfPlace = []
        isCurrent = []
    }

    private func addDerived(
        _ piece: LogPiece, _ record: Int, _ batch: inout ProjectionBatch, _ poison: inout [PoisonRecord]
    ) {
        let events = piece.batch
        let event = Int(piece.events[record])
        let tenant = TenantID(events.symbols.name(events.tenants[event]))
        var isRead = true
        switch events.types[event] {
        case types.raised, types.changed, types.cleared:
            if let alarm = alarms.alarm(events, event) { batch.alarms.append(alarm) } else { isRead = false }
        case types.outlook:
            if let forecast = forecasts.siteForecast(events, event) { batch.outlooks.append((tenant: tenant, forecast: forecast)) }
        case types.forecast:
            if let forecast = forecasts.forecast(events, event) {
                batch.forecasts.append((tenant: tenant, forecast: forecast))
            } else {
                isRead = false
            }
        case types.computed, types.recomputed:
            if let kpi = kpis.view(events, event) { batch.kpis.append((tenant: tenant, kpi: kpi)) } else { isRead = false }
        default: break
        }
        guard isRead else {
            let type = events.symbols.name(events.types[event])
            poison.append(PoisonRecord(record: piece.record(record), code: "projection.unreadable", detail: "a \(type) without the fields that it has"))
            return
        }
    }

    public mutating func perform(_ work: ProjectionBatch, from: LogCursor, to next: LogCursor) async throws {
        let changes = try await store.apply(work)
        stored = work.move.to
        progress?.reached(next.sequence)
        if !changes.isEmpty { await publish(next.sequence, changes) }
    }
}

extension ProjectionBatch.IncidentRecord {
    init(_ event: IncidentLifecycleEvent) {
        self.init(
            tenantID: event.tenantID, incidentID: event.incidentID, eventID: event.eventID, eventType: event.eventType, at: event.at,
            actor: event.actor, text: event.text, target: event.assignee ?? (event.splitFrom ?? event.mergedInto)?.description,
            verdict: event.verdict, split: event.split, snapshot: event.snapshot)
    }
}
