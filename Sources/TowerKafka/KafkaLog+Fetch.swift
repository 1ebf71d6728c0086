import CRdKafka
import Synchronization
public import TowerStreaming

extension KafkaLog {
    public func fetch(matching patterns: [TopicPattern], from cursor: LogCursor, maxRecords: Int, maxBytes: Int) async throws -> LogSlice {
        let block = try await fetchBlock(matching: patterns, from: cursor, maxRecords: maxRecords, maxBytes: maxBytes)
        return LogSlice(records: (0..<block.count).map(block.record), next: block.next)
    }

    public func fetchBlock(
        matching patterns: [TopicPattern], from cursor: LogCursor, maxRecords: Int, maxBytes: Int
    ) async throws -> LogBlock {
        try await fetchBlock(matching: patterns, from: cursor, maxRecords: maxRecords, maxBytes: maxBytes, of: readers) { _ in true }
    }

    /// - Parameters:
    ///   - pool: whose readers stand where the caller reads.
    ///   - isRead: the partitions that are read; places of the others stay as they are in the cursor.
    func fetchBlock(
        matching patterns: [TopicPattern], from cursor: LogCursor, maxRecords: Int, maxBytes: Int, of pool: ReaderPool,
        _ isRead: (Partition) -> Bool
    ) async throws -> LogBlock {
        try checkOpen()
        let cursor = try checked(cursor)
        guard maxRecords > 0 else { return LogBlock(next: cursor) }
        do {
            return try await read(try await partitions(matching: patterns).filter(isRead), patterns, cursor, maxRecords, maxBytes, of: pool)
        } catch let error as EventLogError where error.code == .unknownTopic {
            // A topic was deleted meanwhile: the list is read anew.
            directory.expire()
            return try await read(try await partitions(matching: patterns).filter(isRead), patterns, cursor, maxRecords, maxBytes, of: pool)
        }
    }

    public func fetch(matching patterns: [TopicPattern], slots: [GroupSlot], maxRecords: Int, maxBytes: Int) async throws -> LogSlice {
        try checkOpen()
        let parts = slots.flatMap(\.next.parts)
        let cursor = LogCursor(parts: parts)
        let partitions = parts.compactMap { part in part.place.map { Partition(topic: $0.topic, number: $0.partition) } }
        guard !partitions.isEmpty, maxRecords > 0 else { return LogSlice(records: [], next: cursor) }
        let block = try await read(partitions, patterns, cursor, maxRecords, maxBytes)
        return LogSlice(records: (0..<block.count).map(block.record), next: block.next)
    }

    private func read(
        _ partitions: [Partition], _ patterns: [TopicPattern], _ cursor: LogCursor, _ maxRecords: Int, _ maxBytes: Int,
        of pool: ReaderPool? = nil
    ) async throws -> LogBlock {
        guard !partitions.isEmpty else { return LogBlock(next: cursor) }
        let timeoutMs = configuration.callTimeoutMs
        let limits = KafkaReader.Limits(records: maxRecords, bytes: maxBytes, timeoutMs: timeoutMs)
        return try await withReader(at: cursor, of: pool) { reader, isThere in
            try reader.go(to: cursor, partitions, isThere: isThere, timeoutMs: timeoutMs)
            return try reader.fetch(patterns, limits)
        }
    }

    /// Runs `body` on the thread of a reader, which is told whether it stands at `cursor`.
    func withReader<Answer: Sendable>(
        at cursor: LogCursor, of pool: ReaderPool? = nil, _ body: @escaping @Sendable (KafkaReader, Bool) throws -> Answer
    ) async throws -> Answer {
        let readers = pool ?? readers
        let (reader, isThere) = try await readers.acquire(at: cursor)
        do {
            let (answer, place) = try await reader.thread.run { (try body(reader, isThere), reader.cursor) }
            await readers.release(reader, at: place)
            return answer
        } catch {
            await readers.release(reader, at: nil)
            throw error
        }
    }

    /// A plain number is no place in a broker's log, but for the beginning.
    func checked(_ cursor: LogCursor) throws(EventLogError) -> LogCursor {
        guard cursor.parts.isEmpty else { return cursor }
        guard cursor.sequence <= 0 else {
            throw EventLogError(
                .unsupported,
                "could not read from place \(cursor.sequence): a broker has an offset for each partition; use a cursor of this log")
        }
        return .start
    }

