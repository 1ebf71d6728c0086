public import TowerModel
public import TowerStreaming

/// A pure core that reads the log and answers with new events: the engine, the KPI calculator.
public protocol EmittingCore: Sendable {
    /// Takes a slice in, in log order, and answers the records to append, in order. Only called forward, never repeated.
    mutating func consume(_ slice: EventSlice) throws -> Prepared<[Record]>
}

/// Runs an emitting core with a once-only effect on the log.
///
/// - After a restart the core is fed from the beginning of the log up to the committed position without emitting, so that it
///   is what it was; then it goes on. Restoring from a checkpoint instead is future work: the time this takes grows with the log.
/// - Ids of derived events are computed, so what a repeated slice emits again is recognised: ids that the output topics hold
///   at or after the position are not appended a second time.
public struct EmittingProcessor<Core: EmittingCore>: Processor {
    public let group: String
    public let kinds: RecordKinds
    public let symbols: SymbolTable
    private let outputs: [TopicPattern]
    private let fresh: Core
    private var core: Core
    private let log: any EventLog
    /// Ids found on the output topics at or after `from` of the slice at hand.
    private var present: Set<EventID> = []
    /// An append failed and may have been written all the same.
    private var isUncertain = false

    public init(
        group: String, kinds: RecordKinds, outputs: [TopicPattern], core: Core, symbols: SymbolTable, log: any EventLog
    ) {
        self.group = group
        self.kinds = kinds
        self.symbols = symbols
        self.outputs = outputs
        self.fresh = core
        self.core = core
        self.log = log
    }

    public mutating func resume(from log: DecodedLog, committed: LogCursor) async throws -> LogCursor {
        core = fresh
        var cursor = LogCursor.start
        while cursor < committed {
            try Task.checkCancellation()
            let slice = try await log.slice(of: kinds, from: cursor, until: committed, maxRecords: 8192, maxBytes: 8 << 20)
            // What is poison now was poison then: its letter is written.
            if !slice.isEmpty { _ = try core.consume(slice) }
            guard slice.next > cursor else { break }
            cursor = slice.next
        }
        try await findPresent(from: committed)
        return committed
    }

    public mutating func prepare(_ slice: EventSlice) throws -> Prepared<[Record]> {
        var prepared = try core.consume(slice)
        var seen: Set<EventID> = []
        prepared.work.removeAll { record in
            guard let id = DerivedEvent.id(of: record) else { return false }
            return !seen.insert(id).inserted
        }
        return prepared
    }

    public mutating func perform(_ work: [Record], from: LogCursor, to next: LogCursor) async throws {
        if isUncertain {
            try await findPresent(from: from)
            isUncertain = false
        }
        let missing = work.filter { record in DerivedEvent.id(of: record).map { !present.contains($0) } ?? true }
        guard !missing.isEmpty else { return }
        do {
            _ = try await log.append(missing)
        } catch {
            isUncertain = true
            throw error
        }
        // Written, and this slice never comes again: what was met once need not be remembered.
        for id in work.compactMap(DerivedEvent.id) { present.remove(id) }
    }

    private mutating func findPresent(from position: LogCursor) async throws {
        present = []
        var cursor = position
        while true {
            let slice = try await log.fetch(matching: outputs, from: cursor, maxRecords: 4000, maxBytes: 8 << 20)
            for stored in slice.records { if let id = DerivedEvent.id(of: stored.record) { present.insert(id) } }
            guard slice.next > cursor else { return }
            cursor = slice.next
        }
    }
}
