/// CRC-32C (Castagnoli), eight bytes at a time by tables.
///
/// The journal has it in C, with the machine's own instruction; a checkpoint is checked once in minutes and needs no more
/// than this.
enum CRC32C {
    private static let tables: [UInt32] = {
        var tables = [UInt32](repeating: 0, count: 8 * 256)
        for byte in 0..<256 {
            var value = UInt32(byte)
            for _ in 0..<8 { value = value & 1 == 1 ? value >> 1 ^ 0x82F6_3B78 : value >> 1 }
            tables[byte] = value
        }
        for byte in 0..<256 {
            for table in 1..<8 {
                let before = tables[(table - 1) * 256 + byte]
                tables[table * 256 + byte] = before >> 8 ^ tables[Int(before & 0xFF)]
            }
        }
        return tables
    }()

    static func of(_ bytes: [UInt8], in range: Range<Int>) -> UInt32 {
        tables.withUnsafeBufferPointer { tables in
            bytes.withUnsafeBytes { bytes in
                var crc = UInt32.max
                var at = range.lowerBound
                while range.upperBound - at >= 8 {
                    let word = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: at, as: UInt64.self)) ^ UInt64(crc)
                    var next: UInt32 = 0
                    for byte in 0..<8 { next ^= tables[(7 - byte) * 256 + Int(word >> UInt64(8 * byte) & 0xFF)] }
                    crc = next
                    at += 8
                }
                while at < range.upperBound {
                    crc = crc >> 8 ^ tables[Int((crc ^ UInt32(bytes[at])) & 0xFF)]
                    at += 1
                }
                return ~crc
            }
        }
    }
}
