import TowerModel

extension CoincidenceCounters {
    func encode(into writer: inout StateWriter) {
        log.encode(into: &writer)
        writer.write(folded)
        writer.write(count: typeCount)
        for type in 0..<typeCount {
            writer.write(raises[type])
            writer.write(openers[type])
            for other in 0..<typeCount { writer.write(leads[type * stride + other]) }
        }
        writer.write(count: lastRaise.count)
        for (key, instant) in lastRaise.sorted(by: { $0.key < $1.key }) {
            writer.write(signed: key)
            writer.write(signed: instant)
        }
    }

    init(decoding reader: inout StateReader, configuration: LearningConfiguration) throws(StateError) {
        self.init(configuration: configuration)
        log = try RaiseLog(decoding: &reader, capacity: max(1, configuration.maximumRaises))
        folded = try reader.int("counters.folded")
        let count = try reader.count("counters.types", each: 16)
        guard count <= configuration.maximumTypes else { throw reader.outOfRange("counters.types") }
        if count > 0 { grow(to: count - 1) }
        for type in 0..<count {
            raises[type] = try reader.double("counters.raises")
            openers[type] = try reader.double("counters.openers")
            for other in 0..<count { leads[type * stride + other] = try reader.float("counters.leads") }
        }
        for place in log.start..<log.end where log.type(place) >= count { throw reader.outOfRange("counters.types") }
        for _ in 0..<(try reader.count("counters.last", each: 2)) {
            let key = try reader.signed("counters.last")
            lastRaise[key] = try reader.signed("counters.last_at")
        }
    }
}
