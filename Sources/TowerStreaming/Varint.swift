/// Protocol-buffer varints with zigzag, as Kafka's record format has them.
package enum Varint {
    @inlinable
    package static func zigzag(_ value: Int) -> UInt64 { UInt64(bitPattern: Int64(value << 1 ^ value >> 63)) }

    /// Bytes of `value` on disk.
    @inlinable
    package static func size(_ value: Int) -> Int {
        let bits = 64 - (zigzag(value) | 1).leadingZeroBitCount
        return (bits + 6) / 7
    }

    /// Writes at `at` and returns the byte after.
    @inlinable
    package static func write(_ value: Int, to bytes: UnsafeMutableRawPointer, at: Int) -> Int {
        var rest = zigzag(value)
        var at = at
        while rest >= 0x80 {
            bytes.storeBytes(of: UInt8(truncatingIfNeeded: rest) | 0x80, toByteOffset: at, as: UInt8.self)
            rest >>= 7
            at += 1
        }
        bytes.storeBytes(of: UInt8(rest), toByteOffset: at, as: UInt8.self)
        return at + 1
    }

    /// Reads at `at` and moves it on; `nil` past the end or for more than 64 bits.
    @inlinable
    package static func read(_ bytes: UnsafeRawBufferPointer, at: inout Int) -> Int? {
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while at < bytes.count, shift < 64 {
            let byte = bytes[at]
            at += 1
            value |= UInt64(byte & 0x7F) << shift
            if byte < 0x80 { return Int(Int64(bitPattern: value >> 1) ^ -Int64(bitPattern: value & 1)) }
            shift += 7
        }
        return nil
    }
}
