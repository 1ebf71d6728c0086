import Logging
import Synchronization
import TowerModel
import TowerStreaming

/// Keeps one group's checkpoints and takes the newest usable one up: the acting side of a `CheckpointPlan`.
struct CheckpointKeeper: Sendable {
    let plan: CheckpointPlan
    let group: String
    let patterns: [TopicPattern]
    private var settingsHash: UInt64 = 0
    /// Of the log that is read.
    private var basis: UpcastBasis?
    private var recordsSince = 0
    private var firstMs: Int64?
    private var newest: Checkpoint.Newest?
    private var lastBytes = 0
    /// Position of the newest checkpoint; `nil` where there is none yet.
    private var lastPosition: LogCursor?
    /// The write under way; the group does not wait for it.
    private var writing: Task<Void, Never>?
    private let writes = WritesUnderWay()

    init(plan: CheckpointPlan, group: String, patterns: [TopicPattern]) {
        self.plan = plan
        self.group = group
        self.patterns = patterns
    }

    // MARK: Taking up

    /// Makes `core` what it was at the newest usable checkpoint at or before `committed`; answers where that is, or the log's
    /// beginning with `core` untouched.
    ///
    /// - Parameter basis: of what is read on from there. A state that other schemas' steps led to is not taken up: who reads
    ///   the log now would not come to it.
    mutating func restore<Core: KeptCore>(
        _ core: inout Core, from log: any EventLog, basis: UpcastBasis, committed: LogCursor
    ) async -> (LogCursor, [String]) {
        await finishWriting()
        recordsSince = 0
        firstMs = nil
        newest = nil
        lastPosition = nil
        self.basis = basis
        guard let own = core.settingsHash else { return (.start, []) }
        let hash = own ^ basis.fingerprint
        settingsHash = hash
        var refusals: [String] = []
        let positions: [LogCursor]
        do { positions = try await plan.store.positions(group: group).sorted(by: >) } catch {
            return (.start, ["the checkpoints cannot be listed: \(error)"])
        }
        for position in positions {
            guard position <= committed else {
                // Of a log that went another way, or from before the group was moved back: it would be wrong again later.
                refusals.append("\(position.sequence): ahead of the group's position")
                await remove(position)
                continue
            }
            do {
                let bytes = try await plan.store.read(group: group, at: position)
                let checkpoint = try Checkpoint(reading: bytes, group: group, settingsHash: hash)
                guard checkpoint.position == position else { throw Checkpoint.Refusal.damaged("it says \(checkpoint.position.sequence)") }
                try await verify(checkpoint, log)
                try Self.restore(&core, checkpoint, bytes)
                newest = checkpoint.newest
                lastPosition = position
                lastBytes = bytes.count
                return (position, refusals)
            } catch {
                refusals.append("\(position.sequence): \(error)")
                if case Checkpoint.Refusal.damaged = error { await remove(position) }
            }
        }
        return (.start, refusals)
    }

    private static func restore<Core: KeptCore>(
        _ core: inout Core, _ checkpoint: Checkpoint, _ bytes: [UInt8]
    ) throws(Checkpoint.Refusal) {
        var reader = StateReader(bytes, from: checkpoint.stateStart)
        do throws(StateError) {
            var restored = core
            try restored.restore(from: &reader)
            guard reader.isAtEnd else { throw StateError(.excess, field: "state", position: bytes.count - reader.remaining) }
            core = restored
        } catch {
            throw .state(error)
        }
    }

    /// The log must say of the newest record what the checkpoint says, where it still has it.
    private func verify(_ checkpoint: Checkpoint, _ log: any EventLog) async throws {
        guard let newest = checkpoint.newest else { return }
        let found = try await log.fetchBackward(matching: patterns, before: checkpoint.position, maxRecords: 1, maxScanned: 100_000)
        guard let record = found.records.first, record.sequence >= newest.sequence else { return }
        guard record.sequence == newest.sequence, record.timestampMs == newest.timestampMs else {
            throw Checkpoint.Refusal.damaged("the log has another record at \(newest.sequence)")
        }
    }

