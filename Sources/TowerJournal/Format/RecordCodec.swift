import TowerStreaming

/// One record in Kafka's RecordBatch v2 form: length, attributes, timestamp delta, offset delta, key, value, headers,
/// lengths as zigzag varints, -1 for null (Kafka protocol guide, "Record").
enum RecordCodec {
    /// Bytes after the length field.
    @inline(__always)
    static func bodySize(offsetDelta: Int, keyCount: Int?, valueCount: Int, headersCount: Int) -> Int {
        2 + Varint.size(offsetDelta) + Varint.size(keyCount ?? -1) + (keyCount ?? 0) + Varint.size(valueCount) + valueCount
            + headersCount
    }

    /// Writes a record at `at` and returns the byte after; the space must be there.
    ///
    /// - Parameter headers: their number and they themselves (`RecordBlock.headerBytes`).
    @inline(__always)
    static func write(
        to bytes: UnsafeMutableRawPointer, at start: Int, bodySize: Int, offsetDelta: Int, key: UnsafeRawBufferPointer?,
        value: UnsafeRawBufferPointer, headers: UnsafeRawBufferPointer
    ) -> Int {
        var at = Varint.write(bodySize, to: bytes, at: start)
        bytes.put(UInt8(0), at)  // attributes: none are defined
        bytes.put(UInt8(0), at + 1)  // timestamp delta: a section has one append time
        at = Varint.write(offsetDelta, to: bytes, at: at + 2)
        at = Varint.write(key?.count ?? -1, to: bytes, at: at)
        if let key { at = copy(key, to: bytes, at: at) }
        at = Varint.write(value.count, to: bytes, at: at)
        at = copy(value, to: bytes, at: at)
        return copy(headers, to: bytes, at: at)
    }

    @inline(__always)
    private static func copy(_ source: UnsafeRawBufferPointer, to bytes: UnsafeMutableRawPointer, at: Int) -> Int {
        if let base = source.baseAddress, !source.isEmpty { (bytes + at).copyMemory(from: base, byteCount: source.count) }
        return at + source.count
    }

    /// Where one record's parts lie in a buffer.
    struct Layout {
        var offsetDelta = 0
        var key: Range<Int>?
        var value = 0..<0
        /// Of the headers' bytes, and how many there are.
        var headerCount = 0
        var headersStart = 0
        var end = 0
    }

    /// The record at `at`; `nil` when the bytes do not hold one.
    @inline(__always)
    static func layout(_ bytes: UnsafeRawBufferPointer, at start: Int) -> Layout? {
        var at = start
        var layout = Layout()
        guard let length = Varint.read(bytes, at: &at), length >= 6, length <= bytes.count - at else { return nil }
        layout.end = at + length
        at += 1
        guard Varint.read(bytes, at: &at) != nil, let delta = Varint.read(bytes, at: &at),
            let keyCount = Varint.read(bytes, at: &at), keyCount <= layout.end - at
        else { return nil }
        layout.offsetDelta = delta
        if keyCount >= 0 {
            layout.key = at..<at + keyCount
            at += keyCount
        }
        guard let valueCount = Varint.read(bytes, at: &at), valueCount >= 0, valueCount <= layout.end - at else { return nil }
        layout.value = at..<at + valueCount
        at += valueCount
        guard let headerCount = Varint.read(bytes, at: &at), headerCount >= 0, headerCount <= layout.end - at else { return nil }
        layout.headerCount = headerCount
        layout.headersStart = at
        return layout
    }

    /// The headers of a record; `nil` when the bytes do not hold them.
    static func headers(_ bytes: UnsafeRawBufferPointer, _ layout: Layout) -> [Record.Header]? {
        guard layout.headerCount > 0 else { return [] }
        var headers: [Record.Header] = []
        headers.reserveCapacity(layout.headerCount)
        var at = layout.headersStart
        for _ in 0..<layout.headerCount {
            guard let nameCount = Varint.read(bytes, at: &at), nameCount >= 0, nameCount <= layout.end - at else { return nil }
            let name = String(decoding: bytes[at..<at + nameCount], as: UTF8.self)
            at += nameCount
            guard let valueCount = Varint.read(bytes, at: &at), valueCount <= layout.end - at else { return nil }
            headers.append(Record.Header(name, Array(bytes[at..<at + max(valueCount, 0)])))
            at += max(valueCount, 0)
        }
        return headers
    }
}
