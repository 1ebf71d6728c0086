import CRdKafka
public import TowerStreaming

extension KafkaLog {
    /// Newest first by the records' times; each partition's order is kept. `next` has an offset for every partition, and `start`
    /// once all of them are at their oldest record.
    public func fetchBackward(matching patterns: [TopicPattern], before cursor: LogCursor, maxRecords: Int, maxScanned: Int) async throws
        -> LogSlice
    {
        try checkOpen()
        let cursor = try checked(cursor)
        guard maxRecords > 0, maxScanned > 0, cursor > .start else { return LogSlice(records: [], next: cursor) }
        let partitions = try await partitions(matching: patterns).filter { cursor.next(in: $0.name) != nil }
        let timeoutMs = configuration.callTimeoutMs
        let oldest = try await calls.run { [control] in try control.offsets(partitions, .oldest, timeoutMs: timeoutMs) }
        let windows = partitions.compactMap { partition -> BackwardMerge.Window? in
            let low = oldest[partition] ?? 0
            guard let high = cursor.next(in: partition.name), high > low else { return nil }
            let share = Int64(max(maxScanned / max(partitions.count, 1), 1))
            return BackwardMerge.Window(partition: partition, oldest: low, from: max(high - share, low), to: high)
        }
        guard !windows.isEmpty else { return LogSlice(records: [], next: .start) }
        // A reader elsewhere than everybody's places, so that nobody's is moved away.
        let place = LogCursor(parts: windows.map { LogPart(name: $0.partition.name, next: $0.from) })
        let read = try await withReader(at: place, of: lookers) { reader, isThere in
            try reader.go(to: place, windows.map(\.partition), isThere: isThere, timeoutMs: timeoutMs)
            return try reader.read(windows, patterns, timeoutMs: timeoutMs)
        }
        var merge = BackwardMerge(windows, read)
        let records = merge.take(maxRecords, before: cursor.sequence)
        return LogSlice(records: records, next: merge.next(after: cursor))
    }
}

/// Puts windows of several partitions together, newest first.
struct BackwardMerge {
    struct Window: Sendable {
        var partition: Partition
        /// Of the whole partition.
        var oldest: Int64
        var from: Int64
        var to: Int64
    }
    struct Found: Sendable {
        var offset: Int64
        var timestampMs: Int64
        /// `nil` where no pattern wants it.
        var record: StoredRecord?
    }
    private let windows: [Window]
    private var found: [[Found]]
    /// By window, the lowest offset that was given out or looked at.
    private var places: [Int64]

    init(_ windows: [Window], _ found: [[Found]]) {
        self.windows = windows
        self.found = found
        places = windows.map(\.to)
    }

    /// Stops where a window is empty and its partition goes on: what comes before it may be newer than the others' next.
    mutating func take(_ count: Int, before sequence: Int64) -> [StoredRecord] {
        var records: [StoredRecord] = []
        var sequence = sequence
        while records.count < count {
            if windows.indices.contains(where: { found[$0].isEmpty && windows[$0].from > windows[$0].oldest }) { break }
            guard
                let newest = windows.indices.filter({ !found[$0].isEmpty }).max(by: {
                    (found[$0].last?.timestampMs ?? 0, $1) < (found[$1].last?.timestampMs ?? 0, $0)
                }), let next = found[newest].popLast()
            else { break }
            sequence -= places[newest] - next.offset
            places[newest] = next.offset
            if var record = next.record {
                record.sequence = sequence
                records.append(record)
            }
        }
        for index in windows.indices where found[index].isEmpty { places[index] = windows[index].from }
        return records
    }

    func next(after cursor: LogCursor) -> LogCursor {
        let isDone = windows.indices.allSatisfy { places[$0] <= windows[$0].oldest }
        guard !isDone else { return .start }
        var parts = zip(windows, places).map { LogPart(name: $0.partition.name, next: $1) }
        let names = Set(parts.map(\.name))
        parts += cursor.parts.filter { !names.contains($0.name) }
        return LogCursor(parts: parts)
    }
}

extension KafkaReader {
    /// All records of the windows.
    func read(_ windows: [BackwardMerge.Window], _ patterns: [TopicPattern], timeoutMs: Int) throws -> [[BackwardMerge.Found]] {
        var found = [[BackwardMerge.Found]](repeating: [], count: windows.count)
        let deadline = ContinuousClock.now + .milliseconds(timeoutMs)
        let windowOf = parts.map { part in windows.firstIndex { $0.partition == part.partition } ?? 0 }
        while parts.indices.contains(where: { parts[$0].next < windows[windowOf[$0]].to }) {
            guard let (message, part) = try peek(timeoutMs: 50) else {
                guard ContinuousClock.now < deadline else {
                    throw EventLogError(.brokerAway, "could not read \(parts.count) partitions backward: no answer; try again")
                }
                continue
            }
            let window = windowOf[part]
            let offset = message.pointee.offset
            if offset < windows[window].to {
                found[window].append(one(message, part, patterns))
            }
            take(part, offset)
        }
        return found
    }
}
