import CTower

/// Keys in one flat piece of memory, open addressing with linear probing; grows by doubling.
///
/// 16 bytes a place, at most five places in eight taken. Not copyable: it owns its memory and whoever holds it holds the lock.
struct FlatKeySet: ~Copyable, @unchecked Sendable {
    // Raw memory, because a place is touched once an event and is nearly always a cache miss: it must be possible to ask for
    // the line ahead of time, which an array has no way to say.
    private var places: UnsafeMutablePointer<EventKey>?
    private var mask = -1
    private(set) var count = 0

    init() {}

    deinit { places?.deallocate() }

    var bytes: Int { (mask + 1) * MemoryLayout<EventKey>.stride }

    private static let free = EventKey(high: 0, low: 0)

    /// Two zero words mark a free place; the one key that looks so is stored as its neighbour.
    @inline(__always)
    private static func normal(_ key: EventKey) -> EventKey { key == free ? EventKey(high: 0, low: 1) : key }

    /// Starts bringing the key's place into the cache.
    @inline(__always)
    func prefetch(_ hash: UInt64) {
        if let places { tower_prefetch(places + (Int(truncatingIfNeeded: hash) & mask)) }
    }

    @inline(__always)
    func contains(_ key: EventKey, hash: UInt64) -> Bool {
        guard let places else { return false }
        let key = Self.normal(key)
        var place = Int(truncatingIfNeeded: hash) & mask
        while true {
            let found = places[place]
            if found == key { return true }
            if found == Self.free { return false }
            place = (place + 1) & mask
        }
    }

    /// Whether it was new.
    @inline(__always)
    mutating func insert(_ key: EventKey, hash: UInt64) -> Bool {
        if (count + 1) * 8 > (mask + 1) * 5 { grow() }
        guard let places else { return false }
        let key = Self.normal(key)
        var place = Int(truncatingIfNeeded: hash) & mask
        while true {
            let found = places[place]
            if found == key { return false }
            if found == Self.free { break }
            place = (place + 1) & mask
        }
        places[place] = key
        count += 1
        return true
    }

    /// Takes the key out and closes the gap, so that no probe ends too early. Whether it was there.
    mutating func remove(_ key: EventKey, hash: UInt64) -> Bool {
        guard let places else { return false }
        let key = Self.normal(key)
        var gap = Int(truncatingIfNeeded: hash) & mask
        while places[gap] != key {
            if places[gap] == Self.free { return false }
            gap = (gap + 1) & mask
        }
        var next = (gap + 1) & mask
        while places[next] != Self.free {
            let home = Int(truncatingIfNeeded: places[next].hash) & mask
            // It may move into the gap unless its home lies behind the gap.
            if (next &- home) & mask >= (next &- gap) & mask {
                places[gap] = places[next]
                gap = next
            }
            next = (next + 1) & mask
        }
        places[gap] = Self.free
        count -= 1
        return true
    }

    mutating func reserveCapacity(_ keys: Int) {
        var needed = 64
        while keys * 8 > needed * 5 { needed *= 2 }
        if needed > mask + 1 { grow(to: needed) }
    }

    private mutating func grow() { grow(to: max((mask + 1) * 2, 64)) }

    private mutating func grow(to larger: Int) {
        let old = places
        let oldCount = mask + 1
        let memory = UnsafeMutablePointer<EventKey>.allocate(capacity: larger)
        memory.initialize(repeating: Self.free, count: larger)
        mask = larger - 1
        if let old {
            for index in 0..<oldCount where old[index] != Self.free {
                var place = Int(truncatingIfNeeded: old[index].hash) & mask
                while memory[place] != Self.free { place = (place + 1) & mask }
                memory[place] = old[index]
            }
            old.deallocate()
        }
        places = memory
    }
}
