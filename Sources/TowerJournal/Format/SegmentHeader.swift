import TowerStreaming

/// The first 64 bytes of a segment file. The file's name repeats class and number, so damage here loses nothing.
struct SegmentHeader: Equatable {
    static let size = 64
    static let magic: UInt64 = 0x474F_4C52_4557_4F54  // "TOWERLOG"
    static let version: UInt16 = 1

    var retention: RetentionClass
    var number: Int
    var baseSequence: Int64
    var createdMs: Int64

    func write(to bytes: UnsafeMutableRawPointer) {
        bytes.initializeMemory(as: UInt8.self, repeating: 0, count: Self.size)
        bytes.put(Self.magic, 0)
        bytes.put(Self.version, 12)
        bytes.put(UInt8(retention.series), 14)
        bytes.put(UInt64(number), 16)
        bytes.put(baseSequence, 24)
        bytes.put(createdMs, 32)
        bytes.put(UnsafeRawPointer(bytes).checksum(12..<Self.size), 8)
    }

    enum Reading {
        case header(SegmentHeader)
        /// Whole, but of a version this program does not know.
        case unknownVersion(UInt16)
        case damaged
    }

    static func read(_ bytes: UnsafeRawBufferPointer) -> Reading {
        guard bytes.count >= size, let base = bytes.baseAddress, base.integer(0, as: UInt64.self) == magic,
            base.integer(8, as: UInt32.self) == base.checksum(12..<size)
        else { return .damaged }
        let version = base.integer(12, as: UInt16.self)
        guard version == Self.version else { return .unknownVersion(version) }
        guard let retention = RetentionClass(series: Int(base.integer(14, as: UInt8.self))) else { return .damaged }
        return .header(
            SegmentHeader(
                retention: retention, number: Int(truncatingIfNeeded: base.integer(16, as: UInt64.self)),
                baseSequence: base.integer(24),
                createdMs: base.integer(32)))
    }

    /// `telemetry-0000000001.seg`
    static func fileName(_ retention: RetentionClass, _ number: Int) -> String {
        let digits = String(number)
        return "\(retention.rawValue)-\(String(repeating: "0", count: max(0, 10 - digits.count)))\(digits).seg"
    }

    /// Behind the name of a file that is still being made in place of a segment.
    static let temporarySuffix = ".tmp"

    /// The class and number in a file name; `nil` for any other file.
    static func parse(fileName: String) -> (RetentionClass, Int)? {
        guard fileName.hasSuffix(".seg"), let dash = fileName.lastIndex(of: "-") else { return nil }
        let digits = fileName[fileName.index(after: dash)...].dropLast(4)
        guard let retention = RetentionClass(rawValue: String(fileName[..<dash])), let number = Int(digits), number > 0 else {
            return nil
        }
        return (retention, number)
    }
}

extension RetentionClass {
    /// Its number on disk and in arrays.
    var series: Int {
        switch self {
        case .telemetry: 0
        case .business: 1
        }
    }
    init?(series: Int) {
        switch series {
        case 0: self = .telemetry
        case 1: self = .business
        default: return nil
        }
    }
    static let seriesCount = 2
}
