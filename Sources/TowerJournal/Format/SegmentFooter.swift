/// The end of a sealed segment: its topics, the index of its sections, and 80 bytes that say where they are.
/// Drawn in docs/formats/journal.md.
struct SegmentFooter: Equatable {
    static let size = 80
    static let magic: UInt64 = 0x444E_4552_4557_4F54  // "TOWEREND"

    var dataEnd: Int64
    var baseSequence: Int64
    var endSequence: Int64
    var firstTimestampMs: Int64
    var lastTimestampMs: Int64
    var topicCount: Int
    var entryCount: Int
    var topicBytes: Int
    var topicsChecksum: UInt32
    var entriesChecksum: UInt32

    /// The eight bytes behind the last frame, by which a reader without a footer knows that the data end here.
    static let indexMagic: UInt64 = 0x5844_4952_4557_4F54  // "TOWERIDX"

    var topicsPosition: Int64 { dataEnd + 8 }
    var entriesPosition: Int64 { topicsPosition + Int64(alignedUp(topicBytes)) }
    var entryBytes: Int { entryCount * SectionEntry.size }
    /// Of the whole file.
    var fileSize: Int64 { entriesPosition + Int64(entryBytes + Self.size) }

    /// One topic of the segment, as the footer lists it.
    struct TopicRow {
        static let size = 60
        var number: UInt32
        var last: UInt32
        var firstOffset: Int64
        var endOffset: Int64
        var deletedBelow: Int64
        var bytes: Int64
        var lastTimestampMs: Int64
        var firstTimestampMs: Int64
        var isListed: Bool
    }

    func write(to bytes: UnsafeMutableRawPointer) {
        bytes.put(Self.magic, 0)
        bytes.put(SegmentHeader.version, 12)
        bytes.put(UInt16(SectionEntry.size), 14)
        bytes.put(dataEnd, 16)
        bytes.put(baseSequence, 24)
        bytes.put(endSequence, 32)
        bytes.put(firstTimestampMs, 40)
        bytes.put(lastTimestampMs, 48)
        bytes.put(UInt32(topicCount), 56)
        bytes.put(UInt32(entryCount), 60)
        bytes.put(UInt32(topicBytes), 64)
        bytes.put(topicsChecksum, 68)
        bytes.put(entriesChecksum, 72)
        bytes.put(UInt32(0), 76)
        bytes.put(UnsafeRawPointer(bytes).checksum(12..<Self.size), 8)
    }

    /// `nil` unless the last 80 bytes of a file of `fileSize` bytes are a whole footer that fits it.
    init?(_ bytes: UnsafeRawBufferPointer, fileSize: Int64) {
        guard bytes.count == Self.size, let base = bytes.baseAddress, base.integer(0, as: UInt64.self) == Self.magic,
            base.integer(8, as: UInt32.self) == base.checksum(12..<Self.size),
            base.integer(12, as: UInt16.self) == SegmentHeader.version,
            base.integer(14, as: UInt16.self) == UInt16(SectionEntry.size)
        else { return nil }
        dataEnd = base.integer(16)
        baseSequence = base.integer(24)
        endSequence = base.integer(32)
        firstTimestampMs = base.integer(40)
        lastTimestampMs = base.integer(48)
        topicCount = Int(base.integer(56, as: UInt32.self))
        entryCount = Int(base.integer(60, as: UInt32.self))
        topicBytes = Int(base.integer(64, as: UInt32.self))
        topicsChecksum = base.integer(68)
        entriesChecksum = base.integer(72)
        guard dataEnd >= Int64(SegmentHeader.size), self.fileSize == fileSize else { return nil }
    }

    init(
        dataEnd: Int64, baseSequence: Int64, endSequence: Int64, firstTimestampMs: Int64, lastTimestampMs: Int64, topicCount: Int,
        entryCount: Int, topicBytes: Int, topicsChecksum: UInt32, entriesChecksum: UInt32
    ) {
        self.dataEnd = dataEnd
        self.baseSequence = baseSequence
        self.endSequence = endSequence
        self.firstTimestampMs = firstTimestampMs
        self.lastTimestampMs = lastTimestampMs
        self.topicCount = topicCount
        self.entryCount = entryCount
        self.topicBytes = topicBytes
        self.topicsChecksum = topicsChecksum
        self.entriesChecksum = entriesChecksum
    }
}
