import TowerIncidents
public import TowerModel
public import TowerStores
public import TowerStreaming
public import TowerWire

/// Empties the read models and writes them again from the log: `towerco rebuild`, and the proof that nothing lives only there.
///
/// The server must not run on the same store meanwhile. Records that are poison were set aside when they were first met; they
/// are only counted here.
public struct Rebuild: Sendable {
    public struct Report: Sendable, Hashable {
        /// Records read, per group.
        public var records: [String: Int] = [:]
        public var poison = 0
        /// Position that every group reached: the end of the log when the rebuild began.
        public var position: Int64 = 0
        /// Incidents whose fold over the log was compared with the store.
        public var incidentsVerified = 0
        public init() {}
    }

    private let log: any EventLog
    private let store: any Store
    private let symbols: SymbolTable
    private let maxRecords: Int
    private let upcaster: @Sendable () -> EventUpcaster?

    /// - Parameter upcaster: what reads old events as their newest version; the server's read models were made with it.
    public init(
        log: any EventLog, store: any Store, symbols: SymbolTable, maxRecords: Int = 4000,
        upcaster: @escaping @Sendable () -> EventUpcaster? = { nil }
    ) {
        self.upcaster = upcaster
        self.log = log
        self.store = store
        self.symbols = symbols
        self.maxRecords = maxRecords
    }

    /// - Parameter progress: position reached and the position to reach, per slice.
    /// - Errors: the log's and the store's; `PipelineError.mismatch` when the store's incidents are not the log's.
    public func run(progress: @Sendable (String, Int64, Int64) -> Void = { _, _, _ in }) async throws -> Report {
        let end = await log.end()
        var report = Report()
        report.position = end.sequence
        try await store.resetReadModels()
        try await replay(ProjectionProcessor(store: store, symbols: symbols), to: end, &report, countsPoison: true, progress)
        try await replay(SampleProcessor(store: store, symbols: symbols), to: end, &report, countsPoison: false, progress)
        report.incidentsVerified = try await verify(to: end)
        return report
    }

    private func replay(
        _ processor: some Processor, to end: LogCursor, _ report: inout Report, countsPoison: Bool,
        _ progress: @Sendable (String, Int64, Int64) -> Void
    ) async throws {
        var processor = processor
        let decoded = DecodedLog(log: log, symbols: symbols, kinds: processor.kinds, upcaster: upcaster)
        var cursor = try await processor.resume(from: decoded, committed: .start)
        while cursor < end {
            try Task.checkCancellation()
            let slice = try await decoded.slice(
                of: processor.kinds, from: cursor, until: end, maxRecords: maxRecords, maxBytes: 16 << 20)
            guard slice.next > cursor else { break }
            let prepared = try processor.prepare(slice)
            try await processor.perform(prepared.work, from: cursor, to: slice.next)
            report.records[processor.group, default: 0] += slice.count
            if countsPoison { report.poison += prepared.poison.count }
            cursor = slice.next
            progress(processor.group, cursor.sequence, end.sequence)
        }
    }

    /// Folds every incident from the log and compares it with the store's answer. Answers how many.
    private func verify(to end: LogCursor) async throws -> Int {
        struct Key: Hashable {
            let tenant: TenantID
            let id: EventID
        }
        var states: [Key: IncidentState] = [:]
        var seen: Set<Key> = []
        var cursor = LogCursor.start
        while cursor < end {
            let slice = try await log.fetch(matching: [.incidents], from: cursor, maxRecords: maxRecords, maxBytes: 16 << 20)
            for stored in slice.records where stored.sequence < end.sequence {
                guard let event = try? LifecycleCodec.event(stored.record) else { continue }
                let key = Key(tenant: event.tenantID, id: event.incidentID)
                let identity = Key(tenant: event.tenantID, id: event.eventID)
                guard !seen.contains(identity) else { continue }
                var effect = IncidentState.Effect.applied
                if var state = states[key] {
                    effect = state.apply(event)
                    states[key] = state
                } else if let state = IncidentState(first: event) {
                    states[key] = state
                } else {
                    effect = .ignored
                }
                if effect != .ignored { seen.insert(identity) }
            }
            guard slice.next > cursor else { break }
            cursor = slice.next
        }
        for (key, state) in states {
            let view = try await store.incident(tenant: key.tenant, id: key.id.description)
            guard let view, view.snapshot == state.snapshot, view.status.rawValue == state.status.rawValue,
                view.assignee == state.assignee, view.acknowledgedBy == state.acknowledgedBy
            else {
                throw PipelineError(
                    .mismatch, "incident \(key.id) of \(key.tenant) differs between log and store after the rebuild; report this")
            }
        }
        return states.count
    }
}
