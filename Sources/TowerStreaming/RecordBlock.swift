/// Many records in one piece of memory: what a door that already holds the bytes hands to the log.
///
/// - Shape: record `i` is `entries[i]`; keys and values are ranges of `bytes`, so that a request body is appended
///   without taking it apart into arrays. Ranges may overlap (a key is usually inside its value).
/// - Bounds: `bytes` holds at most 2 GiB.
public struct RecordBlock: Sendable {
    public struct Entry: Sendable {
        /// Which of the block's topics.
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
    /// The topics' names one behind the other, and where each ends: naming a topic makes no string.
    public private(set) var topicNames: [UInt8] = []
    public private(set) var topicEnds: [Int32] = []
    public private(set) var entries: [Entry] = []
    public private(set) var headerSets: [[Record.Header]] = []

    public init(bytes: [UInt8]) {
        precondition(bytes.count <= Int(Int32.max), "a block holds at most 2 GiB")
        self.bytes = bytes
    }

    public var count: Int { entries.count }

    public mutating func reserveCapacity(records: Int, topics: Int) {
        entries.reserveCapacity(records)
        topicEnds.reserveCapacity(topics)
        topicNames.reserveCapacity(topics * 32)
    }

    /// Names a topic for `append`. The same topic may be named more than once.
    public mutating func addTopic(_ topic: TopicName) -> Int32 {
        topicNames.append(contentsOf: topic.rawValue.utf8)
        return endTopic()
    }

    /// Names the events topic of a site whose name is a range of `bytes`.
    public mutating func addSiteTopic(site: Range<Int>) -> Int32 {
        precondition(site.lowerBound >= 0 && site.upperBound <= bytes.count, "site outside the block")
        Self.append("towerco.sites.", to: &topicNames)
        bytes.withUnsafeBytes { topicNames.append(contentsOf: UnsafeRawBufferPointer(rebasing: $0[site])) }
        Self.append(".events", to: &topicNames)
        return endTopic()
    }

    private mutating func endTopic() -> Int32 {
        topicEnds.append(Int32(topicNames.count))
        return Int32(topicEnds.count - 1)
    }

    private static func append(_ text: StaticString, to bytes: inout [UInt8]) {
        bytes.append(contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    public var topicCount: Int { topicEnds.count }

    /// Where a topic's name lies in `topicNames`.
    public func topicRange(_ topic: Int) -> Range<Int> { (topic == 0 ? 0 : Int(topicEnds[topic - 1]))..<Int(topicEnds[topic]) }

    public func topic(_ topic: Int) -> TopicName { TopicName(String(decoding: topicNames[topicRange(topic)], as: UTF8.self)) }

    /// Headers that several records share.
    public mutating func addHeaders(_ headers: [Record.Header]) -> Int32 {
        headerSets.append(headers)
        return Int32(headerSets.count - 1)
    }

    /// Adds one record whose key and value are ranges of `bytes`.
    public mutating func append(topic: Int32, key: Range<Int>?, value: Range<Int>, headers: Int32 = -1) {
        precondition(topicEnds.indices.contains(Int(topic)) && headers < headerSets.count, "no such topic or headers in the block")
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
            topic: topic(Int(entry.topic)),
            key: entry.keyStart < 0 ? nil : Array(bytes[Int(entry.keyStart)..<Int(entry.keyEnd)]),
            value: Array(bytes[Int(entry.valueStart)..<Int(entry.valueEnd)]),
            headers: entry.headers < 0 ? [] : headerSets[Int(entry.headers)])
    }
}

extension RecordBlock {
    /// Records that were read, to be appended elsewhere: the memory is shared, topics and headers are named anew.
    ///
    /// - Parameter range: which of the block's records.
    public init(_ block: LogBlock, _ range: Range<Int>) {
        self.init(bytes: block.bytes)
        reserveCapacity(records: range.count, topics: block.topics.count)
        for topic in block.topics { _ = addTopic(topic) }
        var last: (headers: [Record.Header], number: Int32)?
        for index in range {
            let entry = block.entries[index]
            var headers: Int32 = -1
            if entry.headerCount > 0 {
                let read = block.headers(index)
                if let last, last.headers == read {
                    headers = last.number
                } else {
                    headers = addHeaders(read)
                    last = (read, headers)
                }
            }
            let key = entry.keyStart < 0 ? nil : Int(entry.keyStart)..<Int(entry.keyEnd)
            append(topic: entry.topic, key: key, value: Int(entry.valueStart)..<Int(entry.valueEnd), headers: headers)
        }
    }
}

extension EventLog {
    /// Appends a block; logs that can take it whole have their own.
    public func append(_ block: RecordBlock) async throws -> [StoredPosition] {
        try await append((0..<block.count).map(block.record))
    }
}
