import CTower

/// Integers on disk are little-endian and may lie anywhere.
extension UnsafeRawPointer {
    @inline(__always)
    func integer<Integer: FixedWidthInteger & BitwiseCopyable>(_ offset: Int, as type: Integer.Type = Integer.self) -> Integer {
        Integer(littleEndian: loadUnaligned(fromByteOffset: offset, as: type))
    }

    @inline(__always)
    func checksum(_ range: Range<Int>) -> UInt32 {
        tower_crc32c(0, self + range.lowerBound, range.count)
    }

    /// Goes on with the checksum of what lies before.
    func checksum(_ range: Range<Int>, after checksum: UInt32) -> UInt32 {
        tower_crc32c(checksum, self + range.lowerBound, range.count)
    }
}

extension UnsafeMutableRawPointer {
    @inline(__always)
    func put<Integer: FixedWidthInteger & BitwiseCopyable>(_ value: Integer, _ offset: Int) {
        storeBytes(of: value.littleEndian, toByteOffset: offset, as: Integer.self)
    }
}

@inline(__always)
func alignedUp(_ value: Int, to alignment: Int = 8) -> Int { (value + alignment - 1) & ~(alignment - 1) }

@inline(__always)
func alignedUp(_ value: Int64, to alignment: Int64 = 8) -> Int64 { (value + alignment - 1) & ~(alignment - 1) }
