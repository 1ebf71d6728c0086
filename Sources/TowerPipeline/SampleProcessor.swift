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
    private var places: PlaceIndex
    private var numbers = PairIndex()
    private var series: [SampleBatch.Series] = []
    private var numbering = SampleBatch.Numbering()
    /// Where the store stands: what was skipped since has moved the cursor and not the store.
    private var stored = StorePosition.start
    /// Series remembered at most, before counting begins anew.
    private static let maxSeries = 1 << 22

    public init(store: any SampleStore & ProjectionStore, symbols: SymbolTable) {
        self.store = store
        self.symbols = symbols
        telemetry = TelemetryReader(symbols: symbols)
        places = PlaceIndex(symbols: symbols)
    }

    public mutating func resume(from log: DecodedLog, committed: LogCursor) async throws -> LogCursor {
        // A group that joins anew begins with a copy of what it first was: under the old numbering its numbers are taken.
        forget()
        stored = try await store.position(of: group)
        return LogCursor(stored)
    }

    /// Unreadable records are passed over: the projection, which reads them too, sets them aside.
    public mutating func prepare(_ slice: EventSlice) throws -> Prepared<SampleBatch> {
        if telemetry.isFull || series.count >= Self.maxSeries { forget() }
        var readings: [TelemetryReader.Reading] = []
        var points: [SampleBatch.Point] = []
        points.reserveCapacity(slice.count * 4)
        slice.forEachRun { run in
            guard run.isReadable else { return }
            let events = run.piece.batch
            for record in run.records {
                let event = Int(run.piece.events[record])
                let place = places.number(events, event)
                let at = events.timestamps[event]
                telemetry.read(events, event, into: &readings)
                for reading in readings {
                    var number = numbers.find(place, reading.metric)
                    if number < 0 { number = add(place, reading.metric) }
                    points.append(SampleBatch.Point(series: number, at: at, value: reading.value))
                }
            }
        }
        return Prepared(SampleBatch(numbering: numbering, series: series, points: points))
    }

    @inline(never)
    private mutating func add(_ place: Int32, _ metric: Int32) -> Int32 {
        let number = Int32(truncatingIfNeeded: series.count)
        let site = places[place]
        series.append(.init(tenantID: site.tenant, siteID: site.site, metric: telemetry.metrics[Int(metric)]))
        numbers.insert(place, metric, number)
        return number
    }

    private mutating func forget() {
        telemetry = TelemetryReader(symbols: symbols)
        places = PlaceIndex(symbols: symbols)
        numbers = PairIndex()
        series = []
        numbering = SampleBatch.Numbering()
    }

    public mutating func perform(_ work: SampleBatch, from: LogCursor, to next: LogCursor) async throws {
        let reached = StorePosition(next)
        try await store.store(work, PositionMove(group: group, from: stored.restricted(to: reached), to: reached))
        stored = reached
    }
}