    /// One line of the server's log says how the group became what it was.
    func tell(_ resumption: Resumption?) {
        guard let resumption, resumption.committed > .start || !resumption.refusals.isEmpty else { return }
        var metadata: Logger.Metadata = [
            "group": "\(group)", "checkpoint": "\(resumption.checkpoint.sequence)", "committed": "\(resumption.committed.sequence)",
            "replayed": "\(resumption.replayed)",
        ]
        if !resumption.refusals.isEmpty { metadata["refused"] = "\(resumption.refusals.joined(separator: "; "))" }
        plan.logger.info(
            resumption.checkpoint > .start
                ? "a consumer group goes on from its checkpoint" : "a consumer group without a checkpoint has read the log again",
            metadata: metadata)
    }

    // MARK: Keeping

    /// A slice was taken in.
    mutating func took(_ slice: EventSlice) {
        recordsSince += slice.count
        guard let last = slice.newestPosition else { return }
        if firstMs == nil { firstMs = last.timestampMs }
        newest = Checkpoint.Newest(sequence: last.sequence, timestampMs: last.timestampMs)
    }

    private var isKeepable: Bool { settingsHash != 0 && recordsSince > 0 && basis?.isSteady ?? true }

    var isDue: Bool {
        // A disk slower than the interval makes checkpoints rarer, not the group slower.
        guard isKeepable, writes.isEmpty else { return false }
        if plan.bytesPerRecord > 0, recordsSince < lastBytes / plan.bytesPerRecord { return false }
        if recordsSince >= plan.everyRecords { return true }
        guard let firstMs, let newest else { return false }
        return Double(newest.timestampMs - firstMs) / 1000 >= plan.everySeconds
    }

    /// Keeps the state of `core` at a committed position. Encodes here and writes beside the group's work.
    mutating func keep<Core: KeptCore>(_ core: Core, at position: LogCursor) async {
        await finishWriting()
        let checkpoint = Checkpoint(group: group, position: position, settingsHash: settingsHash, newest: newest)
        let bytes = checkpoint.bytes { core.encode(into: &$0) }
        recordsSince = 0
        firstMs = nil
        lastBytes = bytes.count
        lastPosition = position
        let (plan, group, writes) = (plan, group, writes)
        writes.begin()
        writing = Task.detached {
            defer { writes.end() }
            do {
                try await plan.store.write(bytes, group: group, at: position)
                let older = try await plan.store.positions(group: group).filter { $0 <= position }.sorted(by: >)
                for old in older.dropFirst(plan.kept) { try await plan.store.remove(group: group, at: old) }
                plan.logger.debug(
                    "kept a checkpoint",
                    metadata: ["group": "\(group)", "position": "\(position.sequence)", "bytes": "\(bytes.count)"])
            } catch {
                // The group goes on: a restart reads more of the log.
                plan.logger.warning(
                    "a checkpoint could not be kept; the next start reads more of the log again",
                    metadata: ["group": "\(group)", "position": "\(position.sequence)", "error": "\(error)"])
            }
        }
    }

    /// The last one before the group stops, where it has read anything since.
    mutating func keepLast<Core: KeptCore>(_ core: Core, at position: LogCursor) async {
        if isKeepable { await keep(core, at: position) }
        await finishWriting()
    }

    /// Returns when the write under way, if there is one, is over.
    mutating func finishWriting() async {
        await writing?.value
        writing = nil
    }

    private func remove(_ position: LogCursor) async {
        do { try await plan.store.remove(group: group, at: position) } catch {
            plan.logger.warning(
                "a checkpoint could not be removed", metadata: ["group": "\(group)", "position": "\(position.sequence)", "error": "\(error)"])
        }
    }
}

/// Whether a checkpoint is being written, seen from the group's task.
private final class WritesUnderWay: Sendable {
    private let count = Mutex(0)
    var isEmpty: Bool { count.withLock { $0 == 0 } }
    func begin() { count.withLock { $0 += 1 } }
    func end() { count.withLock { $0 -= 1 } }
}
