import TowerModel

extension NoveltyDetector {
    /// Values and sums as they are: rounding goes on as if nothing had happened.
    func encode(into writer: inout StateWriter) {
        writer.write(count: samples)
        writer.write(anchor)
        writer.write(count: values.count)
        writer.write(count: head)
        let kept = min(samples, configuration.keptValues)
        for value in values[head..<head + kept] { writer.write(value) }
        for stretch in stretches { stretch.encode(into: &writer) }
    }

    init(decoding reader: inout StateReader, configuration: NoveltyConfiguration) throws(StateError) {
        self.init(configuration: configuration)
        samples = Int(truncatingIfNeeded: try reader.unsigned("novelty.samples"))
        anchor = try reader.double("novelty.anchor")
        guard samples >= 0 else { throw reader.outOfRange("novelty.samples") }
        let kept = min(samples, configuration.keptValues)
        let room = try reader.unsigned("novelty.room")
        let first = try reader.unsigned("novelty.head")
        guard room <= UInt64(configuration.room(for: configuration.keptValues)), first <= room, room - first >= UInt64(kept) else {
            throw reader.outOfRange("novelty.room")
        }
        values = [Float](repeating: 0, count: Int(room))
        head = Int(first)
        for index in head..<head + kept { values[index] = try reader.float("novelty.value") }
        for index in stretches.indices {
            try stretches[index].restore(&reader, samples: samples, configuration)
        }
    }
}

extension StretchNovelty {
    func encode(into writer: inout StateWriter) {
        writer.write(count: sums.count)
        for sum in sums.dropFirst(length) { writer.write(sum) }
        writer.write(count: cursor)
        writer.write(count: past.count)
        for novelty in past { writer.write(novelty) }
        writer.write(count: next)
        writer.write(count: leaps.count)
        for leap in leaps { writer.write(count: leap) }
        writer.write(count: rebuiltAt)
        writer.write(calm)
    }

    mutating func restore(
        _ reader: inout StateReader, samples: Int, _ configuration: NoveltyConfiguration
    ) throws(StateError) {
        let last = min(samples - length, configuration.history)
        let count = try reader.unsigned("novelty.sums")
        let expected = length > 1 && last >= length ? last + 1 : 0
        guard count == expected else { throw reader.outOfRange("novelty.sums") }
        sums = [Float](repeating: 0, count: expected)
        for lag in min(length, expected)..<expected { sums[lag] = try reader.float("novelty.sum") }
        cursor = Int(truncatingIfNeeded: try reader.unsigned("novelty.cursor"))
        let ranked = try reader.count("novelty.past", each: 4)
        guard ranked <= configuration.rankMemory else { throw reader.outOfRange("novelty.past") }
        past.reserveCapacity(ranked)
        for _ in 0..<ranked { past.append(try reader.float("novelty.past")) }
        next = Int(truncatingIfNeeded: try reader.unsigned("novelty.next"))
        for _ in 0..<(try reader.count("novelty.leaps", each: 1)) { leaps.append(Int(truncatingIfNeeded: try reader.unsigned("novelty.leap"))) }
        rebuiltAt = Int(truncatingIfNeeded: try reader.unsigned("novelty.rebuilt"))
        calm = try reader.float("novelty.calm")
        guard leaps.count <= Self.maximumLeaps, leaps.allSatisfy({ $0 >= 0 && $0 <= samples }), rebuiltAt >= 0, rebuiltAt <= samples else {
            throw reader.outOfRange("novelty.leap")
        }
        guard cursor >= 0, cursor <= max(last, 0), next >= 0, next < max(configuration.rankMemory, 1) else {
            throw reader.outOfRange("novelty.next")
        }
    }
}
