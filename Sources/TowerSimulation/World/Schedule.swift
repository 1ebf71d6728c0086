/// What happens next, ordered by time, then by the order of asking.
struct Schedule: Sendable {
    struct Entry: HeapOrdered {
        var time: Double
        var order: UInt64
        var action: Action

        static func precedes(_ left: Entry, _ right: Entry) -> Bool {
            left.time != right.time ? left.time < right.time : left.order < right.order
        }
    }
    private var heap = BinaryHeap<Entry>()
    private var order: UInt64 = 0

    var nextTime: Double? { heap.first?.time }
    var count: Int { heap.count }

    mutating func add(at time: Double, _ action: Action) {
        order &+= 1
        heap.insert(Entry(time: time, order: order, action: action))
    }

    mutating func popFirst() -> Entry? { heap.popFirst() }
}