    /// The partitions that may hold records of the patterns, by a list of topics that is fresh or, while nobody answers, was.
    func partitions(matching patterns: [TopicPattern]) async throws -> [Partition] {
        if !directory.isFresh {
            do {
                try await calls.run { [directory] in try directory.refresh() }
            } catch let error as EventLogError where error.isRetriable && directory.revision > 0 {}
        }
        let revision = directory.revision
        if let known = state.withLock({ $0.partitions[patterns] }), known.revision == revision, !known.partitions.isEmpty {
            return known.partitions
        }
        var found = directory.partitions(matching: patterns)
        if found.isEmpty {
            // A reader that finds no topic asks the brokers each time, which also keeps it from turning idly.
            try await calls.run { [directory] in try directory.refresh() }
            found = directory.partitions(matching: patterns)
        }
        state.withLock { state in
            if state.partitions.count > 256 { state.partitions = [:] }
            state.partitions[patterns] = (revision, found)
        }
        return found
    }

    public func waitForRecords(at cursor: LogCursor) async throws { try await waitForRecords(at: cursor, of: readers) { _ in true } }

    /// The same of the partitions that are read.
    func waitForRecords(at cursor: LogCursor, of pool: ReaderPool, _ isRead: (Partition) -> Bool) async throws {
        let cursor = try checked(cursor)
        // A reader is held for a moment only, so that others come to their turn.
        let sliceMs = 100
        while !Task.isCancelled {
            try checkOpen()
            if cursor.parts.isEmpty {
                if try await ends().sequence > 0 { return }
                try await calls.run { [control] in _ = rd_kafka_poll(control.pointer, 20) }
                directory.expire()
                continue
            }
            let partitions = cursor.parts.compactMap { part in part.place.map { Partition(topic: $0.topic, number: $0.partition) } }
                .filter(isRead)
            let timeoutMs = configuration.callTimeoutMs
            let isThere = try await withReader(at: cursor, of: pool) { reader, isThere in
                try reader.go(to: cursor, partitions, isThere: isThere, timeoutMs: timeoutMs)
                return try reader.wait(timeoutMs: sliceMs)
            }
            if isThere { return }
        }
    }

    public func end() async -> LogCursor {
        do {
            return try await ends()
        } catch {
            return state.withLock { $0.end }
        }
    }

    /// The end of every partition. Throws `brokerAway`.
    func ends() async throws -> LogCursor {
        let partitions = try await partitions(matching: [TopicPattern("*")])
        let timeoutMs = configuration.callTimeoutMs
        let end = try await calls.run { [control] in
            let offsets = try control.offsets(partitions, .end, timeoutMs: timeoutMs)
            return LogCursor(parts: offsets.map { LogPart(name: $0.key.name, next: $0.value) })
        }
        state.withLock { $0.end = end }
        return end
    }

    public func fetch(topic: TopicName, from offset: Int64, maxBytes: Int) async throws -> [StoredRecord] {
        try checkOpen()
        let partition = try await partition(of: topic)
        let timeoutMs = configuration.callTimeoutMs
        let (oldest, end) = try await edges(partition)
        let from = max(offset, oldest)
        guard from < end else { return [] }
        let limits = KafkaReader.Limits(records: .max, bytes: maxBytes, timeoutMs: timeoutMs)
        var cursor = LogCursor(parts: [LogPart(name: partition.name, next: from)])
        var records: [StoredRecord] = []
        var bytes = 0
        // Other logical topics may lie between.
        while cursor.sequence < end {
            let place = cursor
            let block = try await withReader(at: place) { reader, isThere in
                try reader.go(to: place, [partition], isThere: isThere, timeoutMs: timeoutMs)
                return try reader.fetch([TopicPattern(topic.rawValue)], limits)
            }
            for index in 0..<block.count {
                let size = block.value(index).count
                if !records.isEmpty, bytes + size > maxBytes { return records }
                bytes += size
                records.append(block.record(index))
            }
            guard block.next > cursor else { break }
            cursor = block.next
        }
        return records
    }

    func edges(_ partition: Partition) async throws -> (oldest: Int64, end: Int64) {
        let timeoutMs = configuration.callTimeoutMs
        return try await calls.run { [control] in
            let oldest = try control.offsets([partition], .oldest, timeoutMs: timeoutMs)[partition] ?? 0
            return (oldest, try control.offsets([partition], .end, timeoutMs: timeoutMs)[partition] ?? 0)
        }
    }

    /// Where a logical topic's records are. Throws `unknownTopic`.
    func partition(of topic: TopicName) async throws -> Partition {
        let place = place(of: topic)
        guard configuration.topics.shards == 1 || place != KafkaTopicLayout.families[0].place else {
            throw EventLogError(
                .unsupported,
                "could not read \(topic) by offset: where tenants are dealt out to shards a site's name is in a partition of each; read by"
                    + " pattern")
        }
        if directory.partitions(of: place) == nil {
            try await calls.run { [directory] in try directory.refresh() }
        }
        guard let count = directory.partitions(of: place) else { throw EventLogError.unknownTopic(topic) }
        return Partition(topic: place, number: KafkaTopicLayout.partition(of: topic, count: count))
    }
}
