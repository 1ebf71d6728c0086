/// Detector points by series, in one flat table: asked for every number of every reading.
struct SeriesTable: Sendable {
    struct Entry: Sendable {
        var key: SeriesKey
        var point: Int32
        var isUsed: Bool
    }
    private static let empty = Entry(key: SeriesKey(site: 0, type: 0, key: 0, instance: 0), point: -1, isUsed: false)
    private(set) var entries = [Entry](repeating: SeriesTable.empty, count: 64)
    private var count = 0
    private let seed = SeriesTable.seed

    /// Of this process alone, so that a sender cannot choose instances whose places collide. No output depends on it.
    private static let seed = UInt64(bitPattern: Int64("series".hashValue)) | 1

    @inline(__always)
    private func hash(_ key: SeriesKey) -> UInt64 {
        let place = UInt64(UInt32(bitPattern: key.site)) << 32 | UInt64(UInt32(bitPattern: key.key))
        let kind = key.instance ^ UInt64(UInt32(bitPattern: key.type)) &* 0xA076_1D64_78BD_642F
        let product = (place ^ seed).multipliedFullWidth(by: (kind &* seed) ^ 0x9E37_79B9_7F4A_7C15)
        return product.high ^ product.low &* 0xE703_7ED1_A0B4_28DB
    }

    /// The point of that series; `nil` when the series is new. A refused series has a point below zero.
    @inline(__always)
    func point(_ key: SeriesKey) -> Int32? {
        let mask = entries.count - 1
        var at = Int(truncatingIfNeeded: hash(key)) & mask
        while entries[at].isUsed {
            if entries[at].key == key { return entries[at].point }
            at = (at + 1) & mask
        }
        return nil
    }

    /// Adds a series that `point` did not know.
    mutating func add(_ key: SeriesKey, _ point: Int32) {
        if (count + 1) * 2 > entries.count {
            let old = entries
            entries = [Entry](repeating: Self.empty, count: old.count * 2)
            for entry in old where entry.isUsed { put(entry) }
        }
        put(Entry(key: key, point: point, isUsed: true))
        count += 1
    }

    private mutating func put(_ entry: Entry) {
        let mask = entries.count - 1
        var at = Int(truncatingIfNeeded: hash(entry.key)) & mask
        while entries[at].isUsed { at = (at + 1) & mask }
        entries[at] = entry
    }
}
