/// What happens next: a binary heap ordered by time, then by the order of asking.
struct Schedule: Sendable {
    struct Entry: Sendable {
        var time: Double
        var order: UInt64
        var action: Action
    }
    private var heap: [Entry] = []
    private var order: UInt64 = 0

    var nextTime: Double? { heap.first?.time }
    var count: Int { heap.count }

    mutating func add(at time: Double, _ action: Action) {
        order &+= 1
        heap.append(Entry(time: time, order: order, action: action))
        var child = heap.count - 1
        while child > 0 {
            let parent = (child - 1) / 2
            guard Self.precedes(heap[child], heap[parent]) else { break }
            heap.swapAt(child, parent)
            child = parent
        }
    }

    mutating func removeFirst() -> Entry {
        let first = heap[0]
        let last = heap.removeLast()
        guard !heap.isEmpty else { return first }
        heap[0] = last
        var parent = 0
        while true {
            var least = 2 * parent + 1
            guard least < heap.count else { break }
            if least + 1 < heap.count, Self.precedes(heap[least + 1], heap[least]) { least += 1 }
            guard Self.precedes(heap[least], heap[parent]) else { break }
            heap.swapAt(least, parent)
            parent = least
        }
        return first
    }

    private static func precedes(_ left: Entry, _ right: Entry) -> Bool {
        left.time != right.time ? left.time < right.time : left.order < right.order
    }
}
