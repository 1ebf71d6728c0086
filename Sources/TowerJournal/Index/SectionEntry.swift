/// One section in a segment's index: 40 bytes in memory and, little-endian and in this order, in the footer.
struct SectionEntry: Equatable, BitwiseCopyable {
    static let size = 40
    /// No earlier section of the topic in this segment.
    static let none = UInt32.max

    /// Of the section in the file, in units of 8 bytes.
    var position: UInt32
    /// Bytes of the whole section.
    var length: UInt32
    /// Journal-wide number in memory; row of the footer's topic table on disk.
    var topic: UInt32
    /// Index of the topic's section before this one.
    var previous: UInt32
    /// Of the first record, after the segment's base sequence.
    var sequence: UInt32
    /// Append time after the segment's first, milliseconds.
    var time: UInt32
    var count: UInt32
    var flags: UInt32
    var baseOffset: Int64

    var filePosition: Int64 { Int64(position) * 8 }
    var endOffset: Int64 { baseOffset + Int64(count) }

    func write(to bytes: UnsafeMutableRawPointer) {
        bytes.put(position, 0)
        bytes.put(length, 4)
        bytes.put(topic, 8)
        bytes.put(previous, 12)
        bytes.put(sequence, 16)
        bytes.put(time, 20)
        bytes.put(count, 24)
        bytes.put(flags, 28)
        bytes.put(baseOffset, 32)
    }

    init(_ bytes: UnsafeRawPointer) {
        position = bytes.integer(0)
        length = bytes.integer(4)
        topic = bytes.integer(8)
        previous = bytes.integer(12)
        sequence = bytes.integer(16)
        time = bytes.integer(20)
        count = bytes.integer(24)
        flags = bytes.integer(28)
        baseOffset = bytes.integer(32)
    }

    init(
        position: UInt32, length: UInt32, topic: UInt32, previous: UInt32, sequence: UInt32, time: UInt32, count: UInt32,
        flags: UInt32,
        baseOffset: Int64
    ) {
        self.position = position
        self.length = length
        self.topic = topic
        self.previous = previous
        self.sequence = sequence
        self.time = time
        self.count = count
        self.flags = flags
        self.baseOffset = baseOffset
    }
}
