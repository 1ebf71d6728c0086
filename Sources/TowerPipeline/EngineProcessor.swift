public import TowerEngine
import TowerIncidents
public import TowerModel
public import TowerStreaming

/// What the pipeline needs of the engine.
public protocol EngineCore: KeptCore {
    mutating func process(_ run: EventRun) -> EngineOutput
    /// Lets time pass without events. `now` is the log's clock.
    mutating func advance(to now: Timestamp) -> EngineOutput
    mutating func apply(_ action: OperatorAction) -> EngineOutput
    mutating func apply(_ verdict: CausalVerdict) -> EngineOutput
    mutating func apply(_ verdict: LinkVerdict) -> EngineOutput
    mutating func finish() -> EngineOutput
}

extension EngineCore {
    /// A core that learns nothing from alarms has no use for what people know of them.
    public mutating func apply(_ verdict: CausalVerdict) -> EngineOutput { EngineOutput() }
    /// Nor one that proposes no links.
    public mutating func apply(_ verdict: LinkVerdict) -> EngineOutput { EngineOutput() }
}

/// The engine between topics: site events, people's decisions and heartbeats in; alarms, lifecycle events and forecasts out.
public struct EngineStage<Engine: EngineCore>: EmittingCore {
    public static var groupName: String { "aiops-engine" }

    private var engine: Engine

    public init(engine: Engine) { self.engine = engine }

    /// The processor of the group `aiops-engine`, or of one of its shards.
    public static func processor(
        engine: Engine, group: String = groupName, symbols: SymbolTable, log: any EventLog, checkpoints: CheckpointPlan? = nil
    ) -> EmittingProcessor<EngineStage> {
        EmittingProcessor(
            group: group, kinds: [.siteEvents, .incidents, .heartbeats], outputs: [.alerts, .incidents, .kpis],
            core: EngineStage(engine: engine), symbols: symbols, log: log, checkpoints: checkpoints)
    }

    public var settingsHash: UInt64? { engine.settingsHash }
    public func encode(into writer: inout StateWriter) { engine.encode(into: &writer) }
    public mutating func restore(from reader: inout StateReader) throws(StateError) { try engine.restore(from: &reader) }

    public mutating func consume(_ slice: EventSlice) throws -> Prepared<[Record]> {
        var result = Prepared<[Record]>([])
        // What people and the clock say comes at its place between the events. Records that cannot be read are set aside by
        // the projection, which reads the same topics.
        try slice.forEachRun { run in
            guard run.isReadable else { return }
            switch run.kind {
            case .siteEvent:
                try run.forEachTraced { run, trace in
                    let first = result.work.count
                    try append(engine.process(run.events), &result)
                    if let trace { trace.child(Self.groupName).mark(&result.work[first...]) }
                }
            case .heartbeat:
                for record in run.records { try append(engine.advance(to: run.piece.arrivedAt[record]), &result) }
            case .incident:
                for record in run.records {
                    if run.piece.header("topology", record) != nil {
                        if let verdict = ProposalCodec.verdict(run.piece.record(record).record) { try append(engine.apply(verdict), &result) }
                    } else if run.piece.header("causality", record) != nil {
                        if let verdict = CausalityCodec.verdict(run.piece.record(record).record) { try append(engine.apply(verdict), &result) }
                    } else if let action = action(run.piece, record) {
                        try append(engine.apply(action), &result)
                    }
                }
            case .alert, .kpi, .canary, .route: break
            }
        }
        return result
    }

    /// A person's decision; `nil` for the engine's own events and for those that it need not know.
    private func action(_ piece: LogPiece, _ record: Int) -> OperatorAction? {
        guard piece.header("engine", record) == nil, let event = try? piece.lifecycle(record), event.snapshot == nil
        else { return nil }
        let kind: OperatorAction.Kind
        switch event.kind {
        case .resolved: kind = .resolve
        case .reopened: kind = .reopen
        case .merged:
            guard let into = event.mergedInto else { return nil }
            kind = .merge(into: into)
        case .split:
            guard let cut = event.split, !cut.isEmpty else { return nil }
            kind = .split(cut)
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
        for graph in output.graphs { result.work.append(try CausalityCodec.record(graph)) }
        for proposals in output.proposals { result.work.append(ProposalCodec.record(proposals)) }
        // In the order in which they were decided, however the log was cut into slices.
        var told = 0
        for item in output.outlooks {
            while told < min(item.precededBy, output.forecasts.count) {
                result.work.append(ForecastCodec.record(output.forecasts[told].tenantID, output.forecasts[told].forecast))
                told += 1
            }
            result.work.append(ForecastCodec.record(item.tenantID, item.forecast))
        }
        for forecast in output.forecasts[told...] { result.work.append(ForecastCodec.record(forecast.tenantID, forecast.forecast)) }
    }
}
