import TowerStreaming

/// The head of a compressed segment, 64 bytes, at both ends of the file. Drawn in docs/formats/journal.md.
struct CompressedHeader: Equatable {
    static let size = 64
    /// Of a segment file in this form; a program that knows only version 1 refuses it.
    static let version: UInt16 = 2
    static let blockSize = 128 << 10
    /// LZ4 block format.
    static let codec: UInt8 = 1
    /// Blocks begin at a multiple of this; in a small file, where that would be more than compressing saves, of 8.
    private static let alignment = 4096
    private static let smallSize: Int64 = 256 << 10

    var retention: RetentionClass
    var number: Int
    var baseSequence: Int64
    /// Everything below was durable when the segment was compressed.
    var endSequence: Int64
    /// Of the segment as version 1 has it, footer included.
    var logicalSize: Int64
    var blockSize = CompressedHeader.blockSize
    var tableChecksum: UInt32 = 0
    /// Of this file.
    var fileSize: Int64 = 0

    var blockCount: Int { Int((logicalSize + Int64(blockSize) - 1) / Int64(blockSize)) }
    var tableBytes: Int { blockCount * CompressedBlock.size }
    /// Where the first block begins.
    var blocksStart: Int64 {
        Int64(alignedUp(Self.size + tableBytes, to: logicalSize < Self.smallSize ? 8 : Self.alignment))
    }

    func logicalLength(of block: Int) -> Int {
        Int(min(Int64(blockSize), logicalSize - Int64(block) * Int64(blockSize)))
    }

    func write(to bytes: UnsafeMutableRawPointer) {
        bytes.initializeMemory(as: UInt8.self, repeating: 0, count: Self.size)
        bytes.put(SegmentHeader.magic, 0)
        bytes.put(Self.version, 12)
        bytes.put(UInt8(retention.series), 14)
        bytes.put(Self.codec, 15)
        bytes.put(UInt64(number), 16)
        bytes.put(baseSequence, 24)
        bytes.put(endSequence, 32)
        bytes.put(logicalSize, 40)
        bytes.put(UInt32(blockSize), 48)
        bytes.put(tableChecksum, 52)
        bytes.put(fileSize, 56)
        bytes.put(UnsafeRawPointer(bytes).checksum(12..<Self.size), 8)
    }

    /// `nil` unless `bytes` begins with a whole header of this form.
    init?(_ bytes: UnsafeRawBufferPointer) {
        guard bytes.count >= Self.size, let base = bytes.baseAddress, base.integer(0, as: UInt64.self) == SegmentHeader.magic,
            base.integer(8, as: UInt32.self) == base.checksum(12..<Self.size),
            base.integer(12, as: UInt16.self) == Self.version, base.integer(15, as: UInt8.self) == Self.codec,
            let retention = RetentionClass(series: Int(base.integer(14, as: UInt8.self)))
        else { return nil }
        self.retention = retention
        number = Int(truncatingIfNeeded: base.integer(16, as: UInt64.self))
        baseSequence = base.integer(24)
        endSequence = base.integer(32)
        logicalSize = base.integer(40)
        blockSize = Int(base.integer(48, as: UInt32.self))
        tableChecksum = base.integer(52)
        fileSize = base.integer(56)
        // Nothing here may make a reader ask for more memory than a segment can need (16 GiB and its footer).
        guard logicalSize > 0, logicalSize <= 1 << 36, (4096...16 << 20).contains(blockSize), blockSize % 4096 == 0 else {
            return nil
        }
    }

    init(retention: RetentionClass, number: Int, baseSequence: Int64, endSequence: Int64, logicalSize: Int64) {
        self.retention = retention
        self.number = number
        self.baseSequence = baseSequence
        self.endSequence = endSequence
        self.logicalSize = logicalSize
    }
}

/// A row of a compressed segment's table: 8 bytes.
struct CompressedBlock {
    static let size = 8
    private static let rawBit: UInt32 = 1 << 31

    /// Where it lies in the file: behind the one before.
    var position: Int64
    /// Bytes in the file.
    var length: Int
    /// Stored as it is, since compressing made it no smaller.
    var isRaw: Bool
    /// Of the bytes in the file.
    var checksum: UInt32

    func write(to bytes: UnsafeMutableRawPointer) {
        bytes.put(UInt32(length) | (isRaw ? Self.rawBit : 0), 0)
        bytes.put(checksum, 4)
    }

    init(position: Int64, length: Int, isRaw: Bool, checksum: UInt32) {
        self.position = position
        self.length = length
        self.isRaw = isRaw
        self.checksum = checksum
    }

    init(_ bytes: UnsafeRawPointer, position: Int64) {
        let word = bytes.integer(0, as: UInt32.self)
        self.position = position
        length = Int(word & ~Self.rawBit)
        isRaw = word & Self.rawBit != 0
        checksum = bytes.integer(4)
    }
}
