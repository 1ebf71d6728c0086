/// The first 64 bytes of a frame: what one append put into one segment. Drawn in docs/formats/journal.md.
struct FrameHeader: Equatable {
    static let size = 64
    static let magic: UInt32 = 0x3146_5754  // "TWF1"

    /// Bytes of the whole frame, a multiple of 8.
    var length: Int
    var sectionCount: Int
    /// Sequence of the first record.
    var sequence: Int64
    /// Everything below this sequence was synced when the frame was formed: a hole below it is damage, not a torn tail.
    var durable: Int64
    /// The append this frame is a part of: its first sequence and how many records it has in all its frames.
    var unitSequence: Int64
    var unitCount: Int
    /// Where the log ended before this frame; it differs from `sequence` only where recovery skipped sequences.
    var previousEnd: Int64
    var timestampMs: Int64

    func write(to frame: UnsafeMutableRawPointer) {
        frame.put(Self.magic, 0)
        frame.put(UInt32(length), 8)
        frame.put(UInt32(sectionCount), 12)
        frame.put(sequence, 16)
        frame.put(durable, 24)
        frame.put(unitSequence, 32)
        frame.put(UInt32(unitCount), 40)
        frame.put(UInt32(0), 44)
        frame.put(previousEnd, 48)
        frame.put(timestampMs, 56)
        frame.put(UnsafeRawPointer(frame).checksum(8..<Self.size), 4)
    }

    /// `nil` unless `bytes` begins with a whole, unharmed header.
    init?(_ bytes: UnsafeRawBufferPointer) {
        guard bytes.count >= Self.size, let base = bytes.baseAddress, base.integer(0, as: UInt32.self) == Self.magic,
            base.integer(4, as: UInt32.self) == base.checksum(8..<Self.size)
        else { return nil }
        length = Int(base.integer(8, as: UInt32.self))
        sectionCount = Int(base.integer(12, as: UInt32.self))
        sequence = base.integer(16)
        durable = base.integer(24)
        unitSequence = base.integer(32)
        unitCount = Int(base.integer(40, as: UInt32.self))
        previousEnd = base.integer(48)
        timestampMs = base.integer(56)
        guard length >= Self.size, length % 8 == 0 else { return nil }
    }

    init(
        length: Int, sectionCount: Int, sequence: Int64, durable: Int64, unitSequence: Int64, unitCount: Int, previousEnd: Int64,
        timestampMs: Int64
    ) {
        self.length = length
        self.sectionCount = sectionCount
        self.sequence = sequence
        self.durable = durable
        self.unitSequence = unitSequence
        self.unitCount = unitCount
        self.previousEnd = previousEnd
        self.timestampMs = timestampMs
    }
}
