import CTower
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

/// Topic names and their numbers: an open-addressed table over one arena, so that a lookup by raw bytes makes no string.
///
/// A number stands for the name as long as the journal is open. Cost per idle topic: about 90 bytes beside its name.
struct TopicTable {
    private(set) var names: [TopicName] = []
    var states: [TopicState] = []
    private var hashes: [UInt32] = []
    private var arena: [UInt8] = []
    private var nameStart: [UInt32] = [0]
    /// Number plus one; 0 is free. A power of two, at most half full.
    private var slots = [UInt32](repeating: 0, count: 64)

    var count: Int { names.count }

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
            let number = slots[slot] - 1
            if hashes[Int(number)] == hash, isName(Int(number), name) { return number }
            slot = (slot + 1) & mask
        }
        return nil
    }

    @inline(__always)
    private func isName(_ number: Int, _ name: UnsafeRawBufferPointer) -> Bool {
        let start = Int(nameStart[number])
        guard Int(nameStart[number + 1]) - start == name.count else { return false }
        return arena.withUnsafeBytes { UnsafeRawBufferPointer(rebasing: $0[start..<start + name.count]).elementsEqual(name) }
    }

    /// The number of a name, given now if it had none. The name must be valid.
    mutating func number(of name: UnsafeRawBufferPointer) -> UInt32 {
        let hash = tower_crc32c(0, name.baseAddress, name.count)
        if let number = find(name, hash: hash) { return number }
        let topic = TopicName(String(decoding: name, as: UTF8.self))
        let number = UInt32(names.count)
        names.append(topic)
        states.append(TopicState(retention: .of(topic)))
        hashes.append(hash)
        arena.append(contentsOf: name)
        nameStart.append(UInt32(arena.count))
        if names.count * 2 > slots.count { grow() }
        insert(number, hash: hash)
        return number
    }

    func number(of topic: TopicName) -> UInt32? {
        var text = topic.rawValue
        return text.withUTF8 { find(UnsafeRawBufferPointer($0)) }
    }

    private mutating func insert(_ number: UInt32, hash: UInt32) {
        let mask = slots.count - 1
        var slot = Int(hash) & mask
        while slots[slot] != 0 { slot = (slot + 1) & mask }
        slots[slot] = number + 1
    }

    private mutating func grow() {
        slots = [UInt32](repeating: 0, count: slots.count * 2)
        for number in 0..<names.count - 1 { insert(UInt32(number), hash: hashes[number]) }
    }
}
