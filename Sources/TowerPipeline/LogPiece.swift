import Synchronization
import TowerIncidents
import TowerModel
import TowerStreaming

/// A piece of the log without holes, decoded once and never changed: what all groups of a process read.
///
/// - Shape: record `i` is `positions[i]`, `arrivedAt[i]`, and event `events[i]` of `batch`, or none of it (-1) where it is
///   not columnar or could not be read.
final class LogPiece: Sendable {
    struct Unreadable: Sendable {
        var record: Int
        var code: String
        var detail: String
    }

    /// Sequences it speaks for, those of records that nobody wants included.
    let start: LogCursor
    let next: LogCursor
    let batch: EventBatch
    let positions: [StoredPosition]
    let events: [Int32]
    let arrivedAt: [Timestamp]
    /// Of each record; empty when every one is a site event that could be read.
    let kinds: [RecordKind]
    /// By rising record.
    let unreadable: [Unreadable]
    /// Neighbours of one traced request, by rising record; nearly always none.
    let traces: [TracedRecords]
    /// The records as they lie in the log; `nil` where the piece came from the door, which gave events only.
    private let block: LogBlock?
    private let lifecycles = Mutex<[Int: Result<IncidentLifecycleEvent?, LifecycleCodec.Unreadable>]>([:])

    /// A piece that was fetched.
    init(
        start: LogCursor, block: LogBlock, kinds: [RecordKind], batch: EventBatch, events: [Int32], unreadable: [Unreadable]
    ) {
        self.start = start
        next = block.next
        self.block = block
        self.batch = batch
        self.events = events
        self.unreadable = unreadable
        traces = TracedRecords.find(in: block, kinds)
        self.kinds = unreadable.isEmpty && kinds.allSatisfy { $0 == .siteEvent } ? [] : kinds
        positions = block.entries.map {
            StoredPosition(offset: $0.offset, sequence: $0.sequence, timestampMs: $0.timestampMs, partition: $0.partition)
        }
        arrivedAt = block.entries.map { Timestamp(milliseconds: $0.timestampMs) }
    }

    /// A piece that the door accepted: site events only. `nil` unless the positions follow each other without a hole.
    init?(accepted batch: EventBatch, events: [Int32], positions: [StoredPosition], trace: TraceContext? = nil) {
        guard events.count == positions.count, let first = positions.first, let last = positions.last,
            last.sequence - first.sequence == Int64(positions.count - 1)
        else { return nil }
        var expected = first.sequence
        for (event, position) in zip(events, positions) {
            guard position.sequence == expected, event >= 0, event < batch.count else { return nil }
            expected += 1
        }
        start = LogCursor(sequence: first.sequence)
        next = LogCursor(sequence: expected)
        block = nil
        self.batch = batch
        self.events = events
        self.positions = positions
        kinds = []
        unreadable = []
        traces = trace.map { [TracedRecords(records: 0..<positions.count, context: $0)] } ?? []
        arrivedAt = positions.map { Timestamp(milliseconds: $0.timestampMs) }
    }

    var count: Int { positions.count }

    /// Memory it holds, bytes; near enough to bound a ring by.
    var size: Int {
        512 + max(batch.bytes.count, block?.bytes.count ?? 0) + batch.fields.count * MemoryLayout<EventBatch.Field>.stride
            + batch.count * 56 + positions.count * 100
    }

    func kind(_ record: Int) -> RecordKind { kinds.isEmpty ? .siteEvent : kinds[record] }

    /// First record at or after that sequence.
    func index(at cursor: LogCursor) -> Int {
        var low = 0
        var high = positions.count
        while low < high {
            let middle = (low + high) / 2
            if positions[middle].sequence < cursor.sequence { low = middle + 1 } else { high = middle }
        }
        return low
    }

    /// The record with its bytes.
    func record(_ index: Int) -> StoredRecord {
        if let block { return block.record(index) }
        let event = Int(events[index])
        let site = batch.symbols.name(batch.sites[event])
        let position = positions[index]
        return StoredRecord(
            record: Record(topic: Topic.siteEvents(site: site), key: Array(site.utf8), value: Array(batch.value(event))),
            offset: position.offset, sequence: position.sequence, timestampMs: position.timestampMs)
    }

    /// One header's value, without making the record.
    func header(_ name: StaticString, _ index: Int) -> String? { block?.header(name, index) }

    /// A record of the lifecycle topic as its event; read once, whoever asks first.
    ///
    /// - Errors: `LifecycleCodec.Unreadable`.
    func lifecycle(_ index: Int) throws -> IncidentLifecycleEvent? {
        if let known = lifecycles.withLock({ $0[index] }) { return try known.get() }
        let result: Result<IncidentLifecycleEvent?, LifecycleCodec.Unreadable>
        do { result = .success(try LifecycleCodec.event(record(index).record)) } catch let error as LifecycleCodec.Unreadable {
            result = .failure(error)
        }
        lifecycles.withLock { $0[index] = result }
        return try result.get()
    }
}
