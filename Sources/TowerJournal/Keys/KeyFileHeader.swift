import TowerStreaming

/// Head of a key file: docs/formats/key-files.md.
struct KeyFileHeader: Equatable {
    static let size = 64
    static let version: UInt16 = 1
    /// Head and blocks begin at multiples of this, so that they are written past the page cache.
    static let alignment = 4096
    private static let magic: UInt64 = 0x5945_4B52_4557_4F54  // "TOWERKEY"
    static let suffix = ".keys"

    var number: Int64
    var secret: WideKey

    init(number: Int64, secret: WideKey) {
        self.number = number
        self.secret = secret
    }

    /// `nil` when the bytes are not such a head, or of another version.
    init?(_ bytes: UnsafeRawBufferPointer) {
        guard bytes.count >= Self.size, let base = bytes.baseAddress, base.integer(0, as: UInt64.self) == Self.magic,
            base.integer(8, as: UInt32.self) == base.checksum(12..<Self.size), base.integer(12, as: UInt16.self) == Self.version
        else { return nil }
        number = base.integer(16)
        secret = WideKey(high: base.integer(24), low: base.integer(32))
    }

    /// Writes 64 bytes; they must be zero.
    func write(to bytes: UnsafeMutableRawPointer) {
        bytes.put(Self.magic, 0)
        bytes.put(Self.version, 12)
        bytes.put(number, 16)
        bytes.put(secret.high, 24)
        bytes.put(secret.low, 32)
        bytes.put(UnsafeRawPointer(bytes).checksum(12..<Self.size), 8)
    }

    static func fileName(_ number: Int64) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, 10 - digits.count)) + digits + suffix
    }

    /// The number in a file's name; `nil` for files of others.
    static func number(ofFile name: String) -> Int64? {
        guard name.hasSuffix(suffix), let number = Int64(name.dropLast(suffix.count)), number > 0, fileName(number) == name else {
            return nil
        }
        return number
    }
}
