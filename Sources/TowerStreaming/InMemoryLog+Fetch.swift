extension InMemoryLog {
    public func fetch(topic: TopicName, from offset: Int64, maxBytes: Int) async throws -> [StoredRecord] {
        try read { state in
            guard let topicState = state.topics[topic], topicState.isListed else { throw EventLogError.unknownTopic(topic) }
            var records: [StoredRecord] = []
            var bytes = 0
            var at = max(offset, topicState.start)
            while at < topicState.places.count {
                let record = state.records[topicState.places[Int(at)]]
                if !records.isEmpty, bytes + record.record.value.count > maxBytes { break }
                bytes += record.record.value.count
                records.append(record)
                at += 1
            }
            return records
        }
    }

    public func fetch(matching patterns: [TopicPattern], from cursor: LogCursor, maxRecords: Int, maxBytes: Int) async throws
        -> LogSlice
    {
        try read { state in
            var records: [StoredRecord] = []
            var bytes = 0
            var at = max(cursor.sequence, 0)
            while at < state.records.count {
                let record = state.records[Int(at)]
                if Self.isReadable(record, in: state, patterns) {
                    let isFull = records.count >= maxRecords || !records.isEmpty && bytes + record.record.value.count > maxBytes
                    if isFull { return LogSlice(records: records, next: LogCursor(sequence: at)) }
                    bytes += record.record.value.count
                    records.append(record)
                }
                at += 1
            }
            return LogSlice(records: records, next: LogCursor(sequence: at))
        }
    }

    public func fetchBackward(matching patterns: [TopicPattern], before cursor: LogCursor, maxRecords: Int, maxScanned: Int)
        async throws -> LogSlice
    {
        try read { state in
            var records: [StoredRecord] = []
            var at = min(max(cursor.sequence, 0), Int64(state.records.count))
            var scanned = 0
            while at > 0, records.count < maxRecords, scanned < maxScanned {
                at -= 1
                scanned += 1
                let record = state.records[Int(at)]
                if Self.isReadable(record, in: state, patterns) { records.append(record) }
            }
            return LogSlice(records: records, next: LogCursor(sequence: at))
        }
    }

    public func cursor(atOrAfterMs timestampMs: Int64) async throws -> LogCursor {
        try read { state in
            let index = Self.firstIndex(in: 0..<state.records.count) { state.records[$0].timestampMs >= timestampMs }
            return LogCursor(sequence: Int64(index))
        }
    }

    public func offset(topic: TopicName, atOrAfterMs timestampMs: Int64) async throws -> Int64 {
        try read { state in
            guard let topicState = state.topics[topic], topicState.isListed else { throw EventLogError.unknownTopic(topic) }
            return Int64(
                Self.firstIndex(in: Int(topicState.start)..<topicState.places.count) {
                    state.records[topicState.places[$0]].timestampMs >= timestampMs
                })
        }
    }

    static func isReadable(_ record: StoredRecord, in state: State, _ patterns: [TopicPattern]) -> Bool {
        guard let topic = state.topics[record.record.topic], topic.isListed, record.offset >= topic.start else { return false }
        return patterns.contains { $0.matches(record.record.topic) }
    }

    /// Binary search: the first index for which `isPast` holds; it must hold for all after it too.
    static func firstIndex(in range: Range<Int>, where isPast: (Int) -> Bool) -> Int {
        var low = range.lowerBound
        var high = range.upperBound
        while low < high {
            let middle = low + (high - low) / 2
            if isPast(middle) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
