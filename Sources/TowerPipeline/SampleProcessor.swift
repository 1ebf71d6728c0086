public import TowerModel
public import TowerStores
public import TowerStreaming

/// Keeps the numbers of telemetry as time series.
public struct SampleProcessor: Processor {
    public static let groupName = "analytics-service"
    public var group: String { Self.groupName }
    public let kinds = RecordKinds.siteEvents
    public let symbols: SymbolTable

    private let store: any SampleStore & ProjectionStore
    private var telemetry: TelemetryReader

    public init(store: any SampleStore & ProjectionStore, symbols: SymbolTable) {
        self.store = store
        self.symbols = symbols
        telemetry = TelemetryReader(symbols: symbols)
    }

    public mutating func resume(from log: DecodedLog, committed: LogCursor) async throws -> LogCursor {
        LogCursor(sequence: try await store.position(of: group))
    }

    /// Unreadable records are passed over: the projection, which reads them too, sets them aside.
    public mutating func prepare(_ slice: EventSlice) throws -> Prepared<[StoredSample]> {
        var samples: [StoredSample] = []
        slice.forEachRun { run in
            guard run.isReadable else { return }
            let events = run.piece.batch
            for record in run.records {
                let event = Int(run.piece.events[record])
                let at = events.timestamps[event]
                telemetry.read(events, event) { metric, value in
                    samples.append(
                        StoredSample(
                            tenantID: TenantID(events.symbols.name(events.tenants[event])),
                            siteID: SiteID(events.symbols.name(events.sites[event])), metric: metric, at: at, value: value))
                }
            }
        }
        return Prepared(samples)
    }

    public mutating func perform(_ work: [StoredSample], from: LogCursor, to next: LogCursor) async throws {
        try await store.store(samples: work, group: group, position: next.sequence)
    }
}
