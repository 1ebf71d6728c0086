/// Many records in one piece of memory: what a door that already holds the bytes hands to the log.
///
/// - Shape: record `i` is `entries[i]`; keys and values are ranges of `bytes`, so that a request body is appended
///   without taking it apart into arrays. Ranges may overlap (a key is usually inside its value). A key's range may also count on
///   behind `bytes` into `ownKeys`.
/// - Bounds: `bytes` and `ownKeys` hold at most 2 GiB.
public struct RecordBlock: Sendable {
    public struct Entry: Sendable {
        /// Which of the block's topics.
        public var topic: Int32
        /// -1 when the key is null.
        public var keyStart: Int32
        public var keyEnd: Int32
        public var valueStart: Int32
        public var valueEnd: Int32
        /// Which of the sets of headers; -1 for none.
        public var headers: Int32
    }
    public let bytes: [UInt8]
    /// Keys that no record's bytes hold; the first lies at `bytes.count`.
    public private(set) var ownKeys: [UInt8] = []
    /// The topics' names one behind the other, and where each ends: naming a topic makes no string.
    public private(set) var topicNames: [UInt8] = []
    public private(set) var topicEnds: [Int32] = []
    public private(set) var entries: [Entry] = []
    /// Sets of headers one behind the other, each their number and they themselves in Kafka's form (`HeaderText`), and where each ends.
    public private(set) var headerBytes: [UInt8] = []
    public private(set) var headerEnds: [Int32] = []

    public init(bytes: [UInt8]) {
        precondition(bytes.count <= Int(Int32.max), "a block holds at most 2 GiB")
        self.bytes = bytes
    }

    /// Records of another block whose keys and values lie elsewhere now.
    init(_ other: RecordBlock, bytes: [UInt8], places: [(key: Range<Int>?, value: Range<Int>)]) {
        self.init(bytes: bytes)
        topicNames = other.topicNames
        topicEnds = other.topicEnds
        headerBytes = other.headerBytes
        headerEnds = other.headerEnds
        entries.reserveCapacity(places.count)
        for (entry, place) in zip(other.entries, places) {
            append(topic: entry.topic, key: place.key, value: place.value, headers: entry.headers)
        }
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
    public mutating func addHeaders(_ headers: [Record.Header]) -> Int32 { addHeaders(HeaderText(headers)) }

    /// A set made of two parts, of which the second may be common to many sets.
    public mutating func addHeaders(_ own: HeaderText, and common: HeaderText = HeaderText()) -> Int32 {
        HeaderText.put(own.count + common.count, to: &headerBytes)
        headerBytes.append(contentsOf: own.bytes)
        headerBytes.append(contentsOf: common.bytes)
        headerEnds.append(Int32(headerBytes.count))
        return Int32(headerEnds.count - 1)
    }

    public var headerSetCount: Int { headerEnds.count }

    /// Where a set lies in `headerBytes`.
    public func headerRange(_ set: Int) -> Range<Int> { (set == 0 ? 0 : Int(headerEnds[set - 1]))..<Int(headerEnds[set]) }

    /// Goes through a set: where each name and value lies in `headerBytes`, which is given along.
    public func forEachHeader(_ set: Int, _ body: (UnsafeRawBufferPointer, _ name: Range<Int>, _ value: Range<Int>) -> Void) {
        headerBytes.withUnsafeBytes { bytes in
            var at = headerRange(set).lowerBound
            for _ in 0..<(Varint.read(bytes, at: &at) ?? 0) {
                guard let (name, value) = HeaderText.next(bytes, &at) else { return }
                body(bytes, name, value)
            }
        }
    }

    /// Keeps a key that is in no value, for `append`.
    public mutating func addKey(_ key: some Collection<UInt8>) -> Range<Int> {
        let start = bytes.count + ownKeys.count
        precondition(start + key.count <= Int(Int32.max), "a block holds at most 2 GiB")
        ownKeys.append(contentsOf: key)
        return start..<start + key.count
    }

    /// Adds one record whose value is a range of `bytes`, its key another, or one of `addKey`.
    public mutating func append(topic: Int32, key: Range<Int>?, value: Range<Int>, headers: Int32 = -1) {
        precondition(topicEnds.indices.contains(Int(topic)) && headers < headerEnds.count, "no such topic or headers in the block")
        precondition(value.lowerBound >= 0 && value.upperBound <= bytes.count, "value outside the block")
        if let key {
            let end = key.lowerBound < bytes.count ? bytes.count : bytes.count + ownKeys.count
            precondition(key.lowerBound >= 0 && key.upperBound <= end, "key outside the block")
        }
        entries.append(
            Entry(
                topic: topic, keyStart: key.map { Int32($0.lowerBound) } ?? -1, keyEnd: key.map { Int32($0.upperBound) } ?? -1,
                valueStart: Int32(value.lowerBound), valueEnd: Int32(value.upperBound), headers: headers))
    }

    /// The same record as a value of its own.
    public func record(_ index: Int) -> Record {
        let entry = entries[index]
        var headers: [Record.Header] = []
        if entry.headers >= 0 {
            forEachHeader(Int(entry.headers)) { headers.append(HeaderText.header($0, ($1, $2))) }
        }
        return Record(
            topic: topic(Int(entry.topic)), key: entry.keyStart < 0 ? nil : key(Int(entry.keyStart)..<Int(entry.keyEnd)),
            value: Array(bytes[Int(entry.valueStart)..<Int(entry.valueEnd)]), headers: headers)
    }

    private func key(_ range: Range<Int>) -> [UInt8] {
        guard range.lowerBound >= bytes.count, !range.isEmpty else { return Array(bytes[range]) }
        return Array(ownKeys[range.lowerBound - bytes.count..<range.upperBound - bytes.count])
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
