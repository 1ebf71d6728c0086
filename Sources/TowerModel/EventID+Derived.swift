extension EventID {
    /// The id of an event that we derive: UUIDv5 (RFC 9562, 5.5) of its causes, so that a replay computes the same
    /// id again and every consumer can upsert instead of duplicating.
    ///
    /// - Parameters:
    ///   - namespace: the id that scopes `name`, for instance the causing event's.
    ///   - name: what distinguishes this event from others of that namespace.
    public static func derived(from namespace: EventID, _ name: String) -> EventID {
        var message: [UInt8] = []
        message.reserveCapacity(16 + name.utf8.count)
        for word in [namespace.high, namespace.low] {
            for shift in stride(from: UInt64(56), through: 0, by: -8) { message.append(UInt8(truncatingIfNeeded: word >> shift)) }
        }
        message.append(contentsOf: name.utf8)
        let digest = SHA1.hash(message)
        var high = UInt64(digest.0) << 32 | UInt64(digest.1)
        var low = UInt64(digest.2) << 32 | UInt64(digest.3)
        high = high & 0xFFFF_FFFF_FFFF_0FFF | 0x5000  // version 5
        low = low & 0x3FFF_FFFF_FFFF_FFFF | 0x8000_0000_0000_0000  // variant 10
        return EventID(high: high, low: low)
    }

    /// Namespace of everything this platform derives: UUIDv5 of the URL namespace and `towerco:derived`.
    public static let platformNamespace = derived(
        from: EventID(high: 0x6BA7_B811_9DAD_11D1, low: 0x80B4_00C0_4FD4_30C8), "towerco:derived")
}

/// SHA-1 as UUIDv5 needs it (FIPS 180-4, 6.1). For names only, never for security.
private enum SHA1 {
    static func hash(_ message: [UInt8]) -> (UInt32, UInt32, UInt32, UInt32, UInt32) {
        var bytes = message
        bytes.append(0x80)
        while bytes.count % 64 != 56 { bytes.append(0) }
        let bits = UInt64(message.count) * 8
        for shift in stride(from: UInt64(56), through: 0, by: -8) { bytes.append(UInt8(truncatingIfNeeded: bits >> shift)) }

        var state: (UInt32, UInt32, UInt32, UInt32, UInt32) = (0x6745_2301, 0xEFCD_AB89, 0x98BA_DCFE, 0x1032_5476, 0xC3D2_E1F0)
        var words = [UInt32](repeating: 0, count: 80)
        for block in stride(from: 0, to: bytes.count, by: 64) {
            for index in 0..<16 {
                let at = block + 4 * index
                words[index] =
                    UInt32(bytes[at]) << 24 | UInt32(bytes[at + 1]) << 16 | UInt32(bytes[at + 2]) << 8 | UInt32(bytes[at + 3])
            }
            for index in 16..<80 {
                words[index] = rotate(words[index - 3] ^ words[index - 8] ^ words[index - 14] ^ words[index - 16], by: 1)
            }
            var (a, b, c, d, e) = state
            for index in 0..<80 {
                let mix: UInt32
                let constant: UInt32
                switch index {
                case 0..<20: (mix, constant) = (b & c | ~b & d, 0x5A82_7999)
                case 20..<40: (mix, constant) = (b ^ c ^ d, 0x6ED9_EBA1)
                case 40..<60: (mix, constant) = (b & c | b & d | c & d, 0x8F1B_BCDC)
                default: (mix, constant) = (b ^ c ^ d, 0xCA62_C1D6)
                }
                let next = rotate(a, by: 5) &+ mix &+ e &+ constant &+ words[index]
                (e, d, c, b, a) = (d, c, rotate(b, by: 30), a, next)
            }
            state = (state.0 &+ a, state.1 &+ b, state.2 &+ c, state.3 &+ d, state.4 &+ e)
        }
        return state
    }

    private static func rotate(_ word: UInt32, by count: UInt32) -> UInt32 { word << count | word >> (32 - count) }
}
