/// Many records in one piece of memory: what a door that already holds the bytes hands to the log.
///
/// - Shape: record `i` is `entries[i]`; keys and values are ranges of `bytes`, so that a request body is appended
///   without taking it apart into arrays. Ranges may overlap (a key is usually inside its value).
/// - Bounds: `bytes` holds at most 2 GiB.
public struct RecordBlock: Sendable {
    public struct Entry: Sendable {
        /// Index in `topics`.
        public var topic: Int32
        /// -1 when the key is null.
        public var keyStart: Int32
        public var keyEnd: Int32
        public var valueStart: Int32
        public var valueEnd: Int32
        /// Index in `headerSets`; -1 for none.
        public var headers: Int32
    }
    public let bytes: [UInt8]
    public private(set) var topics: [TopicName] = []
    public private(set) var entries: [Entry] = []
    public private(set) var headerSets: [[Record.Header]] = []

    public init(bytes: [UInt8]) {
        precondition(bytes.count <= Int(Int32.max), "a block holds at most 2 GiB")
        self.bytes = bytes
    }

    public var count: Int { entries.count }

    public mutating func reserveCapacity(records: Int, topics: Int) {
        entries.reserveCapacity(records)
        self.topics.reserveCapacity(topics)
    }

    /// Names a topic for `append`. The same topic may be named more than once.
    public mutating func addTopic(_ topic: TopicName) -> Int32 {
        topics.append(topic)
        return Int32(topics.count - 1)
    }

    /// Headers that several records share.
    public mutating func addHeaders(_ headers: [Record.Header]) -> Int32 {
        headerSets.append(headers)
        return Int32(headerSets.count - 1)
    }

    /// Adds one record whose key and value are ranges of `bytes`.
    public mutating func append(topic: Int32, key: Range<Int>?, value: Range<Int>, headers: Int32 = -1) {
        precondition(topics.indices.contains(Int(topic)) && headers < headerSets.count, "no such topic or headers in the block")
        precondition(value.lowerBound >= 0 && value.upperBound <= bytes.count, "value outside the block")
        if let key { precondition(key.lowerBound >= 0 && key.upperBound <= bytes.count, "key outside the block") }
        entries.append(
            Entry(
                topic: topic, keyStart: key.map { Int32($0.lowerBound) } ?? -1, keyEnd: key.map { Int32($0.upperBound) } ?? -1,
                valueStart: Int32(value.lowerBound), valueEnd: Int32(value.upperBound), headers: headers))
    }

    /// The same record as a value of its own.
    public func record(_ index: Int) -> Record {
        let entry = entries[index]
        return Record(
            topic: topics[Int(entry.topic)],
            key: entry.keyStart < 0 ? nil : Array(bytes[Int(entry.keyStart)..<Int(entry.keyEnd)]),
            value: Array(bytes[Int(entry.valueStart)..<Int(entry.valueEnd)]),
            headers: entry.headers < 0 ? [] : headerSets[Int(entry.headers)])
    }
}

extension EventLog {
    /// Appends a block; logs that can take it whole have their own.
    public func append(_ block: RecordBlock) async throws -> [StoredPosition] {
        try await append((0..<block.count).map(block.record))
    }
}
