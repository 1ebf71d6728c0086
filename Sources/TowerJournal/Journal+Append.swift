import Synchronization
public import TowerStreaming

extension Journal {
    public func append(_ records: [Record]) async throws -> [StoredPosition] {
        guard !records.isEmpty else { return [] }
        let buffer = takeBuffer()
        defer { giveBack(buffer) }
        try resolve(count: records.count, into: buffer) { index, body in Self.withName(records[index].topic, body) }
        try encode(records, into: buffer)
        try await submit(buffer)
        return buffer.positions()
    }

    public func append(_ block: RecordBlock) async throws -> [StoredPosition] {
        guard block.count > 0 else { return [] }
        let buffer = takeBuffer()
        defer { giveBack(buffer) }
        let names = block.topicNames
        try resolve(count: block.topicCount, into: buffer) { index, body in
            names.withUnsafeBytes { body(UnsafeRawBufferPointer(rebasing: $0[block.topicRange(index)])) }
        }
        try encode(block, into: buffer)
        try await submit(buffer)
        return buffer.positions()
    }

    private static func withName(_ topic: TopicName, _ body: (UnsafeRawBufferPointer) -> Void) {
        var text = topic.rawValue
        text.withUTF8 { body(UnsafeRawBufferPointer($0)) }
    }

    /// Finds the number of each topic, giving one to names not seen before. They become visible with their first record.
    ///
    /// - Parameter withName: calls its second argument with the bytes of the topic's name.
    private func resolve(
        count: Int, into buffer: FrameBuffer, withName: (Int, (UnsafeRawBufferPointer) -> Void) -> Void
    ) throws(EventLogError) {
        buffer.topics.reserveCapacity(count)
        let maxTopics = configuration.maxTopics
        let failure = catalog.state.withLock { state -> EventLogError? in
            var failure: EventLogError?
            for index in 0..<count where failure == nil {
                withName(index) { name in
                    let known = state.topics.find(name)
                    guard known == nil, !TopicName.isValid(name) || state.topics.count >= maxTopics else {
                        let number = known ?? state.topics.number(of: name)
                        buffer.topics.append(
                            FrameBuffer.TopicReference(number: number, retention: state.topics.retention(number)))
                        return
                    }
                    let topic = TopicName(String(decoding: name, as: UTF8.self))
                    failure =
                        topic.isValid
                        ? EventLogError(
                            .tooManyTopics, "could not create topic \(topic): there are \(maxTopics) already; raise maxTopics")
                        : .badTopicName(topic)
                }
            }
            return failure
        }
        if let failure { throw failure }
    }

    private func encode(_ records: [Record], into buffer: FrameBuffer) throws(EventLogError) {
        var encoder = FrameEncoder(buffer)
        for index in records.indices {
            let record = records[index]
            let headerBytes = record.headers.reduce(0) { $0 + $1.value.count + $1.name.utf8.count }
            try checkSize(record.value.count + (record.key?.count ?? 0) + headerBytes, buffer)
            let topic = buffer.topics[index]
            var text = record.topic.rawValue
            text.withUTF8 { name in
                record.value.withUnsafeBytes { value in
                    func add(_ key: UnsafeRawBufferPointer?) {
                        encoder.add(topic, name: UnsafeRawBufferPointer(name), key: key, value: value, headers: record.headers)
                    }
                    if let key = record.key { key.withUnsafeBytes { add($0) } } else { add(nil) }
                }
            }
        }
        encoder.finish()
    }

    private func encode(_ block: RecordBlock, into buffer: FrameBuffer) throws(EventLogError) {
        var encoder = FrameEncoder(buffer)
        let headerBytes = block.headerSets.map { $0.reduce(0) { $0 + $1.value.count + $1.name.utf8.count } }
        let result = block.bytes.withUnsafeBytes { bytes in
            block.topicNames.withUnsafeBytes { names in
                Result { () throws(EventLogError) in try encode(block, bytes, names, headerBytes, into: buffer, &encoder) }
            }
        }
        try result.get()
        encoder.finish()
    }

    private func encode(
        _ block: RecordBlock, _ bytes: UnsafeRawBufferPointer, _ names: UnsafeRawBufferPointer, _ headerBytes: [Int], into buffer: FrameBuffer,
        _ encoder: inout FrameEncoder
    ) throws(EventLogError) {
        for entry in block.entries {
            let value = UnsafeRawBufferPointer(rebasing: bytes[Int(entry.valueStart)..<Int(entry.valueEnd)])
            let key = entry.keyStart < 0 ? nil : UnsafeRawBufferPointer(rebasing: bytes[Int(entry.keyStart)..<Int(entry.keyEnd)])
            let headers = entry.headers < 0 ? [] : block.headerSets[Int(entry.headers)]
            try checkSize(value.count + (key?.count ?? 0) + (entry.headers < 0 ? 0 : headerBytes[Int(entry.headers)]), buffer)
            encoder.add(
                buffer.topics[Int(entry.topic)],
                name: UnsafeRawBufferPointer(rebasing: names[block.topicRange(Int(entry.topic))]), key: key, value: value,
                headers: headers)
        }
    }

    private func checkSize(_ size: Int, _ buffer: FrameBuffer) throws(EventLogError) {
        guard size <= configuration.maxRecordBytes else { throw .recordTooLarge(size, bound: configuration.maxRecordBytes) }
        guard buffer.count + size <= configuration.maxAppendBytes else {
            throw .recordTooLarge(buffer.count + size, bound: configuration.maxAppendBytes)
        }
    }

    /// Appends sections without records, which only say something about topics.
    func appendControl(_ topics: [TopicName], flags: SectionHeader.Flags) async throws {
        guard !topics.isEmpty else { return }
        let buffer = takeBuffer()
        defer { giveBack(buffer) }
        try resolve(count: topics.count, into: buffer) { index, body in Self.withName(topics[index], body) }
        var encoder = FrameEncoder(buffer)
        for (index, topic) in topics.enumerated() {
            var text = topic.rawValue
            text.withUTF8 { encoder.addControl(buffer.topics[index], name: UnsafeRawBufferPointer($0), flags: flags) }
        }
        encoder.finish()
        try await submit(buffer)
    }

    /// Hands the buffer to the writer and waits for the sync.
    private func submit(_ buffer: FrameBuffer) async throws {
        try await submit(.append(buffer), bytes: buffer.count)
    }

    func submit(_ work: WriteQueue.Item.Work, bytes: Int) async throws {
        try await withUnsafeThrowingContinuation { continuation in
            let item = WriteQueue.Item(work: work, bytes: bytes, continuation: continuation)
            do throws(EventLogError) {
                try queue.submit(item)
            } catch {
                item.fail(error)
            }
        }
    }
}
