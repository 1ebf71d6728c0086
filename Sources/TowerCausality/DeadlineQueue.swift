public import TowerModel

/// Things to look at again at an instant, earliest first; equal instants keep the order in which they were asked for.
///
/// - Cost: a binary heap, O(log n) a call. An entry is never withdrawn: whoever receives it checks that it still holds.
public struct DeadlineQueue<Element: Sendable>: Sendable {
    struct Entry: Sendable {
        var at: Timestamp
        var order: UInt64
        var element: Element
    }
    var heap: [Entry] = []
    var nextOrder: UInt64 = 0

    public init() {}
    public var count: Int { heap.count }
    public var next: Timestamp? { heap.first?.at }

    public mutating func schedule(_ element: Element, at: Timestamp) {
        heap.append(Entry(at: at, order: nextOrder, element: element))
        nextOrder += 1
        var child = heap.count - 1
        while child > 0 {
            let parent = (child - 1) / 2
            guard isEarlier(child, parent) else { break }
            heap.swapAt(child, parent)
            child = parent
        }
    }

    /// The earliest entry that is due by `now`.
    public mutating func popDue(by now: Timestamp) -> (at: Timestamp, element: Element)? {
        guard let first = heap.first, first.at <= now else { return nil }
        let last = heap.removeLast()
        if !heap.isEmpty {
            heap[0] = last
            var parent = 0
            while true {
                var least = parent
                for child in 2 * parent + 1...2 * parent + 2 where child < heap.count && isEarlier(child, least) { least = child }
                guard least != parent else { break }
                heap.swapAt(parent, least)
                parent = least
            }
        }
        return (first.at, first.element)
    }

    private func isEarlier(_ left: Int, _ right: Int) -> Bool {
        (heap[left].at.microseconds, heap[left].order) < (heap[right].at.microseconds, heap[right].order)
    }
}
