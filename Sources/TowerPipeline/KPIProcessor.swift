import TowerIncidents
public import TowerModel
public import TowerStreaming

/// What the pipeline needs of the KPI calculator.
public protocol KPICore: Sendable {
    /// - Parameter arrivedAt: when the log took each event in; as long as the batch.
    mutating func observe(_ batch: EventBatch, arrivedAt: [Timestamp])
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
    private var decoder: SliceDecoder
    private let alarms: AlarmCodec
    /// Second of the log's clock that the calculator was last told of.
    private var second: Int64 = .min

    public init(calculator: Calculator, symbols: SymbolTable) {
        self.calculator = calculator
        decoder = SliceDecoder(symbols: symbols)
        alarms = AlarmCodec(symbols: symbols)
    }

    /// The processor of the group `kpi-calculator`.
    public static func processor(calculator: Calculator, symbols: SymbolTable, log: any EventLog) -> EmittingProcessor<KPIStage> {
        EmittingProcessor(
            group: groupName, patterns: [.siteEvents, .alerts, .incidents, TopicPattern(Topic.heartbeat.rawValue)], outputs: [.kpis],
            core: KPIStage(calculator: calculator, symbols: symbols), log: log)
    }

    public mutating func consume(_ slice: LogSlice) throws -> Prepared<[Record]> {
        var result = Prepared<[Record]>([])
        var run: [StoredRecord] = []
        var runIsAlerts = false
        for stored in slice.records {
            let topic = stored.record.topic
            if stored.timestampMs / 1000 > second {
                // By the log's clock and not by slices, so that a replay cut otherwise closes the same windows.
                take(&run, isAlerts: runIsAlerts)
                second = stored.timestampMs / 1000
                append(calculator.advance(to: Timestamp(milliseconds: second * 1000)), &result)
            }
            let isAlert = TopicPattern.alerts.matches(topic)
            if isAlert || TopicPattern.siteEvents.matches(topic) {
                if isAlert != runIsAlerts { take(&run, isAlerts: runIsAlerts) }
                runIsAlerts = isAlert
                run.append(stored)
                continue
            }
            take(&run, isAlerts: runIsAlerts)
            if topic != Topic.heartbeat, let event = try? LifecycleCodec.event(stored.record) {
                calculator.observe(
                    incident: event.incidentID, tenant: event.tenantID, eventType: event.eventType, at: event.at, snapshot: event.snapshot)
            }
        }
        take(&run, isAlerts: runIsAlerts)
        return result
    }

    private mutating func take(_ run: inout [StoredRecord], isAlerts: Bool) {
        guard !run.isEmpty else { return }
        let decoded = decoder.decode(run)
        run.removeAll(keepingCapacity: true)
        if isAlerts {
            for event in 0..<decoded.batch.count {
                if let alarm = alarms.alarm(decoded.batch, event) { calculator.observe(alarm) }
            }
        } else {
            calculator.observe(decoded.batch, arrivedAt: decoded.arrivedAt)
        }
    }

    private func append(_ emissions: [KPIEmission], _ result: inout Prepared<[Record]>) {
        for emission in emissions { result.work.append(KPICodec.record(emission)) }
    }
}
