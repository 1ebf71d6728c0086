public import Logging
import Synchronization
public import TowerModel
import TowerStores
public import TowerStreaming

/// Drives one processor: fetch, prepare, set poison aside, perform, commit, again.
///
/// - Delivery: at least once, with one effect, because `perform` writes result and position together and the group's
///   commit follows as a hint.
/// - Errors: transient ones are tried again with bounded waiting; a record that cannot be read, or that the group cannot think
///   about without an error, goes to the dead letters and the rest goes on; anything else stops the group at its position and is
///   visible in `status`.
/// - Stop: cancel the task that runs it. What was being written is either there or comes again; the group is left.
public final class ProcessorRunner<Work: Processor>: Sendable {
    public struct Configuration: Sendable {
        /// Bounds of one slice.
        public var maxRecords: Int
        public var maxBytes: Int
        public var backoff: Backoff
        /// Positions that nothing of ours lay between are committed after that many, so that a restart skips them.
        public var idleCommitDistance: Int64
        public init(maxRecords: Int = 8192, maxBytes: Int = 8 << 20, backoff: Backoff = Backoff(), idleCommitDistance: Int64 = 10_000) {
            self.maxRecords = maxRecords
            self.maxBytes = maxBytes
            self.backoff = backoff
            self.idleCommitDistance = idleCommitDistance
        }

        /// For groups that write to a store: behind the log's end they take much at once, because what a transaction costs
        /// by site and by series is then paid once for many events.
        public static var bulk: Configuration { Configuration(maxRecords: 65_536, maxBytes: 48 << 20) }
    }

    private let log: any EventLog
    private let records: DecodedLog
    private let initial: Work
    private let configuration: Configuration
    private let time: PipelineTime
    private let logger: Logger
    private let observe: @Sendable (ProcessorEvent) -> Void
    private let noteRead: (@Sendable (EventRun) -> Void)?
    private let current: Mutex<ProcessorStatus>

    /// - Parameters:
    ///   - records: the log decoded, shared by all groups of the process that have the same symbols; `nil` decodes for this
    ///     one alone.
    ///   - noteRead: told of the events of each slice that went through; must be quick.
    public init(
        log: any EventLog, records: DecodedLog? = nil, processor: Work, configuration: Configuration = Configuration(),
        time: PipelineTime = .system,
        logger: Logger = Logger(label: "towerco.pipeline"), observe: @escaping @Sendable (ProcessorEvent) -> Void = { _ in },
        noteRead: (@Sendable (EventRun) -> Void)? = nil
    ) {
        self.noteRead = noteRead
        self.log = log
        self.records = records ?? DecodedLog(log: log, symbols: processor.symbols, kinds: processor.kinds)
        precondition(self.records.symbols === processor.symbols, "a group reads names by the table they were decoded with")
        precondition(self.records.kinds.isSuperset(of: processor.kinds), "a group reads what is decoded")
        self.initial = processor
        self.configuration = configuration
        self.time = time
        self.logger = logger
        self.observe = observe
        self.current = Mutex(ProcessorStatus(group: processor.group))
    }

    public var status: ProcessorStatus { current.withLock { $0 } }

    /// Runs until cancelled (returns) or until an error that waiting does not cure (throws).
    public func run() async throws {
        do {
            try await rejoining()
            update { $0.state = .stopped }
        } catch is CancellationError {
            update { $0.state = .stopped }
        } catch {
            if Task.isCancelled, PipelineError.isTransient(error) {
                update { $0.state = .stopped }
                return
            }
            update {
                $0.state = .failed
                $0.lastError = "\(error)"
            }
            observe(.failed(group: initial.group, error: "\(error)"))
            logger.error("a consumer group stopped", metadata: ["group": "\(initial.group)", "error": "\(error)"])
            throw error
        }
    }

    /// Times that a store may turn out to stand elsewhere before anything was written in between.
    private static var maxConflicts: Int { 8 }

