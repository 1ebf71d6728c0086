import TowerStreaming

/// SipHash-2-4 (Aumasson, Bernstein: "SipHash: a fast short-input PRF", 2012): what a name comes to under a secret, the same in
/// every process, which `Hasher` is not.
enum SipHash {
    static func hash(_ bytes: some Collection<UInt8>, key: WideKey) -> UInt64 {
        // The paper's key is 16 bytes: k0 is the first eight, little-endian.
        var v0 = key.high ^ 0x736F_6D65_7073_6575
        var v1 = key.low ^ 0x646F_7261_6E64_6F6D
        var v2 = key.high ^ 0x6C79_6765_6E65_7261
        var v3 = key.low ^ 0x7465_6462_7974_6573
        func round() {
            v0 &+= v1
            v1 = (v1 << 13 | v1 >> 51) ^ v0
            v0 = v0 << 32 | v0 >> 32
            v2 &+= v3
            v3 = (v3 << 16 | v3 >> 48) ^ v2
            v0 &+= v3
            v3 = (v3 << 21 | v3 >> 43) ^ v0
            v2 &+= v1
            v1 = (v1 << 17 | v1 >> 47) ^ v2
            v2 = v2 << 32 | v2 >> 32
        }
        func take(_ word: UInt64) {
            v3 ^= word
            round()
            round()
            v0 ^= word
        }
        var word: UInt64 = 0
        var count = 0
        for byte in bytes {
            word |= UInt64(byte) << UInt64(count % 8 * 8)
            count += 1
            if count % 8 == 0 {
                take(word)
                word = 0
            }
        }
        take(word | UInt64(count & 0xFF) << 56)
        v2 ^= 0xFF
        for _ in 0..<4 { round() }
        return v0 ^ v1 ^ v2 ^ v3
    }
}
