import Synchronization
public import TowerStreaming

/// The log as the readers of one shard see it: the shard's own partitions of the topics that are dealt out, and all of the others.
///
/// - History: of a partition that is another shard's, what was written before the number of shards was changed may be this one's
///   tenants'. It is read up to the place where the groups of that other number stood, which is what `join` finds committed there.
/// - Readers are its own, so that groups at one place do not take each other's.
/// - Concurrency: any number of tasks; one group joins through it.
public final class KafkaShard: LogDecorator, ShardedLog {
    public let shard: TenantShard
    public var base: any EventLog { log }
    private let log: KafkaLog
    private let readers: ReaderPool
    /// What was committed when the group joined.
    private let joined = Mutex<[Partition: Int64]>([:])

    /// The group's own place, and one for looks at what is written already.
    private static let readersMax = 2

    init(_ log: KafkaLog, _ shard: TenantShard) {
        self.log = log
        self.shard = shard
        var configuration = log.configuration
        configuration.maxReaders = min(configuration.maxReaders, Self.readersMax)
        readers = ReaderPool(configuration, isOrdered: configuration.readsInOrderOfTime)
    }

    public func join(group: String, patterns: [TopicPattern]) async throws -> GroupMembership {
        var membership = try await log.join(group: group, patterns: patterns)
        let events = KafkaTopicLayout.families[0].place
        let places = KafkaLog.places(membership.committed).filter { log.isRead($0.0, by: shard) || $0.0.topic == events }
        joined.withLock { $0 = Dictionary(places, uniquingKeysWith: { first, _ in first }) }
        membership.committed = LogCursor(parts: places.map { LogPart(name: $0.0.name, next: $0.1) })
        return membership
    }

    public func isStray(_ place: TopicName, partition: Int32, offset: Int64) -> Bool {
        guard log.isDealt(place, shard.count), shard.holds(partition: partition) else { return false }
        return joined.withLock { offset >= $0[Partition(topic: place, number: partition)] ?? 0 }
    }

    // MARK: Reading

    public func fetchBlock(
        matching patterns: [TopicPattern], from cursor: LogCursor, maxRecords: Int, maxBytes: Int
    ) async throws -> LogBlock {
        let history = history
        let block = try await log.fetchBlock(
            matching: patterns, from: cursor, maxRecords: maxRecords, maxBytes: maxBytes, of: readers
        ) { partition in
            log.isRead(partition, by: shard) || history.contains { $0.partition == partition && !$0.isPassed(by: cursor) }
        }
        return cut(block, at: history)
    }

    public func fetch(matching patterns: [TopicPattern], from cursor: LogCursor, maxRecords: Int, maxBytes: Int) async throws -> LogSlice {
        let block = try await fetchBlock(matching: patterns, from: cursor, maxRecords: maxRecords, maxBytes: maxBytes)
        return LogSlice(records: (0..<block.count).map(block.record), next: block.next)
    }

    public func waitForRecords(at cursor: LogCursor) async throws {
        // While there is history, there is something to read.
        guard history.allSatisfy({ $0.isPassed(by: cursor) }) else { return }
        try await log.waitForRecords(at: cursor, of: readers) { log.isRead($0, by: shard) }
    }

    /// Another shard's partition, and where that part of it ends which may be of this one's tenants.
    private struct History {
        var partition: Partition
        var name: String
        var end: Int64

        func isPassed(by cursor: LogCursor) -> Bool { cursor.next(in: name) ?? 0 >= end }
    }

    private var history: [History] {
        joined.withLock { $0 }.filter { !log.isRead($0.key, by: shard) }.map { History(partition: $0.key, name: $0.key.name, end: $0.value) }
    }

    /// A partition is not read beyond its end here, however far the reader went.
    private func cut(_ block: LogBlock, at history: [History]) -> LogBlock {
        let passed = history.filter { block.next.next(in: $0.name) ?? 0 > $0.end }
        guard !passed.isEmpty else { return block }
        var block = block
        let places = block.topics.map { log.place(of: $0) }
        block.entries.removeAll { entry in
            passed.contains { $0.partition.number == entry.partition && $0.partition.topic == places[Int(entry.topic)] && entry.offset >= $0.end }
        }
        block.next = LogCursor(
            parts: block.next.parts.map { part in
                LogPart(name: part.name, next: passed.first { $0.name == part.name }.map(\.end) ?? part.next)
            })
        return block
    }

    public func append(_ records: [Record]) async throws -> [StoredPosition] { try await log.append(records) }
    public func append(_ block: RecordBlock) async throws -> [StoredPosition] { try await log.append(block) }

    /// Gives its readers back; the log stays open.
    public func close() async throws { await readers.close() }
}
