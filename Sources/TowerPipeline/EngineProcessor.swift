public import TowerEngine
import TowerIncidents
public import TowerModel
public import TowerStreaming

/// What the pipeline needs of the engine.
public protocol EngineCore: Sendable {
    /// - Parameter arrivedAt: when the log took each event in; as long as the batch.
    mutating func process(_ batch: EventBatch, arrivedAt: [Timestamp]?) -> EngineOutput
    /// Lets time pass without events. `now` is the log's clock.
    mutating func advance(to now: Timestamp) -> EngineOutput
    mutating func apply(_ action: OperatorAction) -> EngineOutput
    mutating func finish() -> EngineOutput
}

/// The engine between topics: site events, people's decisions and heartbeats in; alarms, lifecycle events and forecasts out.
public struct EngineStage<Engine: EngineCore>: EmittingCore {
    public static var groupName: String { "aiops-engine" }

    private var engine: Engine
    private var decoder: SliceDecoder

    public init(engine: Engine, symbols: SymbolTable) {
        self.engine = engine
        decoder = SliceDecoder(symbols: symbols)
    }

    /// The processor of the group `aiops-engine`.
    public static func processor(engine: Engine, symbols: SymbolTable, log: any EventLog) -> EmittingProcessor<EngineStage> {
        EmittingProcessor(
            group: groupName, patterns: [.siteEvents, .incidents, TopicPattern(Topic.heartbeat.rawValue)],
            outputs: [.alerts, .incidents, .kpis], core: EngineStage(engine: engine, symbols: symbols), log: log)
    }

    public mutating func consume(_ slice: LogSlice) throws -> Prepared<[Record]> {
        var result = Prepared<[Record]>([])
        var run: [StoredRecord] = []
        for stored in slice.records {
            if TopicPattern.siteEvents.matches(stored.record.topic) {
                run.append(stored)
                continue
            }
            // What people and the clock say comes at its place between the events.
            try take(&run, &result)
            if stored.record.topic == Topic.heartbeat {
                try append(engine.advance(to: Timestamp(milliseconds: stored.timestampMs)), &result)
            } else if let action = action(stored) {
                try append(engine.apply(action), &result)
            }
        }
        try take(&run, &result)
        return result
    }

    private mutating func take(_ run: inout [StoredRecord], _ result: inout Prepared<[Record]>) throws {
        guard !run.isEmpty else { return }
        // Unreadable ones are set aside by the projection, which reads the same topics.
        let decoded = decoder.decode(run)
        run.removeAll(keepingCapacity: true)
        guard !decoded.batch.isEmpty else { return }
        try append(engine.process(decoded.batch, arrivedAt: decoded.arrivedAt), &result)
    }

    /// A person's decision; `nil` for the engine's own events and for those that it need not know.
    private func action(_ stored: StoredRecord) -> OperatorAction? {
        guard stored.record.header(LifecycleCodec.engineHeader) == nil, let event = try? LifecycleCodec.event(stored.record),
            event.snapshot == nil
        else { return nil }
        let kind: OperatorAction.Kind
        switch event.kind {
        case .resolved: kind = .resolve
        case .reopened: kind = .reopen
        case .merged:
            guard let into = event.mergedInto else { return nil }
            kind = .merge(into: into)
        default: return nil
        }
        return OperatorAction(tenantID: event.tenantID, incidentID: event.incidentID, kind: kind, at: event.at)
    }

    private func append(_ output: EngineOutput, _ result: inout Prepared<[Record]>) throws {
        for alarm in output.alarms { result.work.append(AlarmCodec.record(alarm)) }
        for change in output.incidents {
            guard let kind = IncidentLifecycleEvent.Kind(rawValue: change.kind.rawValue) else { continue }
            result.work.append(try LifecycleCodec.record(.engine(kind, change.snapshot), site: change.snapshot.siteID.rawValue))
        }
        for forecast in output.forecasts { result.work.append(ForecastCodec.record(forecast.tenantID, forecast.forecast)) }
    }
}
