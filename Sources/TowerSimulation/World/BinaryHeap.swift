/// What a `BinaryHeap` holds: an order in which no two elements are equal, so that the same pushes give the same pops.
protocol HeapOrdered: Sendable {
    static func precedes(_ left: Self, _ right: Self) -> Bool
}

/// The first element of many, again and again: a binary heap in one array.
struct BinaryHeap<Element: HeapOrdered>: Sendable {
    private var elements: [Element] = []

    var first: Element? { elements.first }
    var count: Int { elements.count }

    mutating func insert(_ element: Element) {
        elements.append(element)
        var child = elements.count - 1
        while child > 0 {
            let parent = (child - 1) / 2
            guard Element.precedes(elements[child], elements[parent]) else { break }
            elements.swapAt(child, parent)
            child = parent
        }
    }

    /// Takes the first element out; `nil` when there is none.
    mutating func popFirst() -> Element? {
        guard let first = elements.first else { return nil }
        let last = elements.removeLast()
        guard !elements.isEmpty else { return first }
        elements[0] = last
        var parent = 0
        while true {
            var least = 2 * parent + 1
            guard least < elements.count else { break }
            if least + 1 < elements.count, Element.precedes(elements[least + 1], elements[least]) { least += 1 }
            guard Element.precedes(elements[least], elements[parent]) else { break }
            elements.swapAt(least, parent)
            parent = least
        }
        return first
    }
}
