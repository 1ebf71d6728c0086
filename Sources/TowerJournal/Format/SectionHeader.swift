/// The head of a section: a run of records of one topic. A section tells everything about itself, so that damage around
/// it costs no other record. Drawn in docs/formats/journal.md.
struct SectionHeader: Equatable {
    static let size = 48
    static let magic: UInt16 = 0x5357  // "WS"
    /// A section is closed at this many bytes of records, so that reading one is bounded.
    static let softBound = 1 << 20

    struct Flags: OptionSet {
        let rawValue: UInt8
        /// The topic and its records are forgotten from here on.
        static let tombstone = Flags(rawValue: 1)
        /// Names a topic without a record.
        static let declaration = Flags(rawValue: 2)
    }

    var nameLength: Int
    var flags: Flags
    var recordsChecksum: UInt32
    var recordsLength: Int
    var recordCount: Int
    /// The writer's number for the topic: saves looking up the name; a hint only.
    var topicNumber: UInt32
    /// Offset in the topic of the first record; of the next one where there are no records.
    var baseOffset: Int64
    var sequence: Int64
    var timestampMs: Int64

    /// Bytes of header and name.
    var headLength: Int { Self.size + nameLength }
    /// Bytes of the whole section, padding included.
    var length: Int { alignedUp(headLength + recordsLength) }

    /// Writes all but the name and the header's checksum.
    @inline(__always)
    func writeFields(to section: UnsafeMutableRawPointer) {
        section.put(Self.magic, 4)
        section.put(UInt8(nameLength), 6)
        section.put(flags.rawValue, 7)
        section.put(recordsChecksum, 8)
        section.put(UInt32(recordsLength), 12)
        section.put(UInt32(recordCount), 16)
        section.put(topicNumber, 20)
        section.put(baseOffset, 24)
        section.put(sequence, 32)
        section.put(timestampMs, 40)
    }

    /// Fills in what only the writer knows and closes the header with its checksum, which covers the name too.
    @inline(__always)
    static func place(
        _ section: UnsafeMutableRawPointer, nameLength: Int, baseOffset: Int64, sequence: Int64, timestampMs: Int64
    ) {
        section.put(baseOffset, 24)
        section.put(sequence, 32)
        section.put(timestampMs, 40)
        section.put(UnsafeRawPointer(section).checksum(4..<size + nameLength), 0)
    }

    /// Fields as they stand, unchecked: for the writer, who wrote them a moment ago.
    @inline(__always)
    init(trusting base: UnsafeRawPointer) {
        nameLength = Int(base.integer(6, as: UInt8.self))
        flags = Flags(rawValue: base.integer(7))
        recordsChecksum = base.integer(8)
        recordsLength = Int(base.integer(12, as: UInt32.self))
        recordCount = Int(base.integer(16, as: UInt32.self))
        topicNumber = base.integer(20)
        baseOffset = base.integer(24)
        sequence = base.integer(32)
        timestampMs = base.integer(40)
    }

    /// `nil` unless `bytes` begins with a whole, unharmed header and name. Says nothing about the records.
    init?(_ bytes: UnsafeRawBufferPointer) {
        guard bytes.count >= Self.size, let base = bytes.baseAddress, base.integer(4, as: UInt16.self) == Self.magic else {
            return nil
        }
        self.init(trusting: base)
        guard nameLength > 0, headLength <= bytes.count, base.integer(0, as: UInt32.self) == base.checksum(4..<headLength) else {
            return nil
        }
    }

    init(
        nameLength: Int, flags: Flags, recordsChecksum: UInt32, recordsLength: Int, recordCount: Int, topicNumber: UInt32,
        baseOffset: Int64 = 0, sequence: Int64 = 0, timestampMs: Int64 = 0
    ) {
        self.nameLength = nameLength
        self.flags = flags
        self.recordsChecksum = recordsChecksum
        self.recordsLength = recordsLength
        self.recordCount = recordCount
        self.topicNumber = topicNumber
        self.baseOffset = baseOffset
        self.sequence = sequence
        self.timestampMs = timestampMs
    }

    /// Whether the records after the header are what was written. `section` holds the whole section.
    func recordsAreIntact(in section: UnsafeRawPointer) -> Bool {
        section.checksum(headLength..<headLength + recordsLength) == recordsChecksum
    }
}
