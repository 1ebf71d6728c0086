import TowerIncidents
public import TowerModel
public import TowerStreaming

/// What the pipeline needs of the KPI calculator.
public protocol KPICore: KeptCore {
    mutating func observe(_ run: EventRun)
    mutating func observe(_ alarm: Alarm)
    /// A lifecycle event: the engine's with its snapshot, a person's without.
    mutating func observe(incident: EventID, tenant: TenantID, eventType: String, at: Timestamp, snapshot: IncidentSnapshot?)
    /// Windows that are complete by the log's clock, and revisions of those that late events changed.
    mutating func advance(to now: Timestamp) -> [KPIEmission]
}

/// The KPI calculator between topics: everything that counts in, `kpi.computed` and `kpi.recomputed` out.
public struct KPIStage<Calculator: KPICore>: EmittingCore {
    public static var groupName: String { "kpi-calculator" }

    private var calculator: Calculator
    private let alarms: AlarmCodec
    /// Second of the log's clock that the calculator was last told of.
    private var second: Int64 = .min

    public init(calculator: Calculator, symbols: SymbolTable) {
        self.calculator = calculator
        alarms = AlarmCodec(symbols: symbols)
    }

    /// The processor of the group `kpi-calculator`, or of one of its shards.
    public static func processor(
        calculator: Calculator, group: String = groupName, symbols: SymbolTable, log: any EventLog, checkpoints: CheckpointPlan? = nil
    ) -> EmittingProcessor<KPIStage> {
        EmittingProcessor(
            group: group, kinds: [.siteEvents, .alerts, .incidents, .heartbeats], outputs: [.kpis],
            core: KPIStage(calculator: calculator, symbols: symbols), symbols: symbols, log: log, checkpoints: checkpoints)
    }

    public var settingsHash: UInt64? { calculator.settingsHash }

    public func encode(into writer: inout StateWriter) {
        writer.write(signed: second)
        calculator.encode(into: &writer)
    }

    public mutating func restore(from reader: inout StateReader) throws(StateError) {
        let second = try reader.signed("stage.second")
        try calculator.restore(from: &reader)
        self.second = second
    }

    public mutating func consume(_ slice: EventSlice) throws -> Prepared<[Record]> {
        var result = Prepared<[Record]>([])
        slice.forEachRun { run in
            // By the log's clock and not by slices, so that a replay cut otherwise closes the same windows.
            var start = run.records.lowerBound
            while start < run.records.upperBound {
                moveClock(run.piece.positions[start].timestampMs, &result)
                var end = start + 1
                while end < run.records.upperBound, run.piece.positions[end].timestampMs / 1000 <= second { end += 1 }
                if run.isReadable {
                    observe(EventSlice.Run(piece: run.piece, kind: run.kind, records: start..<end, isReadable: true))
                }
                start = end
            }
        }
        return result
    }

    private mutating func moveClock(_ timestampMs: Int64, _ result: inout Prepared<[Record]>) {
        guard timestampMs / 1000 > second else { return }
        second = timestampMs / 1000
        append(calculator.advance(to: Timestamp(milliseconds: second * 1000)), &result)
    }

    private mutating func observe(_ run: EventSlice.Run) {
        switch run.kind {
        case .siteEvent: calculator.observe(run.events)
        case .alert:
            for record in run.records {
                if let alarm = alarms.alarm(run.piece.batch, Int(run.piece.events[record])) { calculator.observe(alarm) }
            }
        case .incident:
            for record in run.records {
                guard let event = try? run.piece.lifecycle(record) else { continue }
                calculator.observe(
                    incident: event.incidentID, tenant: event.tenantID, eventType: event.eventType, at: event.at, snapshot: event.snapshot)
            }
        case .heartbeat, .kpi, .canary, .route: break
        }
    }

    private func append(_ emissions: [KPIEmission], _ result: inout Prepared<[Record]>) {
        for emission in emissions { result.work.append(KPICodec.record(emission)) }
    }
}
