import TowerStreaming

/// Writes records into a `FrameBuffer`: one section per run of a topic, one frame per run of a retention class.
///
/// Offsets, sequences and times are left to the writer, which knows them; everything that costs time per byte (copying,
/// checksums of records) happens here, in the caller's task.
struct FrameEncoder {
    private let buffer: FrameBuffer
    private var frameStart = -1
    private var frameRecords = 0
    private var frameSections = 0
    private var retention = RetentionClass.telemetry
    private var sectionStart = -1
    private var recordsStart = 0
    private var sectionRecords = 0
    private var nameLength = 0
    private var number: UInt32 = 0

    init(_ buffer: FrameBuffer) { self.buffer = buffer }

    /// Adds a record; `name` are the bytes of its topic's name.
    @inline(__always)
    mutating func add(
        _ topic: FrameBuffer.TopicReference, name: UnsafeRawBufferPointer, key: UnsafeRawBufferPointer?,
        value: UnsafeRawBufferPointer, headers: [Record.Header]
    ) {
        let isSameSection =
            sectionStart >= 0 && topic.number == number && buffer.count - recordsStart < SectionHeader.softBound
        if !isSameSection { openSection(topic, name: name) }
        let body = RecordCodec.bodySize(
            offsetDelta: sectionRecords, keyCount: key?.count, valueCount: value.count, headers: headers)
        buffer.reserve(body + 16)
        buffer.count = RecordCodec.write(
            to: buffer.base, at: buffer.count, bodySize: body, offsetDelta: sectionRecords, key: key, value: value,
            headers: headers)
        sectionRecords += 1
    }

    /// Adds a section without records, which only says something about its topic.
    mutating func addControl(_ topic: FrameBuffer.TopicReference, name: UnsafeRawBufferPointer, flags: SectionHeader.Flags) {
        openSection(topic, name: name)
        closeSection(flags: flags)
    }

    /// A frame without a section: carries the writer's word that everything before it is durable.
    mutating func addCheckpoint(retention: RetentionClass) {
        closeFrame()
        openFrame(retention)
    }

    mutating func finish() {
        closeFrame()
        buffer.recordCount = buffer.frames.reduce(0) { $0 + $1.recordCount }
    }

    private mutating func openFrame(_ retention: RetentionClass) {
        buffer.reserve(FrameHeader.size)
        frameStart = buffer.count
        frameRecords = 0
        frameSections = 0
        self.retention = retention
        buffer.count += FrameHeader.size
    }

    private mutating func closeFrame() {
        closeSection(flags: [])
        guard frameStart >= 0 else { return }
        buffer.frames.append(
            FrameBuffer.Frame(
                start: frameStart, length: buffer.count - frameStart, sectionCount: frameSections, recordCount: frameRecords,
                retention: retention))
        frameStart = -1
    }

    private mutating func openSection(_ topic: FrameBuffer.TopicReference, name: UnsafeRawBufferPointer) {
        closeSection(flags: [])
        if frameStart < 0 || topic.retention != retention {
            closeFrame()
            openFrame(topic.retention)
        }
        buffer.reserve(SectionHeader.size + name.count)
        sectionStart = buffer.count
        sectionRecords = 0
        number = topic.number
        nameLength = name.count
        if let source = name.baseAddress {
            (buffer.base + sectionStart + SectionHeader.size).copyMemory(from: source, byteCount: name.count)
        }
        buffer.count += SectionHeader.size + name.count
        recordsStart = buffer.count
    }

    private mutating func closeSection(flags: SectionHeader.Flags) {
        guard sectionStart >= 0 else { return }
        let recordsLength = buffer.count - recordsStart
        let end = alignedUp(buffer.count)
        buffer.reserve(8)
        while buffer.count < end {
            buffer.base.put(UInt8(0), buffer.count)
            buffer.count += 1
        }
        let header = SectionHeader(
            nameLength: nameLength, flags: flags,
            recordsChecksum: UnsafeRawPointer(buffer.base).checksum(recordsStart..<recordsStart + recordsLength),
            recordsLength: recordsLength, recordCount: sectionRecords, topicNumber: number)
        header.writeFields(to: buffer.base + sectionStart)
        frameRecords += sectionRecords
        frameSections += 1
        sectionStart = -1
    }
}