    /// Joins anew when the group was moved, in the log or in the store: it goes on from the new position.
    private func rejoining() async throws {
        var conflicts = (count: 0, slices: Int64(-1))
        var search = PoisonSearch()
        while true {
            do { return try await loop(&search) } catch let error as PoisonSearch.Unprepared {
                // The processor is what it was at its position again, and reads on in smaller slices until the record is alone.
                guard search.narrow(error) else { throw error.cause }
                update {
                    $0.state = .starting
                    $0.lastError = "\(error.cause)"
                }
            } catch let error as StoreError where error.code == .conflict {
                let slices = status.slices
                conflicts = (slices == conflicts.slices ? conflicts.count + 1 : 1, slices)
                guard conflicts.count <= Self.maxConflicts else { throw error }
                update {
                    $0.state = .starting
                    $0.lastError = "\(error)"
                }
                try await time.sleep(configuration.backoff.delay(after: conflicts.count))
            } catch let error as PipelineError where error.code == .fenced {
                if !log.takesTurns {
                    let groups = try await log.groups()
                    guard groups.first(where: { $0.group == initial.group })?.members == 0 else { throw error }
                }
                update { $0.state = .starting }
            }
        }
    }

    private func loop(_ search: inout PoisonSearch) async throws {
        var processor = initial
        let membership = try await retrying { try await self.log.join(group: processor.group, patterns: processor.kinds.patterns) }
        var position = membership.committed
        var letters = DeadLetterWriter(group: processor.group)
        position = try await retrying { try await processor.resume(from: self.records, committed: membership.committed) }
        try await retrying { try await letters.resume(from: self.log, at: position) }
        update {
            $0.state = .running
            $0.position = position.sequence
        }
        var committed = membership.committed
        if committed != position {
            // The store was ahead (a crash between its commit and ours) or starts anew: the group's lag should say so.
            try await commit(membership, position)
            committed = position
        }
        do {
            try await read(membership, &processor, &letters, &search, from: position, committed: &committed)
        } catch {
            // What was not committed comes again; what was may be kept.
            await processor.stopped(at: committed)
            throw error
        }
        await processor.stopped(at: committed)
        try? await log.leave(membership)
    }

    /// Reads on until it is cancelled.
    private func read(
        _ membership: GroupMembership, _ processor: inout Work, _ letters: inout DeadLetterWriter, _ search: inout PoisonSearch,
        from start: LogCursor,
        committed: inout LogCursor
    ) async throws {
        var position = start
        while !Task.isCancelled {
            // Before anything is read: a paused group waits here, and a fenced member does no work in vain.
            try await asMember(at: position) { try await self.log.standBy(membership) }
            guard !Task.isCancelled else { break }
            let from = position
            let asked = time.nowNanoseconds()
            let maxRecords = search.maxRecords(at: from, else: configuration.maxRecords)
            let slice = try await retrying {
                try await self.records.slice(
                    of: processor.kinds, from: from, maxRecords: maxRecords, maxBytes: self.configuration.maxBytes)
            }
            if slice.isEmpty {
                position = max(position, slice.next)
                let reached = position.sequence
                update { $0.position = reached }
                if position.sequence - committed.sequence >= configuration.idleCommitDistance {
                    try await commit(membership, position)
                    committed = position
                }
                if slice.next == from {
                    // The log's end, and the newest records were left out. On a journal a commit is a record itself, so one for
                    // nothing would be answered by the next; brokers keep places elsewhere, and lag would be shown where there is none.
                    if !position.parts.isEmpty, position != committed {
                        try await commit(membership, position)
                        committed = position
                    }
                    let next = position
                    try await retrying { try await self.records.waitForRecords(at: next) }
                }
                continue
            }
            do {
                try await process(slice, from: from, asked: asked, &processor, &letters, search)
            } catch let error as StoreError where error.code == .conflict {
                // Somebody else writes for this group; whoever reads it next asks the store where it stands.
                try? await log.leave(membership)
                throw error
            }
            position = slice.next
            try await commit(membership, position)
            committed = position
            update { $0.position = slice.next.sequence }
            await processor.committed(at: position)
        }
    }

