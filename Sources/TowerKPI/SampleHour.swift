/// The readings of one metric in one hour, one a second at most, sorted by time.
///
/// Of several readings in a second the latest stays, of several at one instant the largest: what is kept does not depend
/// on the order of arrival, and an hour holds at most 3,600 readings of 12 bytes.
struct SampleHour: Sendable {
    /// Microseconds into the hour.
    var offsets: [UInt32] = []
    var values: [Double] = []

    var count: Int { offsets.count }
    var isEmpty: Bool { offsets.isEmpty }

    func second(_ index: Int) -> Int { Int(offsets[index] / 1_000_000) }

    /// Answers whether anything changed.
    mutating func insert(offset: UInt32, value: Double) -> Bool {
        var position = offsets.count
        if let last = offsets.last, last >= offset - offset % 1_000_000 {
            position = firstIndex(atOrAfter: offset - offset % 1_000_000)
        }
        if position < offsets.count, offsets[position] / 1_000_000 == offset / 1_000_000 {
            guard (offset, value) > (offsets[position], values[position]) else { return false }
            offsets[position] = offset
            values[position] = value
            return true
        }
        offsets.insert(offset, at: position)
        values.insert(value, at: position)
        return true
    }

    private func firstIndex(atOrAfter offset: UInt32) -> Int {
        var low = 0
        var high = offsets.count
        while low < high {
            let middle = (low + high) / 2
            if offsets[middle] < offset { low = middle + 1 } else { high = middle }
        }
        return low
    }

    /// Mean over time, each reading held until the next for at most `maximumGap` seconds; `nil` when nothing was heard.
    func mean(previous: (second: Int, value: Double)?, maximumGap: Int) -> (mean: Double, seconds: Int)? {
        var sum = 0.0
        var seconds = 0
        visit(previous: previous, maximumGap: maximumGap) { from, to, value in
            sum += value * Double(to - from)
            seconds += to - from
        }
        return seconds > 0 ? (sum / Double(seconds), seconds) : nil
    }

    /// Each stretch of the hour and the reading that speaks for it.
    ///
    /// - Parameter previous: the last reading before the hour, its second negative.
    func visit(
        previous: (second: Int, value: Double)?, maximumGap: Int, _ body: (_ from: Int, _ to: Int, _ value: Double) -> Void
    ) {
        let first = offsets.isEmpty ? 3600 : second(0)
        if let previous {
            let end = min(first, previous.second + maximumGap)
            if end > 0 { body(0, end, previous.value) }
        }
        for index in offsets.indices {
            let from = second(index)
            let next = index + 1 < offsets.count ? second(index + 1) : 3600
            let to = min(next, from + maximumGap)
            if to > from { body(from, to, values[index]) }
        }
    }
}
