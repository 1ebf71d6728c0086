import TowerModel

/// Counts events of a batch by tenant, type and version: a small open table, no allocation per event.
struct VersionTally {
    struct Entry {
        var tenant: Symbol
        var type: Symbol
        var version: UInt32
        var count: Int64
    }
    private(set) var entries: [Entry] = []
    /// Index into `entries` plus one; 0 is free.
    private var slots = [Int32](repeating: 0, count: 256)
    private var last = 0

    mutating func add(_ batch: EventBatch, _ events: some RandomAccessCollection<Int32>) {
        let tenants = batch.tenants
        let types = batch.types
        let versions = batch.versions
        for event in events {
            let event = Int(event)
            add(tenants[event], types[event], versions[event])
        }
    }

    @inline(__always)
    private mutating func add(_ tenant: Symbol, _ type: Symbol, _ version: UInt32) {
        if last < entries.count, entries[last].type == type, entries[last].version == version, entries[last].tenant == tenant {
            entries[last].count += 1
            return
        }
        last = place(tenant, type, version)
        entries[last].count += 1
    }

    private mutating func place(_ tenant: Symbol, _ type: Symbol, _ version: UInt32) -> Int {
        if entries.count * 2 > slots.count { grow() }
        var slot = Self.hash(tenant, type, version) & (slots.count - 1)
        while slots[slot] != 0 {
            let index = Int(slots[slot]) - 1
            let entry = entries[index]
            if entry.type == type, entry.version == version, entry.tenant == tenant { return index }
            slot = (slot + 1) & (slots.count - 1)
        }
        entries.append(Entry(tenant: tenant, type: type, version: version, count: 0))
        slots[slot] = Int32(entries.count)
        return entries.count - 1
    }

    private mutating func grow() {
        slots = [Int32](repeating: 0, count: slots.count * 4)
        for (index, entry) in entries.enumerated() {
            var slot = Self.hash(entry.tenant, entry.type, entry.version) & (slots.count - 1)
            while slots[slot] != 0 { slot = (slot + 1) & (slots.count - 1) }
            slots[slot] = Int32(index + 1)
        }
    }

    private static func hash(_ tenant: Symbol, _ type: Symbol, _ version: UInt32) -> Int {
        var hash = UInt64(UInt32(bitPattern: type.rawValue)) &* 0x9E37_79B9_7F4A_7C15
        hash ^= UInt64(version) &* 0xC2B2_AE3D_27D4_EB4F
        hash ^= UInt64(UInt32(bitPattern: tenant.rawValue)) &* 0x1656_67B1_9E37_79F9
        return Int(truncatingIfNeeded: hash >> 32) & Int.max
    }
}
