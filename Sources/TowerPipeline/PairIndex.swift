/// Numbers by a pair of symbols' numbers, in one flat table: what a loop over events asks for each of them.
///
/// - Cost: a multiplication and mostly one comparison; no hashing of strings, no allocation but when it grows.
struct PairIndex: Sendable {
    private var keys: [UInt64]
    private var values: [Int32]
    private var mask: Int
    private(set) var count = 0

    /// No pair of symbols is this: two absent ones never ask.
    private static let empty = UInt64.max

    init() {
        keys = [UInt64](repeating: Self.empty, count: 64)
        values = [Int32](repeating: -1, count: 64)
        mask = 63
    }

    @inline(__always)
    private static func key(_ first: Int32, _ second: Int32) -> UInt64 {
        UInt64(UInt32(bitPattern: first)) << 32 | UInt64(UInt32(bitPattern: second))
    }

    @inline(__always)
    private func place(_ key: UInt64) -> Int {
        let mixed = key &* 0x9E37_79B9_7F4A_7C15
        return Int(truncatingIfNeeded: mixed ^ mixed >> 32) & mask
    }

    /// The number of that pair, or -1.
    @inline(__always)
    func find(_ first: Int32, _ second: Int32) -> Int32 {
        let key = Self.key(first, second)
        var at = place(key)
        while keys[at] != key {
            if keys[at] == Self.empty { return -1 }
            at = (at + 1) & mask
        }
        return values[at]
    }

    /// Remembers the number of a pair that `find` did not know.
    mutating func insert(_ first: Int32, _ second: Int32, _ value: Int32) {
        if (count + 1) * 2 > keys.count { grow() }
        put(Self.key(first, second), value)
        count += 1
    }

    private mutating func put(_ key: UInt64, _ value: Int32) {
        var at = place(key)
        while keys[at] != Self.empty { at = (at + 1) & mask }
        keys[at] = key
        values[at] = value
    }

    private mutating func grow() {
        let old = (keys, values)
        keys = [UInt64](repeating: Self.empty, count: old.0.count * 2)
        values = [Int32](repeating: -1, count: keys.count)
        mask = keys.count - 1
        for (key, value) in zip(old.0, old.1) where key != Self.empty { put(key, value) }
    }
}
