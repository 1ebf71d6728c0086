/// What a decoder remembers of names it has met, so that a known one costs a hash and a comparison: no string, no lock.
///
/// - Shape: flat open addressing over `(parent, bytes)`. The parent is a namespace (tenants, sites, types, keys that are
///   only checked for duplicates) or the slot of the enclosing type or key, so that a payload's path needs no joining.
/// - Bound: the owner empties it between events when `count` passes its limit.
struct NameTable: Sendable {
    struct Entry: Sendable {
        var hash: UInt64
        var parent: Int32
        var offset: UInt32
        var length: UInt16
        /// Check on the value, `PayloadRule.bits`.
        var rule: UInt8 = 0
        /// Which bit of the type's required fields this is.
        var requiredBit: UInt8 = 0
        /// Number in the shared table; `unresolved` until an event with this name is accepted.
        var symbol: Int32 = NameTable.unresolved
        /// Serial of the last object that had this key: meeting it again means a duplicate.
        var stamp: UInt32 = 0
        /// For a type its place in the catalogue, -1 when unknown; for a key the type's.
        var type: Int32 = -1
    }

    static let unresolved = Int32.min
    static let tenants: Int32 = -1
    static let sites: Int32 = -2
    static let types: Int32 = -3
    /// Keys inside arrays and metadata: one namespace a depth, so that an inner object cannot hide an outer one's stamp.
    static func unnamed(depth: Int) -> Int32 { -16 - Int32(depth) }

    var entries: [Entry] = []
    private var arena: [UInt8] = []
    private var slots: [Int32]
    private var mask: Int
    private let seed: UInt64

    /// - Parameter seed: unknown to senders, so that they cannot choose names that collide.
    init(seed: UInt64) {
        self.seed = seed
        slots = [Int32](repeating: -1, count: 1024)
        mask = 1023
    }

    var count: Int { entries.count }
    var arenaBytes: Int { arena.count }

    mutating func removeAll() {
        entries.removeAll(keepingCapacity: true)
        arena.removeAll(keepingCapacity: true)
        for index in slots.indices { slots[index] = -1 }
    }

    /// Forgets which object had which key; needed once in four thousand million objects.
    mutating func clearStamps() {
        for index in entries.indices { entries[index].stamp = 0 }
    }

    @inline(__always)
    func hash(_ parent: Int32, _ start: UnsafeRawPointer, _ count: Int) -> UInt64 {
        var state = seed ^ UInt64(UInt32(bitPattern: parent)) &* 0x9E37_79B9_7F4A_7C15
        if count >= 8 {
            var index = 0
            while index + 8 < count {
                state = Self.mix(state ^ start.loadUnaligned(fromByteOffset: index, as: UInt64.self))
                index += 8
            }
            state = Self.mix(state ^ start.loadUnaligned(fromByteOffset: count - 8, as: UInt64.self))
        } else if count >= 4 {
            let low = UInt64(start.loadUnaligned(as: UInt32.self))
            let high = UInt64(start.loadUnaligned(fromByteOffset: count - 4, as: UInt32.self))
            state = Self.mix(state ^ (high << 32 | low))
        } else if count > 0 {
            let first = UInt64(start.load(as: UInt8.self))
            let middle = UInt64(start.load(fromByteOffset: count >> 1, as: UInt8.self))
            let last = UInt64(start.load(fromByteOffset: count - 1, as: UInt8.self))
            state = Self.mix(state ^ (first << 16 | middle << 8 | last))
        }
        return state ^ UInt64(truncatingIfNeeded: count)
    }

    @inline(__always)
    private static func mix(_ value: UInt64) -> UInt64 {
        let product = value.multipliedFullWidth(by: 0xA076_1D64_78BD_642F)
        return product.high ^ product.low
    }

    /// The slot of that name, or -1.
    @inline(__always)
    func find(_ parent: Int32, _ start: UnsafeRawPointer, _ count: Int, hash: UInt64) -> Int {
        var probe = Int(truncatingIfNeeded: hash) & mask
        while true {
            let slot = Int(slots[probe])
            if slot < 0 { return -1 }
            let entry = entries[slot]
            if entry.hash == hash, entry.parent == parent, Int(entry.length) == count, matches(Int(entry.offset), start, count) {
                return slot
            }
            probe = (probe + 1) & mask
        }
    }

    @inline(__always)
    private func matches(_ offset: Int, _ start: UnsafeRawPointer, _ count: Int) -> Bool {
        arena.withUnsafeBytes { known in
            let name = known.baseAddress! + offset
            var index = 0
            while index + 8 <= count {
                if name.loadUnaligned(fromByteOffset: index, as: UInt64.self)
                    != start.loadUnaligned(fromByteOffset: index, as: UInt64.self)
                {
                    return false
                }
                index += 8
            }
            while index < count {
                if name.load(fromByteOffset: index, as: UInt8.self) != start.load(fromByteOffset: index, as: UInt8.self) {
                    return false
                }
                index += 1
            }
            return true
        }
    }

    /// Remembers a name that `find` did not know. Returns its slot.
    mutating func insert(_ parent: Int32, _ name: UnsafeRawBufferPointer, hash: UInt64) -> Int {
        if (entries.count + 1) * 2 > slots.count { grow() }
        let slot = entries.count
        // One byte at least, so that the arena has an address even when its only name is empty.
        if arena.isEmpty { arena.append(0) }
        entries.append(Entry(hash: hash, parent: parent, offset: UInt32(arena.count), length: UInt16(name.count)))
        arena.append(contentsOf: name)
        place(slot, hash)
        return slot
    }

    func text(_ slot: Int) -> String {
        let entry = entries[slot]
        return String(decoding: arena[Int(entry.offset)..<Int(entry.offset) + Int(entry.length)], as: UTF8.self)
    }

    /// The flattened key: `alarm.state` for `state` inside `alarm`.
    func path(_ slot: Int) -> String {
        var path = text(slot)
        var parent = entries[slot].parent
        while parent >= 0, entries[Int(parent)].parent != Self.types {
            path = text(Int(parent)) + "." + path
            parent = entries[Int(parent)].parent
        }
        return path
    }

    private mutating func grow() {
        slots = [Int32](repeating: -1, count: slots.count * 2)
        mask = slots.count - 1
        for slot in entries.indices { place(slot, entries[slot].hash) }
    }

    private mutating func place(_ slot: Int, _ hash: UInt64) {
        var probe = Int(truncatingIfNeeded: hash) & mask
        while slots[probe] >= 0 { probe = (probe + 1) & mask }
        slots[probe] = Int32(slot)
    }
}
