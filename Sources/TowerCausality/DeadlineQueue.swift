public import TowerModel

/// Things to look at again at an instant, earliest first; equal instants keep the order in which they were asked for.
///
/// - Cost: a binary heap, O(log n) a call. An entry is never withdrawn: whoever receives it checks that it still holds. Open to the
///   rooms that use it, so that it is compiled for their element: asked by its type at run time it was a third of the engine.
public struct DeadlineQueue<Element: Sendable>: Sendable {
    @usableFromInline
    struct Entry: Sendable {
        @usableFromInline var at: Timestamp
        @usableFromInline var order: UInt64
        @usableFromInline var element: Element

        @inlinable
        init(at: Timestamp, order: UInt64, element: Element) {
            self.at = at
            self.order = order
            self.element = element
        }

        @inlinable
        func precedes(_ other: Entry) -> Bool {
            at.microseconds != other.at.microseconds ? at.microseconds < other.at.microseconds : order < other.order
        }
    }
    @usableFromInline var heap: [Entry] = []
    @usableFromInline var nextOrder: UInt64 = 0

    @inlinable
    public init() {}
    @inlinable public var count: Int { heap.count }
    @inlinable public var next: Timestamp? { heap.isEmpty ? nil : heap[0].at }

    @inlinable
    public mutating func schedule(_ element: Element, at: Timestamp) {
        let entry = Entry(at: at, order: nextOrder, element: element)
        heap.append(entry)
        nextOrder += 1
        heap.withUnsafeMutableBufferPointer { heap in
            var child = heap.count - 1
            while child > 0 {
                let parent = (child - 1) / 2
                guard entry.precedes(heap[parent]) else { break }
                heap[child] = heap[parent]
                child = parent
            }
            heap[child] = entry
        }
    }

    /// The earliest entry that is due by `now`.
    @inlinable
    public mutating func popDue(by now: Timestamp) -> (at: Timestamp, element: Element)? {
        guard !heap.isEmpty, heap[0].at.microseconds <= now.microseconds else { return nil }
        let first = heap[0]
        let last = heap.removeLast()
        heap.withUnsafeMutableBufferPointer { heap in
            guard !heap.isEmpty else { return }
            var hole = 0
            while true {
                var least = 2 * hole + 1
                guard least < heap.count else { break }
                if least + 1 < heap.count, heap[least + 1].precedes(heap[least]) { least += 1 }
                guard heap[least].precedes(last) else { break }
                heap[hole] = heap[least]
                hole = least
            }
            heap[hole] = last
        }
        return (first.at, first.element)
    }
}