    private func process(
        _ slice: EventSlice, from: LogCursor, asked: UInt64, _ processor: inout Work, _ letters: inout DeadLetterWriter,
        _ search: PoisonSearch
    ) async throws {
        let start = time.nowNanoseconds()
        observe(.began(group: processor.group, next: slice.next.sequence, newestMs: slice.newestMs ?? 0))
        let traces = slice.traces()
        let prepared = try prepare(slice, &processor, search)
        // Of interest to a trace only.
        let decided = traces.isEmpty ? start : time.nowNanoseconds()
        for poison in prepared.poison {
            // Before the position moves: a letter written twice is recognised, one never written is lost.
            try await retrying { try await letters.write(poison, to: self.log) }
            observe(.deadLetter(group: processor.group, code: poison.code))
        }
        try await retrying { try await processor.perform(prepared.work, from: from, to: slice.next) }
        let end = time.nowNanoseconds()
        let seconds = Double(end - start) / 1e9
        if let noteRead { slice.forEachRun { if $0.kind.isColumnar, $0.isReadable { noteRead($0.events) } } }
        update {
            $0.records += Int64(slice.count)
            $0.slices += 1
            $0.deadLetters += Int64(prepared.poison.count)
            $0.lastSliceSeconds = seconds
        }
        observe(
            .processed(
                SliceReport(
                    group: processor.group, records: slice.count, newestMs: slice.newestMs ?? 0, arrivals: slice.arrivals(),
                    canaries: slice.canaries(), traces: traces,
                    steps: .init(asked: asked, read: start, decided: decided, written: end))))
    }

    /// A record that was found to be one that the group fails on is set aside, and the slice passes without it.
    private func prepare(_ slice: EventSlice, _ processor: inout Work, _ search: PoisonSearch) throws -> Prepared<Work.Work> {
        if let cause = search.cause(of: slice), let record = slice.onlyRecord {
            var prepared = try processor.prepare(slice.emptied)
            prepared.poison.append(PoisonRecord(record: record, code: PoisonSearch.code, detail: cause))
            return prepared
        }
        do { return try processor.prepare(slice) } catch { throw PoisonSearch.Unprepared(slice: slice, cause: error) }
    }

    private func commit(_ membership: GroupMembership, _ cursor: LogCursor) async throws {
        try await asMember(at: cursor) { try await self.log.commit(membership, cursor: cursor) }
    }

    private func asMember(at cursor: LogCursor, _ body: () async throws -> Void) async throws {
        do {
            try await retrying(body)
        } catch let error as EventLogError where error.code == .staleMember {
            throw PipelineError(
                .fenced, "the group \(initial.group) is read by a newer member, or was moved; this one stops at \(cursor.sequence)")
        }
    }

    /// Tries until it works, an error will not pass, or the attempts are used up.
    private func retrying<Value>(_ body: () async throws -> Value) async throws -> Value {
        var attempt = 0
        while true {
            do {
                let value = try await body()
                if attempt > 0 {
                    update {
                        $0.state = $0.state == .retrying ? .running : $0.state
                        $0.lastError = nil
                    }
                }
                return value
            } catch {
                guard PipelineError.isTransient(error), !Task.isCancelled else { throw error }
                attempt += 1
                guard attempt < configuration.backoff.attempts else {
                    throw PipelineError(.exhausted, "gave up after \(attempt) attempts: \(error)")
                }
                update {
                    $0.retries += 1
                    $0.state = $0.state == .running ? .retrying : $0.state
                    $0.lastError = "\(error)"
                }
                observe(.retry(group: initial.group, attempt: attempt, error: "\(error)"))
                try await time.sleep(configuration.backoff.delay(after: attempt))
            }
        }
    }

    private func update(_ body: (inout ProcessorStatus) -> Void) { current.withLock { body(&$0) } }
}
