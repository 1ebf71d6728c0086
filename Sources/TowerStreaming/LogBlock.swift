/// A piece of the log in arrival order, in one piece of memory: what replay, copies and shared decoding read.
///
/// - Shape: record `i` is `entries[i]`; keys, values and headers are ranges of `bytes`, so that a million records cost a
///   few allocations.
/// - Headers lie in Kafka's form: `name length varint, name, value length varint, value`, `headerCount` times.
public struct LogBlock: Sendable {
    public struct Entry: Sendable, BitwiseCopyable {
        public var offset: Int64
        public var sequence: Int64
        public var timestampMs: Int64
        /// Index in `topics`.
        public var topic: Int32
        /// -1 when the key is null.
        public var keyStart: Int32
        public var keyEnd: Int32
        public var valueStart: Int32
        public var valueEnd: Int32
        public var headersStart: Int32
        public var headerCount: Int32
        /// Of the topic that `EventLog.place(of:)` names; 0 where the log has no partitions.
        public var partition: Int32
        public init(
            offset: Int64, sequence: Int64, timestampMs: Int64, topic: Int32, key: Range<Int>?, value: Range<Int>,
            headersStart: Int, headerCount: Int, partition: Int32 = 0
        ) {
            self.partition = partition
            self.offset = offset
            self.sequence = sequence
            self.timestampMs = timestampMs
            self.topic = topic
            keyStart = key.map { Int32($0.lowerBound) } ?? -1
            keyEnd = key.map { Int32($0.upperBound) } ?? -1
            valueStart = Int32(value.lowerBound)
            valueEnd = Int32(value.upperBound)
            self.headersStart = Int32(headersStart)
            self.headerCount = Int32(headerCount)
        }
    }
    public var bytes: [UInt8] = []
    public var topics: [TopicName] = []
    public var entries: [Entry] = []
    /// Where to go on; past records that did not match, too.
    public var next: LogCursor

    public init(next: LogCursor) { self.next = next }

    public var count: Int { entries.count }
    public var isEmpty: Bool { entries.isEmpty }

    public func value(_ index: Int) -> ArraySlice<UInt8> {
        bytes[Int(entries[index].valueStart)..<Int(entries[index].valueEnd)]
    }

    public func topic(_ index: Int) -> TopicName { topics[Int(entries[index].topic)] }

    /// The headers of a record; fewer where the bytes hold fewer than they say.
    public func headers(_ index: Int) -> [Record.Header] {
        let entry = entries[index]
        var headers: [Record.Header] = []
        bytes.withUnsafeBytes { bytes in
            var at = Int(entry.headersStart)
            for _ in 0..<entry.headerCount {
                guard let place = HeaderText.next(bytes, &at) else { return }
                headers.append(HeaderText.header(bytes, place))
            }
        }
        return headers
    }

    /// One header's value as text, without making the others.
    public func header(_ name: StaticString, _ index: Int) -> String? {
        let entry = entries[index]
        return bytes.withUnsafeBytes { bytes in
            var at = Int(entry.headersStart)
            for _ in 0..<entry.headerCount {
                guard let (known, value) = HeaderText.next(bytes, &at) else { return nil }
                let isIt =
                    known.count == name.utf8CodeUnitCount
                    && bytes[known].elementsEqual(UnsafeBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount))
                if isIt { return String(decoding: bytes[value], as: UTF8.self) }
            }
            return nil
        }
    }

    /// The same record as a value of its own.
    public func record(_ index: Int) -> StoredRecord {
        let entry = entries[index]
        let key = entry.keyStart < 0 ? nil : Array(bytes[Int(entry.keyStart)..<Int(entry.keyEnd)])
        return StoredRecord(
            record: Record(topic: topic(index), key: key, value: Array(value(index)), headers: headers(index)),
            offset: entry.offset, sequence: entry.sequence, timestampMs: entry.timestampMs)
    }

    /// Adds a record that lies elsewhere.
    public mutating func append(_ stored: StoredRecord, topic: Int32) {
        let record = stored.record
        var key: Range<Int>?
        if let bytes = record.key { key = add(bytes) }
        let value = add(record.value)
        let headersStart = bytes.count
        for header in record.headers { HeaderText.put(header, to: &bytes) }
        entries.append(
            Entry(
                offset: stored.offset, sequence: stored.sequence, timestampMs: stored.timestampMs, topic: topic, key: key,
                value: value, headersStart: headersStart, headerCount: record.headers.count))
    }

    private mutating func add(_ more: [UInt8]) -> Range<Int> {
        let start = bytes.count
        bytes.append(contentsOf: more)
        return start..<bytes.count
    }
}

extension LogBlock {
    /// A slice of single records in the block's form.
    public init(_ slice: LogSlice) {
        self.init(next: slice.next)
        var numbers: [TopicName: Int32] = [:]
        for stored in slice.records {
            let number = numbers[stored.record.topic] ?? Int32(topics.count)
            if number == topics.count {
                numbers[stored.record.topic] = number
                topics.append(stored.record.topic)
            }
            append(stored, topic: number)
        }
    }
}

extension EventLog {
    /// Fetches a block; logs that keep records in one piece have their own.
    public func fetchBlock(
        matching patterns: [TopicPattern], from cursor: LogCursor, maxRecords: Int, maxBytes: Int
    ) async throws -> LogBlock {
        LogBlock(try await fetch(matching: patterns, from: cursor, maxRecords: maxRecords, maxBytes: maxBytes))
    }
}
