/// How the topics of a consumer group are dealt to its members: by slots, a fixed number of them, so that a member's share
/// is a handful of numbers however many topics there are.
public enum GroupSlots {
    public static let count = 32

    /// The slot of a topic: FNV-1a (64 bits) over the name's bytes, folded to 32, modulo `count`. Part of the format of
    /// groups.tbl, so it stays as it is.
    public static func slot(of topic: TopicName) -> Int {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in topic.rawValue.utf8 {
            hash ^= UInt64(byte)
            hash = hash &* 0x0100_0000_01B3
        }
        return Int((hash ^ hash >> 32) % UInt64(count))
    }

    /// Deals all slots to `members`: as even as can be, and moving as few as can be.
    ///
    /// - Parameter owners: by slot, who has it; any value that is not in `members` means nobody.
    /// - Parameter members: in an order that every caller agrees on; ties go to the earlier.
    /// - Returns: by slot, who has it now. The same arguments give the same answer.
    package static func deal(_ owners: [Int64], to members: [Int64]) -> [Int64] {
        guard !members.isEmpty else { return [Int64](repeating: 0, count: count) }
        var held = [Int](repeating: 0, count: members.count)
        let places = owners.map { owner in members.firstIndex(of: owner) }
        for case let place? in places { held[place] += 1 }
        // The larger shares go where the most lies already.
        let base = count / members.count
        let byHeld = members.indices.sorted { (held[$1], $0) < (held[$0], $1) }
        var quota = [Int](repeating: base, count: members.count)
        for place in byHeld.prefix(count % members.count) { quota[place] += 1 }
        var dealt = [Int64](repeating: 0, count: count)
        var free: [Int] = []
        for slot in 0..<count {
            if let place = places[slot], quota[place] > 0 {
                quota[place] -= 1
                dealt[slot] = members[place]
            } else {
                free.append(slot)
            }
        }
        var place = 0
        for slot in free {
            while quota[place] == 0 { place += 1 }
            quota[place] -= 1
            dealt[slot] = members[place]
        }
        return dealt
    }
}
