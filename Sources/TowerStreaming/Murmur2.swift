/// Kafka's hash of keys: MurmurHash2 (Austin Appleby, public domain) with the seed of Kafka's default partitioner, so that
/// other people's producers put a key where we put it.
public enum Murmur2 {
    public static func hash(_ bytes: UnsafeRawBufferPointer) -> UInt32 {
        let multiplier: UInt32 = 0x5BD1_E995
        var hash: UInt32 = 0x9747_B28C ^ UInt32(truncatingIfNeeded: bytes.count)
        var at = 0
        while at + 4 <= bytes.count {
            var word = UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: at, as: UInt32.self))
            word = word &* multiplier
            word ^= word >> 24
            word = word &* multiplier
            hash = hash &* multiplier ^ word
            at += 4
        }
        let rest = bytes.count - at
        if rest > 2 { hash ^= UInt32(bytes[at + 2]) << 16 }
        if rest > 1 { hash ^= UInt32(bytes[at + 1]) << 8 }
        if rest > 0 {
            hash ^= UInt32(bytes[at])
            hash = hash &* multiplier
        }
        hash ^= hash >> 13
        hash = hash &* multiplier
        return hash ^ hash >> 15
    }

    public static func partition(of bytes: UnsafeRawBufferPointer, count: Int32) -> Int32 {
        Int32(hash(bytes) & 0x7FFF_FFFF) % count
    }
}
