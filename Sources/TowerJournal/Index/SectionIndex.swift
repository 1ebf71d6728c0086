/// The sections of a segment in the order of the file, in one piece of memory that the writer goes on filling behind what
/// readers know.
///
/// - Concurrency: the first `count` entries of a snapshot do not change any more, so readers need no lock for them. Only
///   the writer's thread adds, and sets `previous` of an entry before anybody can know of it.
struct SectionIndex: RandomAccessCollection, Sendable {
    /// Memory for entries; not moved, so that snapshots stay good.
    final class Storage: @unchecked Sendable {
        let base: UnsafeMutablePointer<SectionEntry>
        let capacity: Int

        init(capacity: Int) {
            self.capacity = Swift.max(capacity, 1)
            base = .allocate(capacity: self.capacity)
        }

        deinit { base.deallocate() }
    }
    let storage: Storage
    var count: Int

    init(storage: Storage, count: Int) {
        self.storage = storage
        self.count = count
    }

    init(_ entries: [SectionEntry]) {
        storage = Storage(capacity: entries.count)
        count = entries.count
        entries.withUnsafeBufferPointer { source in
            if let first = source.baseAddress { storage.base.initialize(from: first, count: source.count) }
        }
    }

    var startIndex: Int { 0 }
    var endIndex: Int { count }

    subscript(index: Int) -> SectionEntry {
        @inline(__always) get {
            precondition(index >= 0 && index < count, "no such section")
            return storage.base[index]
        }
    }

    /// The first entry with a record at or after `sequence` (counted from the segment's base).
    func firstIndex(endingAfter sequence: Int64) -> Int {
        var low = 0
        var high = count
        while low < high {
            let middle = (low + high) / 2
            if Int64(self[middle].sequence) + Int64(self[middle].count) <= sequence { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
