/// Instants at which something falls due, kept in slots of eight seconds, the slots in rows of 72 minutes.
///
/// Entries are never removed early: the owner keeps the key of its one live entry and ignores, or puts off, what comes out before its
/// time. So a sample that only postpones its deadline costs nothing here, and putting off one that came out is O(1): nearly all are
/// put off, once a silence allowed, which is why no order is kept among them.
///
/// - Source: hierarchical timing wheels (Varghese, Lauck 1997).
struct DeadlineWheel {
    struct Entry: Hashable {
        var time: Int64
        var point: Int32
        /// 0 for silence, `k + 1` for the hold of the series' rule `k`.
        var part: Int32

        func precedes(_ other: Entry) -> Bool {
            if time != other.time { return time < other.time }
            return point != other.point ? point < other.point : part < other.part
        }
    }

    private struct Node {
        var entry: Entry
        /// Next of the same list; -1 at its end.
        var next: Int32
    }

    /// A slot is 2^23 microseconds.
    private static let slotBits: Int64 = 23
    private static let rowBits: Int64 = 9
    private static let slots: Int64 = 1 << rowBits
    private static let rows: Int64 = 64
    /// Lists: the slots of the present row, the 63 rows after it, and all that lies beyond.
    private static let far = Int(slots + rows)

    private var nodes: [Node] = []
    private var free: Int32 = -1
    private var heads = [Int32](repeating: -1, count: DeadlineWheel.far + 1)
    /// Number of the present slot: those before it are empty.
    private var slot: Int64
    private(set) var count = 0

    /// - Parameter now: what lies before it comes out first.
    init(at now: Int64 = .min) { slot = now >> Self.slotBits }

    mutating func push(_ entry: Entry) {
        count += 1
        guard free >= 0 else {
            nodes.append(Node(entry: entry, next: -1))
            return link(Int32(nodes.count - 1))
        }
        let number = free
        free = nodes[Int(number)].next
        nodes[Int(number)].entry = entry
        link(number)
    }

    /// Takes out everything that is due by an instant, in no order. An instant before an earlier one takes out nothing.
    mutating func takeDue(by now: Int64, into due: inout [Entry]) {
        let target = now >> Self.slotBits
        guard target >= slot else { return }
        if target - slot >= Self.slots * Self.rows {
            // Farther than all rows together, as after the beginning: everything is laid out anew.
            let all = unordered
            self = DeadlineWheel(at: now)
            for entry in all { push(entry) }
        }
        while true {
            sift(Int(slot & (Self.slots - 1)), by: now, into: &due)
            guard slot < target else { return }
            slot += 1
            if slot & (Self.slots - 1) == 0 { beginRow() }
        }
    }

    /// All entries in order, which is also the order of a heap.
    var entries: [Entry] { unordered.sorted { $0.precedes($1) } }

    private var unordered: [Entry] {
        var entries: [Entry] = []
        entries.reserveCapacity(count)
        for head in heads {
            var number = head
            while number >= 0 {
                entries.append(nodes[Int(number)].entry)
                number = nodes[Int(number)].next
            }
        }
        return entries
    }

    // MARK: Lists

    private mutating func link(_ number: Int32) {
        // What is late already belongs to the present slot.
        let at = max(nodes[Int(number)].entry.time >> Self.slotBits, slot)
        let row = at >> Self.rowBits
        let ahead = row - (slot >> Self.rowBits)
        let list: Int
        if ahead == 0 {
            list = Int(at & (Self.slots - 1))
        } else {
            list = ahead < Self.rows ? Int(Self.slots + (row & (Self.rows - 1))) : Self.far
        }
        nodes[Int(number)].next = heads[list]
        heads[list] = number
    }

    /// Takes what is due out of a list and links the rest again.
    private mutating func sift(_ list: Int, by now: Int64, into due: inout [Entry]) {
        var number = heads[list]
        heads[list] = -1
        while number >= 0 {
            let node = nodes[Int(number)]
            if node.entry.time <= now {
                due.append(node.entry)
                nodes[Int(number)].next = free
                free = number
                count -= 1
            } else {
                link(number)
            }
            number = node.next
        }
    }

    /// Deals the entries of the row that begins out to its slots. Twice a turn what was too far is looked at again.
    private mutating func beginRow() {
        let row = slot >> Self.rowBits
        relink(Int(Self.slots + (row & (Self.rows - 1))))
        if row & (Self.rows / 2 - 1) == 0 { relink(Self.far) }
    }

    private mutating func relink(_ list: Int) {
        var number = heads[list]
        heads[list] = -1
        while number >= 0 {
            let next = nodes[Int(number)].next
            link(number)
            number = next
        }
    }
}

extension DeadlineWheel: CustomReflectable {
    /// What it holds; how that is dealt out follows from when things were pushed.
    var customMirror: Mirror { Mirror(self, children: ["entries": entries]) }
}
