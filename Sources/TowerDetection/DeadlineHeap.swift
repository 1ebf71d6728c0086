/// Instants at which something falls due, in order of (time, point, part).
///
/// Entries are never removed early: the owner keeps the key of its one live entry and ignores, or moves on, what pops
/// before its time. So a sample that only postpones its deadline costs nothing here.
struct DeadlineHeap {
    struct Entry {
        var time: Int64
        var point: Int32
        /// 0 for silence, `k + 1` for the hold of the series' rule `k`.
        var part: Int32

        func precedes(_ other: Entry) -> Bool {
            if time != other.time { return time < other.time }
            return point != other.point ? point < other.point : part < other.part
        }
    }

    var entries: [Entry] = []

    var first: Entry? { entries.first }
    var count: Int { entries.count }

    mutating func push(_ entry: Entry) {
        entries.append(entry)
        var child = entries.count - 1
        while child > 0 {
            let parent = (child - 1) / 2
            guard entry.precedes(entries[parent]) else { break }
            entries[child] = entries[parent]
            child = parent
        }
        entries[child] = entry
    }

    mutating func popFirst() -> Entry? {
        guard let top = entries.first, let moved = entries.popLast() else { return nil }
        guard !entries.isEmpty else { return top }
        var hole = 0
        while true {
            var child = 2 * hole + 1
            guard child < entries.count else { break }
            if child + 1 < entries.count, entries[child + 1].precedes(entries[child]) { child += 1 }
            guard entries[child].precedes(moved) else { break }
            entries[hole] = entries[child]
            hole = child
        }
        entries[hole] = moved
        return top
    }
}
