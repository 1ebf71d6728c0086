import CRdKafka
import Synchronization
public import TowerStreaming

extension KafkaLog {
    public func append(_ records: [Record]) async throws -> [StoredPosition] {
        var bytes: [UInt8] = []
        var places: [(key: Range<Int>?, value: Range<Int>)] = []
        places.reserveCapacity(records.count)
        for record in records {
            let start = bytes.count
            if let key = record.key { bytes.append(contentsOf: key) }
            let middle = bytes.count
            bytes.append(contentsOf: record.value)
            places.append((record.key.map { _ in start..<middle }, middle..<bytes.count))
        }
        var block = RecordBlock(bytes: bytes)
        var topics: [TopicName: Int32] = [:]
        for (record, place) in zip(records, places) {
            let topic = topics[record.topic] ?? block.addTopic(record.topic)
            topics[record.topic] = topic
            let headers = record.headers.isEmpty ? -1 : block.addHeaders(record.headers)
            block.append(topic: topic, key: place.key, value: place.value, headers: headers)
        }
        return try await append(block)
    }

    public func append(_ block: RecordBlock) async throws -> [StoredPosition] {
        try checkOpen()
        guard block.count > 0 else { return [] }
        let block = framed(block)
        let bytes = try check(block)
        let producer = try currentProducer()
        let missing = producer.missing(block)
        if !missing.isEmpty {
            try await calls.run { [directory] in try directory.ensure(missing) }
        }
        try budget.take(bytes: bytes, records: block.count)
        do {
            return try await producer.produce(block, bytes: bytes, budget: budget, clock: clock)
        } catch let error as EventLogError where error.code == .fenced && configuration.repeatsAreHarmless {
            throw EventLogError(.brokerAway, error.message)
        }
    }

    /// The block with the schema's frame before its events, where frames are written.
    private func framed(_ block: RecordBlock) -> RecordBlock {
        let schema = schemaID.load(ordering: .acquiring)
        guard schema != 0 else { return block }
        let isEvents = (0..<block.topicCount).map { KafkaTopicLayout.holdsEvents(block.topic($0)) }
        guard isEvents.contains(true) else { return block }
        return block.prefixing(SchemaFraming.frame(id: schema), topics: isEvents)
    }

    /// The producer; a new one where the old had a fatal error.
    private func currentProducer() throws(EventLogError) -> KafkaProducer {
        let result = state.withLock { state -> Result<KafkaProducer, EventLogError> in
            guard !state.isClosed, let producer = state.producer else { return .failure(.kafkaClosed) }
            guard producer.handle.fatal != nil else { return .success(producer) }
            return Result { () throws(EventLogError) in try KafkaProducer(configuration, directory) }.map { next in
                producer.stop()
                state.producer = next
                return next
            }
        }
        return try result.get()
    }

    /// Names and sizes, before anything is written. Returns what the block holds in memory.
    private func check(_ block: RecordBlock) throws(EventLogError) -> Int {
        for topic in 0..<block.topicCount {
            let isValid = block.topicNames.withUnsafeBytes {
                TopicName.isValid(UnsafeRawBufferPointer(rebasing: $0[block.topicRange(topic)]))
            }
            guard isValid else { throw .badTopicName(block.topic(topic)) }
        }
        let headerSizes = (0..<block.headerSetCount).map { set in
            var size = 0
            block.forEachHeader(set) { _, _, value in size += value.count }
            return size
        }
        for entry in block.entries {
            let key = entry.keyStart < 0 ? 0 : Int(entry.keyEnd - entry.keyStart)
            let size = Int(entry.valueEnd - entry.valueStart) + key + (entry.headers < 0 ? 0 : headerSizes[Int(entry.headers)])
            guard size <= configuration.maxRecordBytes else { throw .recordTooLarge(size, bound: configuration.maxRecordBytes) }
        }
        return block.bytes.count + block.ownKeys.count + 256 * block.count
    }
}
