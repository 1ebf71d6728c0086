import TowerStreaming

/// Numbers for names that come as bytes, without making a string for each look-up.
///
/// - Shape: open addressing over the names' bytes, which lie one behind the other. Cost: some nanoseconds for a known name.
/// - Bounds: `isFull` says when to begin anew.
struct NameTable {
    static let maxNames = 200_000
    private var bytes: [UInt8] = []
    /// Where each name ends in `bytes`.
    private var ends: [Int32] = []
    /// -1 where empty; its size is a power of two and at least twice the names.
    private var places = [Int32](repeating: -1, count: 64)
    private var hashes: [UInt32] = []

    var count: Int { ends.count }
    var isFull: Bool { ends.count >= Self.maxNames }

    func range(_ number: Int) -> Range<Int> { (number == 0 ? 0 : Int(ends[number - 1]))..<Int(ends[number]) }

    func name(_ number: Int) -> String { String(decoding: bytes[range(number)], as: UTF8.self) }

    /// The number of a name; a new one for a new name.
    mutating func number(_ name: UnsafeRawBufferPointer) -> (number: Int, isNew: Bool) {
        let hash = Murmur2.hash(name)
        let mask = places.count - 1
        var at = Int(hash) & mask
        while places[at] >= 0 {
            let known = Int(places[at])
            if hashes[known] == hash, isSame(known, name) { return (known, false) }
            at = (at + 1) & mask
        }
        places[at] = Int32(ends.count)
        bytes.append(contentsOf: name)
        ends.append(Int32(bytes.count))
        hashes.append(hash)
        if ends.count * 2 > places.count { grow() }
        return (ends.count - 1, true)
    }

    private func isSame(_ number: Int, _ name: UnsafeRawBufferPointer) -> Bool {
        let range = range(number)
        guard range.count == name.count else { return false }
        return bytes.withUnsafeBytes { UnsafeRawBufferPointer(rebasing: $0[range]).elementsEqual(name) }
    }

    private mutating func grow() {
        let mask = places.count * 2 - 1
        places = [Int32](repeating: -1, count: mask + 1)
        for number in hashes.indices {
            var at = Int(hashes[number]) & mask
            while places[at] >= 0 { at = (at + 1) & mask }
            places[at] = Int32(number)
        }
    }
}
