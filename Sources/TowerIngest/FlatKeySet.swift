/// Keys in one flat array, open addressing with linear probing; grows by doubling and forgets nothing.
///
/// 16 bytes a place, at most five places in eight taken.
struct FlatKeySet: Sendable {
    private var words: [UInt64] = []
    private var mask = -1
    private(set) var count = 0

    var bytes: Int { words.count * 8 }

    @inline(__always)
    private static func normal(_ key: EventKey) -> EventKey {
        // Two zero words mark a free place; the one key that looks so is stored beside itself.
        key.high == 0 && key.low == 0 ? EventKey(high: 0, low: 1) : key
    }

    @inline(__always)
    func contains(_ key: EventKey, hash: UInt64) -> Bool {
        guard count > 0 else { return false }
        let key = Self.normal(key)
        var place = Int(truncatingIfNeeded: hash) & mask
        return words.withUnsafeBufferPointer { words in
            while true {
                let high = words[2 * place]
                let low = words[2 * place + 1]
                if high == key.high, low == key.low { return true }
                if high == 0, low == 0 { return false }
                place = (place + 1) & mask
            }
        }
    }

    /// Whether it was new.
    @inline(__always)
    mutating func insert(_ key: EventKey, hash: UInt64) -> Bool {
        if (count + 1) * 8 > (mask + 1) * 5 { grow() }
        let key = Self.normal(key)
        var place = Int(truncatingIfNeeded: hash) & mask
        while true {
            let high = words[2 * place]
            let low = words[2 * place + 1]
            if high == key.high, low == key.low { return false }
            if high == 0, low == 0 { break }
            place = (place + 1) & mask
        }
        words[2 * place] = key.high
        words[2 * place + 1] = key.low
        count += 1
        return true
    }

    private mutating func grow() {
        let old = words
        let places = max((mask + 1) * 2, 64)
        words = [UInt64](repeating: 0, count: 2 * places)
        mask = places - 1
        for index in stride(from: 0, to: old.count, by: 2) where old[index] != 0 || old[index + 1] != 0 {
            var place = Int(truncatingIfNeeded: Self.placeHash(EventKey(high: old[index], low: old[index + 1]))) & mask
            while words[2 * place] != 0 || words[2 * place + 1] != 0 { place = (place + 1) & mask }
            words[2 * place] = old[index]
            words[2 * place + 1] = old[index + 1]
        }
    }

    /// The hash a stored key was placed by.
    private static func placeHash(_ key: EventKey) -> UInt64 { key.hash }
}
