public import TowerModel
public import TowerStreaming

/// A pure core that reads the log and answers with new events: the engine, the KPI calculator.
public protocol EmittingCore: KeptCore {
    /// Takes a slice in, in log order, and answers the records to append, in order. Only called forward, never repeated.
    mutating func consume(_ slice: EventSlice) throws -> Prepared<[Record]>
}

/// Runs an emitting core with a once-only effect on the log.
///
/// - After a restart the core is what it was at the newest checkpoint at or before the committed position, and is fed from there
///   up to that position without emitting; without a checkpoint that it can take up, from the beginning of the log. Then it
///   goes on, and what it says is what it would have said without the stop. On a log of partitions that position is met only
///   nearly: what is read of either side of it at once is emitted once more.
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
    private var keeper: CheckpointKeeper?
    /// How the core became what it was, at the last `resume`.
    public private(set) var resumption: Resumption?
    /// Of a partition of an output topic that the group does not read itself, so many of the newest are known. Older ones may be
    /// written twice, and readers know them by their ids.
    private static var presentRecords: Int64 { 20_000 }
    /// The core has taken in what is not committed yet.
    private var isAhead = false

    public init(
        group: String, kinds: RecordKinds, outputs: [TopicPattern], core: Core, symbols: SymbolTable, log: any EventLog,
        checkpoints: CheckpointPlan? = nil
    ) {
        self.group = group
        self.kinds = kinds
        self.symbols = symbols
        self.outputs = outputs
        self.fresh = core
        self.core = core
        self.log = log
        keeper = checkpoints.map { CheckpointKeeper(plan: $0, group: group, patterns: kinds.patterns) }
    }

    public mutating func resume(from log: DecodedLog, committed: LogCursor) async throws -> LogCursor {
        core = fresh
        isAhead = false
        let outcome = try await CoreReplay(log: self.log, kinds: kinds).run(&core, &keeper, from: log, committed: committed) { core, slice in
            _ = try core.consume(slice)
        }
        resumption = outcome.resumption
        let position = outcome.position
        try await findPresent(from: position)
        return position
    }

    public mutating func prepare(_ slice: EventSlice) throws -> Prepared<[Record]> {
        isAhead = true
        var prepared = try core.consume(slice)
        keeper?.took(slice)
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

    public mutating func committed(at position: LogCursor) async {
        isAhead = false
        if keeper?.isDue ?? false { await keeper?.keep(core, at: position) }
    }

    public mutating func stopped(at position: LogCursor) async {
        // What was not committed may not be kept; what is being written is waited for either way.
        if isAhead { await keeper?.finishWriting() } else { await keeper?.keepLast(core, at: position) }
    }

    private mutating func findPresent(from position: LogCursor) async throws {
        present = []
        var cursor = await log.tail(after: position, records: Self.presentRecords)
        while true {
            let slice = try await log.fetch(matching: outputs, from: cursor, maxRecords: 4000, maxBytes: 8 << 20)
            for stored in slice.records { if let id = DerivedEvent.id(of: stored.record) { present.insert(id) } }
            guard slice.next > cursor else { return }
            cursor = slice.next
        }
    }
}
