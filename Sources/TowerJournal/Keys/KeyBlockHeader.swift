import TowerStreaming

/// Head of a block of keys: docs/formats/key-files.md.
struct KeyBlockHeader: Equatable {
    static let size = 64
    /// So that a damaged count cannot ask for more memory than this many keys.
    static let maxKeys = 1 << 16
    private static let magic: UInt32 = 0x314B_5754  // "TWK1"

    var count: Int
    /// Of the keys.
    var checksum: UInt32
    /// Of the file, so that a block copied elsewhere is not taken for one of that file.
    var fileNumber: Int64
    var from: Int64
    var through: Int64
    var last: Int64
    var witness: WideKey

    /// Bytes of head, keys and the zeros behind them.
    var length: Int { Self.length(keys: count) }
    static func length(keys: Int) -> Int { alignedUp(size + keys * 16, to: KeyFileHeader.alignment) }

    init(count: Int, checksum: UInt32, fileNumber: Int64, from: Int64, through: Int64, last: Int64, witness: WideKey) {
        self.count = count
        self.checksum = checksum
        self.fileNumber = fileNumber
        self.from = from
        self.through = through
        self.last = last
        self.witness = witness
    }

    /// `nil` when the bytes are not such a head.
    init?(_ bytes: UnsafeRawBufferPointer) {
        guard bytes.count >= Self.size, let base = bytes.baseAddress, base.integer(0, as: UInt32.self) == Self.magic,
            base.integer(4, as: UInt32.self) == base.checksum(8..<Self.size)
        else { return nil }
        count = Int(base.integer(8, as: UInt32.self))
        checksum = base.integer(12)
        fileNumber = base.integer(16)
        from = base.integer(24)
        through = base.integer(32)
        last = base.integer(40)
        witness = WideKey(high: base.integer(48), low: base.integer(56))
        guard (1...Self.maxKeys).contains(count), from >= 0, from <= through, last >= 0 else { return nil }
    }

    func write(to bytes: UnsafeMutableRawPointer) {
        bytes.put(Self.magic, 0)
        bytes.put(UInt32(count), 8)
        bytes.put(checksum, 12)
        bytes.put(fileNumber, 16)
        bytes.put(from, 24)
        bytes.put(through, 32)
        bytes.put(last, 40)
        bytes.put(witness.high, 48)
        bytes.put(witness.low, 56)
        bytes.put(UnsafeRawPointer(bytes).checksum(8..<Self.size), 4)
    }
}
