import CRdKafka
import Glibc
import TowerStreaming

extension KafkaReader {
    struct Limits: Sendable {
        var records: Int
        var bytes: Int
        /// When to give up on brokers that say there is more and do not send it.
        var timeoutMs: Int
    }

    /// What is there, from the cursor on: up to the limits, and nothing only when there was nothing when the call began.
    func fetch(_ patterns: [TopicPattern], _ limits: Limits) throws -> LogBlock {
        var block = LogBlock(next: .start)
        topicNumbers.begin(patterns)
        var bytes = 0
        var ends: [Int64]?
        let deadline = ContinuousClock.now + .milliseconds(limits.timeoutMs)
        reading: while block.count < limits.records {
            while block.count < limits.records, let (message, part) = try peek(timeoutMs: 0) {
                let offset = message.pointee.offset
                if let topic = logicalTopic(message, part) {
                    let size = Int(message.pointee.len)
                    if !block.isEmpty, bytes + size > limits.bytes || block.bytes.count > 1 << 30 { break reading }
                    bytes += size
                    let after = sum + offset + 1 - parts[part].next
                    append(message, part, sequence: after - 1, topic: topic, to: &block)
                }
                take(part, offset)
            }
            if !block.isEmpty { break }
            if ends == nil {
                let found = try handle.offsets(parts.map(\.partition), .end, timeoutMs: limits.timeoutMs)
                ends = parts.map { found[$0.partition] ?? 0 }
            }
            guard let ends, zip(parts, ends).contains(where: { $0.next < $1 }) else { break }
            guard ContinuousClock.now < deadline else {
                throw handle.failure(RD_KAFKA_RESP_ERR__TIMED_OUT, "could not read \(parts.count) partitions")
            }
            _ = try peek(timeoutMs: 50)
        }
        block.next = cursor
        return block
    }

    /// One message as a value of its own.
    func one(
        _ message: UnsafeMutablePointer<rd_kafka_message_t>, _ part: Int, _ patterns: [TopicPattern]
    ) -> BackwardMerge.Found {
        topicNumbers.begin(patterns)
        var block = LogBlock(next: .start)
        if let topic = logicalTopic(message, part) { append(message, part, sequence: 0, topic: topic, to: &block) }
        return BackwardMerge.Found(
            offset: message.pointee.offset, timestampMs: rd_kafka_message_timestamp(message, nil),
            record: block.isEmpty ? nil : block.record(0))
    }

    /// Whether a record at or after the cursor came within the time.
    func wait(timeoutMs: Int) throws -> Bool { try peek(timeoutMs: timeoutMs) != nil }

    /// The number of the record's logical topic, `nil` when no pattern wants it.
    private func logicalTopic(_ message: UnsafeMutablePointer<rd_kafka_message_t>, _ part: Int) -> Int? {
        if let headers = crdk_message_headers(message) {
            var value: UnsafeRawPointer?
            var size = 0
            if rd_kafka_header_get_last(headers, KafkaTopicLayout.header, &value, &size) == RD_KAFKA_RESP_ERR_NO_ERROR, let value {
                return topicNumbers.wanted(UnsafeRawBufferPointer(start: value, count: size))
            }
        }
        // Somebody else's record: the key of an events record is its site.
        let place = parts[part].partition.topic
        var name = place.rawValue
        let events = KafkaTopicLayout.families[0]
        if layout == .keyed, place == events.place, let key = message.pointee.key {
            let site = String(decoding: UnsafeRawBufferPointer(start: key, count: message.pointee.key_len), as: UTF8.self)
            let derived = TopicName(events.head + site + events.tail)
            if derived.isValid { name = derived.rawValue }
        }
        return name.withUTF8 { topicNumbers.wanted(UnsafeRawBufferPointer($0)) }
    }

    private func append(
        _ message: UnsafeMutablePointer<rd_kafka_message_t>, _ part: Int, sequence: Int64, topic: Int, to block: inout LogBlock
    ) {
        let index = topicNumbers.index(topic, in: &block)
        var key: Range<Int>?
        if let bytes = message.pointee.key { key = Self.add(bytes, message.pointee.key_len, to: &block.bytes) }
        // An event begins with a brace and with no zero byte, so that a frame, ours or another's, is known by both. Any other bytes stay.
        let payload = UnsafeRawBufferPointer(start: message.pointee.payload, count: message.pointee.payload == nil ? 0 : message.pointee.len)
        let isFramed = parts[part].holdsEvents && SchemaFraming.isFramed(payload) && payload.dropFirst(SchemaFraming.byteCount).first == UInt8(ascii: "{")
        let skipped = isFramed ? SchemaFraming.byteCount : 0
        let value = Self.add(payload.baseAddress.map { $0 + skipped }, payload.count - skipped, to: &block.bytes)
        let start = block.bytes.count
        var count = 0
        if let headers = crdk_message_headers(message) {
            var at = 0
            var name: UnsafePointer<CChar>?
            var bytes: UnsafeRawPointer?
            var size = 0
            while rd_kafka_header_get_all(headers, at, &name, &bytes, &size) == RD_KAFKA_RESP_ERR_NO_ERROR {
                at += 1
                guard let name, strcmp(name, KafkaTopicLayout.header) != 0, strcmp(name, KafkaTopicLayout.orderHeader) != 0 else { continue }
                let length = strlen(name)
                Self.addVarint(length, to: &block.bytes)
                _ = Self.add(name, length, to: &block.bytes)
                Self.addVarint(size, to: &block.bytes)
                _ = Self.add(bytes, size, to: &block.bytes)
                count += 1
            }
        }
        block.entries.append(
            LogBlock.Entry(
                offset: message.pointee.offset, sequence: sequence, timestampMs: rd_kafka_message_timestamp(message, nil), topic: index,
                key: key, value: value, headersStart: start, headerCount: count, partition: message.pointee.partition))
    }

    private static func add(_ bytes: UnsafeRawPointer?, _ count: Int, to all: inout [UInt8]) -> Range<Int> {
        let start = all.count
        if let bytes, count > 0 { all.append(contentsOf: UnsafeRawBufferPointer(start: bytes, count: count)) }
        return start..<all.count
    }

    private static func addVarint(_ value: Int, to all: inout [UInt8]) {
        withUnsafeTemporaryAllocation(byteCount: 10, alignment: 1) { memory in
            guard let base = memory.baseAddress else { return }
            let count = Varint.write(value, to: base, at: 0)
            all.append(contentsOf: UnsafeRawBufferPointer(rebasing: memory[..<count]))
        }
    }
}
