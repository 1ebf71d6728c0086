/// What a watch remembers, as numbers: the order of its fields is part of the encoding of checkpoints.
protocol WatchState: Sendable, Equatable {
    init()
    /// Every field in turn; the same fields are read back by visiting them in the same order.
    mutating func visit(_ each: (inout Double) -> Void)
}

extension WatchState {
    var numbers: [Double] {
        var copy = self
        var all: [Double] = []
        copy.visit { all.append($0) }
        return all
    }

    init?(numbers: [Double]) {
        self.init()
        var next = 0
        self.visit { field in
            if next < numbers.count { field = numbers[next] }
            next += 1
        }
        guard next == numbers.count else { return nil }
    }
}

/// What a watch says after a sample: nothing new, it begins to hold, or it holds no more.
enum WatchVerdict: Sendable, Equatable { case same, begins, ends }
