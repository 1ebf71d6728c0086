import TowerModel

extension GridTables {
    func encode(into writer: inout StateWriter) {
        writer.write(count: states.count)
        for state in states {
            writer.write(state.anchor)
            writer.write(state.width)
            writer.write(state.lowest)
            writer.write(unsigned: UInt64(state.samples))
            writer.write(state.farthest)
            state.budget.encode(into: &writer)
            for word in 0..<Self.words { writer.write(fixed: state.visited[word]) }
            for bin in 0..<Self.bins { writer.write(unsigned: UInt64(state.counts[bin])) }
        }
    }

    init(decoding reader: inout StateReader) throws(StateError) {
        self.init()
        let count = try reader.count("grid.slots", each: 70)
        states.reserveCapacity(count)
        for _ in 0..<count {
            var state = State()
            state.anchor = try reader.double("grid.anchor")
            state.width = try reader.double("grid.width")
            state.lowest = try reader.int("grid.lowest")
            state.samples = try reader.integer("grid.samples")
            state.farthest = try reader.float("grid.farthest")
            state.budget = try AlertBudget(decoding: &reader, samples: Int(state.samples))
            // Cells that have no width would be joined for ever.
            guard state.width > 0, state.width.isFinite, abs(state.lowest) <= 1 << 52 else { throw reader.outOfRange("grid.width") }
            state.cellsPerUnit = 1 / state.width
            for word in 0..<Self.words { state.visited[word] = try reader.fixed64("grid.visited") }
            var ranked = 0
            for bin in 0..<Self.bins {
                state.counts[bin] = try reader.integer("grid.count")
                ranked += Int(state.counts[bin])
            }
            guard ranked < Int(Self.halving) else { throw reader.outOfRange("grid.count") }
            state.ranked = UInt16(ranked)
            states.append(state)
        }
    }
}
