/// Slices that wait for one client, oldest first, bounded by merging changes of the same item.
///
/// Every item is a whole view, so the latest one stands for all before it. Merged slices take the last one's sequence:
/// a client that resumes from it has missed nothing.
struct PendingDeltas: Sendable {
    private(set) var slices: [LiveSlice] = []
    private(set) var changes = 0
    /// Slices that became part of a later one.
    private(set) var coalesced = 0
    private var coalesceAt: Int
    private let coalesceFrom: Int
    private let changesMax: Int

    init(coalesceFrom: Int, changesMax: Int) {
        self.coalesceFrom = coalesceFrom
        self.changesMax = changesMax
        self.coalesceAt = coalesceFrom
    }

    var isEmpty: Bool { slices.isEmpty }

    /// False when more different items wait than may.
    mutating func append(_ slice: LiveSlice) -> Bool {
        slices.append(slice)
        changes += slice.items.count
        if changes > coalesceAt || changes > changesMax { coalesce() }
        return changes <= changesMax
    }

    mutating func popFirst() -> LiveSlice? {
        guard !slices.isEmpty else { return nil }
        let slice = slices.removeFirst()
        changes -= slice.items.count
        if slices.isEmpty { coalesceAt = coalesceFrom }
        return slice
    }

    mutating func removeAll() {
        slices.removeAll()
        changes = 0
        coalesceAt = coalesceFrom
    }

    /// Takes out the slices up to a sequence.
    mutating func take(through sequence: Int64) -> [LiveSlice] {
        var taken: [LiveSlice] = []
        while let first = slices.first, first.sequence <= sequence { taken.append(popFirst() ?? first) }
        return taken
    }

    private mutating func coalesce() {
        guard let last = slices.last, slices.count > 1 else { return }
        var seen = Set<LiveItem.Key>()
        var newestFirst: [LiveItem] = []
        for slice in slices.reversed() {
            for item in slice.items.reversed() where seen.insert(item.key).inserted { newestFirst.append(item) }
        }
        coalesced += slices.count - 1
        slices = [LiveSlice(sequence: last.sequence, items: newestFirst.reversed())]
        changes = newestFirst.count
        // Merging again only after as much again has come keeps the cost per change constant.
        coalesceAt = max(coalesceFrom, 2 * changes)
    }
}
