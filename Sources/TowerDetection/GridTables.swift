import Glibc

/// Novelty of single values for every series at the price of a few bytes: which of 256 cells of its range a series has visited,
/// and how far from those it went how often.
///
/// - Shape: the width of a cell is a power of two of the metric's unit; when a value falls outside, cells are joined in pairs
///   until the range holds it.
/// - Unit: the score is log10 of "one in so many samples", as a full detector's.
/// - Cost: 160 bytes a slot; O(1) a sample, joining cells apart.
struct GridTables: Sendable {
    static let cells = 256
    static let words = cells / 64
    static let bins = 16
    /// At this many ranked samples all counts are halved, so that old behaviour fades.
    static let halving: UInt16 = 4_096

    struct State: Sendable {
        /// The first value, from which cells are counted.
        var anchor = 0.0
        /// Cells a unit: one over the width, exact as that is a power of two.
        var cellsPerUnit = 0.0
        /// Number of the first cell.
        var lowest = 0
        var samples: UInt32 = 0
        /// Samples ranked, as the counts have them.
        var ranked: UInt16 = 0
        var counts = InlineArray<16, UInt16>(repeating: 0)
        var visited = InlineArray<4, UInt64>(repeating: 0)
        /// Largest distance so far, in cells.
        var farthest: Float = 0
        /// Width of a cell, a power of two.
        var width = 0.0
        var budget = AlertBudget()

        /// Takes a value whose cell was visited before, as most are: it is no news, so that one count says all of it.
        ///
        /// - Returns: `false`, and nothing has changed, where there is more to it.
        @inline(__always)
        mutating func takeUsual(_ value: Double, rankFrom: Int) -> Bool {
            let place = (value - anchor) * cellsPerUnit
            guard abs(place) < 1e15 else { return false }
            var whole = Int(place)
            if Double(whole) > place { whole -= 1 }
            let cell = whole &- lowest
            guard cell >= 0, cell < GridTables.cells, visited[cell >> 6] & 1 << UInt64(cell & 63) != 0,
                samples < .max, ranked < GridTables.halving - 1, !budget.isRaised, budget.tiredness <= 0
            else { return false }
            samples += 1
            if Int(samples) >= rankFrom {
                counts[0] &+= 1
                ranked &+= 1
            }
            return true
        }
    }

    var states: [State] = []

    /// A slot for a series that has left its first value. Until then it is constant and needs none.
    mutating func add(first: Double, samples: UInt32, value: Double) -> Int32 {
        var state = State()
        state.anchor = first
        state.samples = samples
        // The first step is a quarter of the range.
        let exponent = min(max(log2(abs(value - first) / Double(Self.cells / 4)).rounded(.up), -1_000), 1_000)
        state.width = exp2(exponent)
        state.cellsPerUnit = 1 / state.width
        state.lowest = -Self.cells / 2
        states.append(state)
        let slot = states.count - 1
        visit(slot, Self.cells / 2)
        return Int32(slot)
    }

    /// Takes the next sample and answers its score; 0 before `rankFrom` samples.
    mutating func observe(_ slot: Int, _ value: Double, rankFrom: Int) -> Float {
        if states[slot].samples < .max { states[slot].samples += 1 }
        var cell = place(slot, value)
        var distance = Float(nearest(slot, cell))
        while cell < 0 || cell >= Double(Self.cells) {
            join(slot, isBelow: cell < 0)
            distance /= 2
            cell = place(slot, value)
        }
        visit(slot, Int(cell))
        guard Int(states[slot].samples) >= rankFrom else { return 0 }
        return rank(slot, distance)
    }

    /// Number of the cell of a value inside the range; outside, whole and as far away as it is.
    private func place(_ slot: Int, _ value: Double) -> Double {
        let place = ((value - states[slot].anchor) / states[slot].width).rounded(.down) - Double(states[slot].lowest)
        return min(max(place, -1e300), 1e300)
    }

    private mutating func visit(_ slot: Int, _ cell: Int) {
        states[slot].visited[cell / 64] |= 1 << UInt64(cell % 64)
    }

    /// Cells to the nearest visited one.
    private func nearest(_ slot: Int, _ cell: Double) -> Double {
        let inside = Int(min(max(cell, 0), Double(Self.cells - 1)))
        let visited = states[slot].visited
        var least = Self.cells
        let word = inside / 64
        let bit = UInt64(inside % 64)
        let below = visited[word] & (UInt64.max >> (63 - bit))
        if below != 0 {
            least = Int(bit) - (63 - below.leadingZeroBitCount)
        } else if let other = (0..<word).last(where: { visited[$0] != 0 }) {
            least = inside - (other * 64 + 63 - visited[other].leadingZeroBitCount)
        }
        let above = visited[word] & (UInt64.max << bit)
        if above != 0 {
            least = min(least, above.trailingZeroBitCount - Int(bit))
        } else if let other = (word + 1..<Self.words).first(where: { visited[$0] != 0 }) {
            least = min(least, other * 64 + visited[other].trailingZeroBitCount - inside)
        }
        return Double(least) + abs(cell - Double(inside))
    }

    /// Doubles the range downwards or upwards. Distances are in cells, so what was counted moves down by an octave.
    private mutating func join(_ slot: Int, isBelow: Bool) {
        let visited = states[slot].visited
        let lowest = states[slot].lowest
        let next = (isBelow ? lowest - Self.cells : lowest) >> 1
        var joined = InlineArray<4, UInt64>(repeating: 0)
        for cell in 0..<Self.cells where visited[cell / 64] & 1 << UInt64(cell % 64) != 0 {
            let moved = min(max(((lowest + cell) >> 1) - next, 0), Self.cells - 1)
            joined[moved / 64] |= 1 << UInt64(moved % 64)
        }
        states[slot].visited = joined
        states[slot].lowest = next
        states[slot].width *= 2
        states[slot].cellsPerUnit = 1 / states[slot].width
        states[slot].farthest /= 2
        for bin in 1..<Self.bins {
            let count = states[slot].counts[bin]
            states[slot].counts[bin] = 0
            states[slot].counts[max(bin - 2, 0)] += count
        }
    }

    /// Bin 0 is a visited cell; then half octaves of the distance.
    private static func bin(_ distance: Float) -> Int {
        guard distance >= 1 else { return 0 }
        return min(Int(distance.bitPattern >> 22) - 253, bins - 1)
    }

    private mutating func rank(_ slot: Int, _ distance: Float) -> Float {
        let bin = Self.bin(distance)
        var score: Float = 0
        if bin > 0 {
            var larger = 0
            for index in bin..<Self.bins { larger += Int(states[slot].counts[index]) }
            score = log10f((Float(states[slot].ranked) + 1) / (Float(larger) + 1))
            if states[slot].farthest > 0, distance > states[slot].farthest { score += log10f(distance / states[slot].farthest) }
            states[slot].farthest = max(states[slot].farthest, distance)
        }
        states[slot].counts[bin] += 1
        states[slot].ranked += 1
        if states[slot].ranked >= Self.halving {
            states[slot].ranked = 0
            for index in 0..<Self.bins {
                states[slot].counts[index] /= 2
                states[slot].ranked += states[slot].counts[index]
            }
        }
        return score
    }
}
