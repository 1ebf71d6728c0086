/// The seconds of one hour for which something holds.
///
/// Order of arrival cannot matter to a set, and time weighting becomes counting.
struct SecondMask: Sendable {
    private var words = InlineArray<57, UInt64>(repeating: 0)

    /// Adds the seconds `from..<to`, cut to the hour.
    mutating func fill(_ from: Int, _ to: Int) {
        let from = max(from, 0)
        let to = min(to, 3600)
        guard from < to else { return }
        let first = from >> 6
        let last = (to - 1) >> 6
        for word in first...last {
            var bits = UInt64.max
            if word == first { bits &= UInt64.max << UInt64(from & 63) }
            if word == last { bits &= UInt64.max >> UInt64(63 - (to - 1) & 63) }
            words[word] |= bits
        }
    }

    var count: Int {
        var sum = 0
        for word in 0..<57 { sum += words[word].nonzeroBitCount }
        return sum
    }

    var isEmpty: Bool { count == 0 }

    func count(in range: Range<Int>) -> Int {
        var window = SecondMask()
        window.fill(range.lowerBound, range.upperBound)
        return intersection(window).count
    }

    func union(_ other: SecondMask) -> SecondMask { combined(other) { $0 | $1 } }
    func intersection(_ other: SecondMask) -> SecondMask { combined(other) { $0 & $1 } }
    func subtracting(_ other: SecondMask) -> SecondMask { combined(other) { $0 & ~$1 } }

    private func combined(_ other: SecondMask, _ operation: (UInt64, UInt64) -> UInt64) -> SecondMask {
        var result = SecondMask()
        for word in 0..<57 { result.words[word] = operation(words[word], other.words[word]) }
        return result
    }
}
