/// Which points the numbers of a reading belong to, in the order in which the last reading of that site, type and instance
/// named them: the next one names them in the same order, so that each number costs one comparison.
///
/// Derived from `SeriesTable`; what does not fit is looked up there. Not part of a checkpoint.
struct SeriesLayouts: Sendable {
    private struct Entry {
        var instance: UInt64
        var site: Int32
        var type: Int32
        /// Place of the first field, and how many there is room for; -1 for an empty entry.
        var first: Int32
        var room: Int32
    }
    private struct Field {
        var key: Int32
        var point: Int32
    }
    /// Where a reading stands: the next field of its layout.
    struct Cursor {
        var next: Int
        var end: Int
    }
    /// Numbers of one reading that are kept in a layout; further ones are looked up.
    private static let room = 16
    /// Layouts at most; numbers of further readings are looked up.
    private static let maximum = 1_000_000
    private static let none = Entry(instance: 0, site: 0, type: 0, first: -1, room: 0)
    private var entries = [Entry](repeating: SeriesLayouts.none, count: 64)
    private var fields: [Field] = []
    private var count = 0
    private let seed = UInt64(bitPattern: Int64("layouts".hashValue)) | 1

    @inline(__always)
    private func place(_ site: Int32, _ type: Int32, _ instance: UInt64) -> Int {
        let name = UInt64(UInt32(bitPattern: site)) << 32 | UInt64(UInt32(bitPattern: type))
        let product = (name ^ seed).multipliedFullWidth(by: (instance &* seed) ^ 0x9E37_79B9_7F4A_7C15)
        return Int(truncatingIfNeeded: product.high ^ product.low &* 0xE703_7ED1_A0B4_28DB) & (entries.count - 1)
    }

    /// The beginning of that layout, which is empty when it is new.
    @inline(__always)
    mutating func cursor(site: Int32, type: Int32, instance: UInt64) -> Cursor {
        var at = place(site, type, instance)
        while entries[at].first >= 0 {
            if entries[at].site == site, entries[at].type == type, entries[at].instance == instance {
                let first = Int(entries[at].first)
                return Cursor(next: first, end: first + Int(entries[at].room))
            }
            at = (at + 1) & (entries.count - 1)
        }
        return add(site: site, type: type, instance: instance)
    }

    /// The point of the next number; `nil` where the layout has another, or none yet.
    @inline(__always)
    mutating func next(_ cursor: inout Cursor, key: Int32) -> Int32? {
        guard cursor.next < cursor.end, fields[cursor.next].key == key else { return nil }
        defer { cursor.next += 1 }
        return fields[cursor.next].point
    }

    /// Writes down what was looked up at the cursor: the newest order counts.
    mutating func learn(_ cursor: inout Cursor, key: Int32, point: Int32) {
        guard cursor.next < cursor.end else { return }
        fields[cursor.next] = Field(key: key, point: point)
        cursor.next += 1
    }

    private mutating func add(site: Int32, type: Int32, instance: UInt64) -> Cursor {
        guard count < Self.maximum else { return Cursor(next: 0, end: 0) }
        if (count + 1) * 2 > entries.count {
            let old = entries
            entries = [Entry](repeating: Self.none, count: old.count * 2)
            for entry in old where entry.first >= 0 { put(entry) }
        }
        let first = fields.count
        fields.append(contentsOf: repeatElement(Field(key: .min, point: -1), count: Self.room))
        put(Entry(instance: instance, site: site, type: type, first: Int32(first), room: Int32(Self.room)))
        count += 1
        return Cursor(next: first, end: first + Self.room)
    }

    private mutating func put(_ entry: Entry) {
        var at = place(entry.site, entry.type, entry.instance)
        while entries[at].first >= 0 { at = (at + 1) & (entries.count - 1) }
        entries[at] = entry
    }
}
