import TowerStreaming

/// Writes records into a `FrameBuffer`: one section per run of a topic, one frame per run of a retention class.
///
/// Offsets, sequences and times are left to the writer, which knows them; everything that costs time per byte (copying,
/// checksums of records) happens here, in the caller's task. Works on its own copies of the buffer's fields and gives them
/// back with `finish`; a buffer whose encoder did not finish holds nothing.
struct FrameEncoder {
    private let buffer: FrameBuffer
    private var base: UnsafeMutableRawPointer
    private var capacity: Int
    private(set) var count = 0
    private var sections: [FrameBuffer.Section]
    private var frames: [FrameBuffer.Frame]
    private var frameStart = -1
    private var frameRecords = 0
    private var frameFirstSection = 0
    private var retention = RetentionClass.telemetry
    private var sectionStart = -1
    private var recordsStart = 0
    private var sectionRecords = 0
    private var nameLength = 0
    private var number: UInt32 = 0

    init(_ buffer: FrameBuffer) {
        self.buffer = buffer
        base = buffer.base
        capacity = buffer.capacity
        sections = buffer.sections
        frames = buffer.frames
        // Held here alone, so that appending does not copy.
        buffer.sections = []
        buffer.frames = []
    }

    /// Adds a record.
    ///
    /// - Parameters:
    ///   - name: the bytes of its topic's name.
    ///   - headers: their number and they themselves (`RecordBlock.headerBytes`).
    @inline(__always)
    mutating func add(
        _ topic: FrameBuffer.TopicReference, name: UnsafeRawBufferPointer, key: UnsafeRawBufferPointer?,
        value: UnsafeRawBufferPointer, headers: UnsafeRawBufferPointer
    ) {
        let isSameSection = sectionStart >= 0 && topic.number == number && count - recordsStart < SectionHeader.softBound
        if !isSameSection { openSection(topic, name: name) }
        let body = RecordCodec.bodySize(
            offsetDelta: sectionRecords, keyCount: key?.count, valueCount: value.count, headersCount: headers.count)
        reserve(body + 24)
        count = RecordCodec.write(
            to: base, at: count, bodySize: body, offsetDelta: sectionRecords, key: key, value: value, headers: headers)
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
        buffer.count = count
        buffer.recordCount = frames.reduce(0) { $0 + $1.recordCount }
        swap(&buffer.sections, &sections)
        swap(&buffer.frames, &frames)
    }

    @inline(__always)
    private mutating func reserve(_ more: Int) {
        if count + more > capacity { grow(more) }
    }

    @inline(never)
    private mutating func grow(_ more: Int) {
        buffer.grow(keeping: count, more: more)
        base = buffer.base
        capacity = buffer.capacity
    }

    private mutating func openFrame(_ retention: RetentionClass) {
        reserve(FrameHeader.size)
        frameStart = count
        frameRecords = 0
        frameFirstSection = sections.count
        self.retention = retention
        count += FrameHeader.size
    }

    private mutating func closeFrame() {
        closeSection(flags: [])
        guard frameStart >= 0 else { return }
        frames.append(
            FrameBuffer.Frame(
                start: frameStart, length: count - frameStart, sectionCount: sections.count - frameFirstSection,
                recordCount: frameRecords, retention: retention))
        frameStart = -1
    }

    @inline(__always)
    private mutating func openSection(_ topic: FrameBuffer.TopicReference, name: UnsafeRawBufferPointer) {
        closeSection(flags: [])
        if frameStart < 0 || topic.retention != retention {
            closeFrame()
            openFrame(topic.retention)
        }
        // What a closed section needs behind its records is within this, too.
        reserve(SectionHeader.size + name.count + 8)
        sectionStart = count
        sectionRecords = 0
        number = topic.number
        nameLength = name.count
        if let source = name.baseAddress {
            (base + sectionStart + SectionHeader.size).copyMemory(from: source, byteCount: name.count)
        }
        count += SectionHeader.size + name.count
        recordsStart = count
    }

    @inline(__always)
    private mutating func closeSection(flags: SectionHeader.Flags) {
        guard sectionStart >= 0 else { return }
        let recordsLength = count - recordsStart
        // Room for the padding is there: every record and every name reserves it.
        (base + count).storeBytes(of: 0, as: UInt64.self)
        count = alignedUp(count)
        SectionHeader(
            nameLength: nameLength, flags: flags,
            recordsChecksum: UnsafeRawPointer(base).checksum(recordsStart..<recordsStart + recordsLength),
            recordsLength: recordsLength, recordCount: sectionRecords, topicNumber: number
        ).writeFields(to: base + sectionStart)
        sections.append(
            FrameBuffer.Section(
                topic: number, length: UInt32(count - sectionStart), count: UInt32(sectionRecords),
                nameLength: UInt8(nameLength), flags: flags.rawValue))
        frameRecords += sectionRecords
        sectionStart = -1
    }
}
