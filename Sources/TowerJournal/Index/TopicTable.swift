import CTower
import Glibc
import TowerStreaming

/// What the journal keeps in memory of a topic, busy or idle.
struct TopicState {
    /// Oldest readable offset.
    var start: Int64 = 0
    /// Next offset to be given; published, so all below are durable.
    var next: Int64 = 0
    /// Of its sections on disk.
    var bytes: Int64 = 0
    var firstTimestampMs: Int64 = 0
    var lastTimestampMs: Int64 = 0
    /// Its first offset and last section in the segment being written, if that is number `activeSegment` of its class.
    var activeFirstOffset: Int64 = 0
    var activeSegment: UInt32 = 0
    var activeLast: UInt32 = SectionEntry.none
    /// Offsets below were forgotten by a deletion and may still be on disk; 0 when the topic was never deleted.
    var deletedBelow: Int64 = 0
    var retention: RetentionClass
    /// False until something of it is durable, and after it was deleted.
    var isListed = false
}

/// Topic names and their numbers: an open-addressed table over one arena, so that a lookup by raw bytes makes no string
/// and touches three places in memory.
///
/// A number stands for the name as long as the journal is open. Cost per idle topic: about 130 bytes beside its name.
struct TopicTable {
    /// Where a name lies in the arena, and what every append wants to know of its topic.
    private struct Entry {
        var nameStart: UInt32
        var nameLength: UInt8
        var series: UInt8
    }
    private(set) var names: [TopicName] = []
    var states: [TopicState] = []
    private var entries: [Entry] = []
    private var arena: [UInt8] = []
    /// Hash in the upper half, number plus one in the lower; 0 is free. A power of two, at most half full.
    private var slots = [UInt64](repeating: 0, count: 64)

    var count: Int { names.count }

    func retention(_ number: UInt32) -> RetentionClass { entries[Int(number)].series == 0 ? .telemetry : .business }

    func find(_ name: UnsafeRawBufferPointer) -> UInt32? {
        find(name, hash: tower_crc32c(0, name.baseAddress, name.count))
    }

    /// As `find`, trying the number written beside the name first.
    func find(_ name: UnsafeRawBufferPointer, hint: UInt32) -> UInt32? {
        if hint < names.count, isName(Int(hint), name) { return hint }
        return find(name)
    }

    private func find(_ name: UnsafeRawBufferPointer, hash: UInt32) -> UInt32? {
        let mask = slots.count - 1
        var slot = Int(hash) & mask
        while slots[slot] != 0 {
            let number = Int(slots[slot] & 0xFFFF_FFFF) - 1
            if UInt32(slots[slot] >> 32) == hash, isName(number, name) { return UInt32(number) }
            slot = (slot + 1) & mask
        }
        return nil
    }

    @inline(__always)
    private func isName(_ number: Int, _ name: UnsafeRawBufferPointer) -> Bool {
        let entry = entries[number]
        guard Int(entry.nameLength) == name.count else { return false }
        return arena.withUnsafeBytes { arena in
            guard let known = arena.baseAddress, let name = name.baseAddress else { return false }
            return memcmp(known + Int(entry.nameStart), name, Int(entry.nameLength)) == 0
        }
    }

    /// The number of a name, given now if it had none. The name must be valid.
    mutating func number(of name: UnsafeRawBufferPointer) -> UInt32 {
        let hash = tower_crc32c(0, name.baseAddress, name.count)
        if let number = find(name, hash: hash) { return number }
        let topic = TopicName(String(decoding: name, as: UTF8.self))
        let retention = RetentionClass.of(topic)
        let number = names.count
        names.append(topic)
        states.append(TopicState(retention: retention))
        entries.append(
            Entry(nameStart: UInt32(arena.count), nameLength: UInt8(name.count), series: UInt8(retention.series)))
        arena.append(contentsOf: name)
        if names.count * 2 > slots.count { grow() }
        insert(UInt64(hash) << 32 | UInt64(number + 1))
        return UInt32(number)
    }

    func number(of topic: TopicName) -> UInt32? {
        var text = topic.rawValue
        return text.withUTF8 { find(UnsafeRawBufferPointer($0)) }
    }

    private mutating func insert(_ entry: UInt64) {
        let mask = slots.count - 1
        var slot = Int(entry >> 32) & mask
        while slots[slot] != 0 { slot = (slot + 1) & mask }
        slots[slot] = entry
    }

    private mutating func grow() {
        let old = slots
        slots = [UInt64](repeating: 0, count: old.count * 2)
        for entry in old where entry != 0 { insert(entry) }
    }
}
