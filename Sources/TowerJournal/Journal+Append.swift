import Synchronization
public import TowerStreaming

extension Journal {
    public func append(_ records: [Record]) async throws -> [StoredPosition] {
        guard !records.isEmpty else { return [] }
        let buffer = takeBuffer()
        defer { giveBack(buffer) }
        for record in records { try resolve(record.topic, into: buffer) }
        try encode(records, into: buffer)
        try await submit(buffer)
        return buffer.positions()
    }

    public func append(_ block: RecordBlock) async throws -> [StoredPosition] {
        guard block.count > 0 else { return [] }
        let buffer = takeBuffer()
        defer { giveBack(buffer) }
        try resolve(block, into: buffer)
        try encode(block, into: buffer)
        try await submit(buffer)
        return buffer.positions()
    }

    /// Finds the numbers of a block's topics, giving one to names not seen before. They become visible with their first record.
    private func resolve(_ block: RecordBlock, into buffer: FrameBuffer) throws(EventLogError) {
        let count = block.topicCount
        let failure = block.topicNames.withUnsafeBytes { names in
            block.topicEnds.withUnsafeBufferPointer { ends -> EventLogError? in
                func name(_ index: Int) -> UnsafeRawBufferPointer {
                    let start = index == 0 ? 0 : Int(ends[index - 1])
                    return UnsafeRawBufferPointer(rebasing: names[start..<Int(ends[index])])
                }
                var found = topicNames.find(count: count, into: &buffer.topics, probes: &buffer.probes, name: name)
                while found < count {
                    switch number(of: name(found)) {
                    case .success(let topic): buffer.topics.append(topic)
                    case .failure(let error): return error
                    }
                    found += 1
                }
                return nil
            }
        }
        if let failure { throw failure }
    }

    private func resolve(_ topic: TopicName, into buffer: FrameBuffer) throws(EventLogError) {
        var text = topic.rawValue
        let found = text.withUTF8 { number(of: UnsafeRawBufferPointer($0)) }
        buffer.topics.append(try found.get())
    }

    /// The number of a topic, given now to a name not seen before.
    private func number(of name: UnsafeRawBufferPointer) -> Result<FrameBuffer.TopicReference, EventLogError> {
        if let known = topicNames.find(name) { return .success(known) }
        guard TopicName.isValid(name) else { return .failure(.badTopicName(TopicName(String(decoding: name, as: UTF8.self)))) }
        let maxTopics = configuration.maxTopics
        return catalog.state.withLock { state in
            guard state.topics.find(name) != nil || state.topics.count < maxTopics else {
                let topic = String(decoding: name, as: UTF8.self)
                return .failure(
                    EventLogError(
                        .tooManyTopics, "could not create topic \(topic): there are \(maxTopics) already; raise maxTopics"))
            }
            let number = state.topics.number(of: name)
            return .success(FrameBuffer.TopicReference(number: number, retention: state.topics.states[Int(number)].retention))
        }
    }

    private func encode(_ records: [Record], into buffer: FrameBuffer) throws(EventLogError) {
        var encoder = FrameEncoder(buffer)
        var headers: [UInt8] = []
        for index in records.indices {
            let record = records[index]
            headers.removeAll(keepingCapacity: true)
            HeaderText.put(record.headers, to: &headers)
            try checkSize(record.value.count + (record.key?.count ?? 0) + headers.count - 1, encoder.count)
            let topic = buffer.topics[index]
            var text = record.topic.rawValue
            text.withUTF8 { name in
                record.value.withUnsafeBytes { value in
                    headers.withUnsafeBytes { headers in
                        func add(_ key: UnsafeRawBufferPointer?) {
                            encoder.add(topic, name: UnsafeRawBufferPointer(name), key: key, value: value, headers: headers)
                        }
                        if let key = record.key { key.withUnsafeBytes { add($0) } } else { add(nil) }
                    }
                }
            }
        }
        encoder.finish()
    }

    private func encode(_ block: RecordBlock, into buffer: FrameBuffer) throws(EventLogError) {
        var encoder = FrameEncoder(buffer)
        let tooLarge = block.bytes.withUnsafeBytes { bytes in
            block.ownKeys.withUnsafeBytes { ownKeys in
                block.topicNames.withUnsafeBytes { names in
                    block.headerBytes.withUnsafeBytes { headers in
                        encode(block, (bytes, ownKeys), names, headers, buffer.topics, &encoder)
                    }
                }
            }
        }
        if let tooLarge { try checkSize(tooLarge, encoder.count) }
        encoder.finish()
    }

    /// Returns the size of a record that must not be added, if there is one.
    private func encode(
        _ block: RecordBlock, _ memory: (bytes: UnsafeRawBufferPointer, ownKeys: UnsafeRawBufferPointer), _ names: UnsafeRawBufferPointer,
        _ headers: UnsafeRawBufferPointer, _ topics: [FrameBuffer.TopicReference], _ encoder: inout FrameEncoder
    ) -> Int? {
        let maxRecordBytes = configuration.maxRecordBytes
        let maxAppendBytes = configuration.maxAppendBytes
        let bytes = memory.bytes
        // A record without headers has a set of none.
        return withUnsafeBytes(of: UInt8(0)) { none in
            for entry in block.entries {
                let value = UnsafeRawBufferPointer(rebasing: bytes[Int(entry.valueStart)..<Int(entry.valueEnd)])
                let key = Self.key(entry, bytes, memory.ownKeys)
                let own = entry.headers < 0 ? none : UnsafeRawBufferPointer(rebasing: headers[block.headerRange(Int(entry.headers))])
                let size = value.count + (key?.count ?? 0) + own.count - 1
                if size > maxRecordBytes || encoder.count + size > maxAppendBytes { return size }
                encoder.add(
                    topics[Int(entry.topic)], name: UnsafeRawBufferPointer(rebasing: names[block.topicRange(Int(entry.topic))]),
                    key: key, value: value, headers: own)
            }
            return nil
        }
    }

    @inline(__always)
    private static func key(
        _ entry: RecordBlock.Entry, _ bytes: UnsafeRawBufferPointer, _ ownKeys: UnsafeRawBufferPointer
    ) -> UnsafeRawBufferPointer? {
        guard entry.keyStart >= 0 else { return nil }
        let start = Int(entry.keyStart)
        let end = Int(entry.keyEnd)
        guard start >= bytes.count else { return UnsafeRawBufferPointer(rebasing: bytes[start..<end]) }
        return UnsafeRawBufferPointer(rebasing: ownKeys[start - bytes.count..<end - bytes.count])
    }

    private func checkSize(_ size: Int, _ done: Int) throws(EventLogError) {
        guard size <= configuration.maxRecordBytes else { throw .recordTooLarge(size, bound: configuration.maxRecordBytes) }
        guard done + size <= configuration.maxAppendBytes else {
            throw .recordTooLarge(done + size, bound: configuration.maxAppendBytes)
        }
    }

    /// Appends sections without records, which only say something about topics.
    func appendControl(_ topics: [TopicName], flags: SectionHeader.Flags) async throws {
        guard !topics.isEmpty else { return }
        let buffer = takeBuffer()
        defer { giveBack(buffer) }
        for topic in topics { try resolve(topic, into: buffer) }
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
