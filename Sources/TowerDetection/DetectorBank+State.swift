public import TowerModel

extension DetectorBank {
    /// Version of the encoding of everything in this room.
    public static let stateVersion: UInt64 = 3

    /// Rules are not written: they follow from the configuration and the order of the metrics.
    public func encode(into writer: inout StateWriter) {
        writer.write(unsigned: Self.stateVersion)
        for count in [
            counters.samples, counters.lateInsideWindow, counters.lateIgnored, counters.notFinite, counters.unknownPoint,
        ] { writer.write(count) }
        writer.write(instant: advancedTo, near: 0)
        writer.write(count: metrics.count)
        for metric in metrics { writer.write(metric.name) }
        writer.write(count: points.count)
        for (number, point) in points.enumerated() {
            writer.write(managedObjects[number])
            point.encode(into: &writer)
            let profile = metrics[Int(point.metric)]
            for rule in 0..<profile.rules.count { ruleStates[Int(point.firstRule) + rule].encode(into: &writer, near: point.last) }
            for rate in 0..<profile.rates.count { rateStates[Int(point.firstRate) + rate].encode(into: &writer, near: point.last) }
        }
        seasons.encode(into: &writer)
        peers.encode(into: &writer)
        encodeNovelties(into: &writer)
        deadlines.encode(into: &writer)
    }

    public init(decoding reader: inout StateReader, configuration: DetectionConfiguration) throws(StateError) {
        self.init(configuration: configuration)
        try reader.version(Self.stateVersion, "detectors")
        counters.samples = try reader.int("detectors.samples")
        counters.lateInsideWindow = try reader.int("detectors.late")
        counters.lateIgnored = try reader.int("detectors.late_ignored")
        counters.notFinite = try reader.int("detectors.not_finite")
        counters.unknownPoint = try reader.int("detectors.unknown")
        advancedTo = try reader.instant("detectors.advanced_to", near: 0)
        for number in 0..<(try reader.count("metrics")) {
            guard profile(of: try reader.name("metrics")) == number else { throw reader.outOfRange("metrics") }
        }
        let count = try reader.count("points", each: 40)
        guard count <= configuration.maximumPoints else { throw reader.outOfRange("points") }
        points.reserveCapacity(count)
        managedObjects.reserveCapacity(count)
        for _ in 0..<count {
            managedObjects.append(try reader.name("point.object"))
            var point = try PointState(decoding: &reader, metrics: metrics.count)
            let profile = metrics[Int(point.metric)]
            point.firstRule = Int32(ruleStates.count)
            point.firstRate = Int32(rateStates.count)
            for rule in profile.rules {
                let state = try RuleState(decoding: &reader, near: point.last)
                let steps = configuration.thresholds[Int(compiled[rule].rule)].steps.count
                guard state.level <= steps, state.pending <= steps else { throw reader.outOfRange("rule.level") }
                ruleStates.append(state)
            }
            for _ in profile.rates { rateStates.append(try RateState(decoding: &reader, near: point.last)) }
            points.append(point)
            noteRules(Int32(points.count - 1))
        }
        seasons = try SeasonTables(decoding: &reader)
        let slots = seasons.slotCount
        guard points.allSatisfy({ Int($0.baseline.season) < slots }) else { throw reader.outOfRange("point.season") }
        peers = try PeerTables(decoding: &reader, groups: metrics.count)
        countPeers()
        try decodeNovelties(&reader)
        deadlines = try DeadlineWheel(decoding: &reader, at: advancedTo)
        for entry in deadlines.entries {
            guard entry.point >= 0, Int(entry.point) < count, entry.part >= 0,
                Int(entry.part) <= metrics[Int(points[Int(entry.point)].metric)].rules.count
            else { throw reader.outOfRange("detectors.deadlines") }
        }
    }
}

extension DetectorBank {
    /// Which series have a history and which stray follows from the series.
    private mutating func countPeers() {
        for point in points where point.baseline.flags.contains(.isMature) {
            metrics[Int(point.metric)].members += 1
            if point.baseline.evidence > 0 { metrics[Int(point.metric)].strays += 1 }
        }
    }
}

extension DeadlineWheel {
    /// In order, so that equal deadlines give equal bytes however they are laid out.
    func encode(into writer: inout StateWriter) {
        let entries = entries
        writer.write(count: entries.count)
        var last: Int64 = 0
        for entry in entries {
            writer.write(instant: entry.time, near: last)
            writer.write(entry.point)
            writer.write(entry.part)
            last = entry.time
        }
    }

    init(decoding reader: inout StateReader, at now: Int64) throws(StateError) {
        self.init(at: now)
        let count = try reader.count("detectors.deadlines", each: 3)
        // Some were written in the order of a heap, of which this order is one.
        var entries: [Entry] = []
        entries.reserveCapacity(count)
        var last: Int64 = 0
        for index in 0..<count {
            let time = try reader.instant("detectors.deadlines", near: last)
            let point = try reader.int32("detectors.deadlines")
            let entry = Entry(time: time, point: point, part: try reader.int32("detectors.deadlines"))
            if index > 0, entry.precedes(entries[(index - 1) / 2]) { throw reader.outOfRange("detectors.deadlines") }
            entries.append(entry)
            last = time
        }
        for entry in entries { push(entry) }
    }
}

extension SeasonTables {
    var slotCount: Int { weight.count / Self.buckets }

    /// Of each slot the hours that were heard, and the counters. An hour that was not heard has no level.
    func encode(into writer: inout StateWriter) {
        writer.write(count: slotCount)
        for slot in 0..<slotCount {
            let base = slot * Self.buckets
            for word in 0..<Self.buckets / 64 {
                var heard: UInt64 = 0
                for bit in 0..<64 where isUsed(base + word * 64 + bit) { heard |= 1 << UInt64(bit) }
                writer.write(fixed: heard)
                for bit in 0..<64 where heard & 1 << UInt64(bit) != 0 {
                    let index = base + word * 64 + bit
                    writer.write(byte: weight[index])
                    writer.write(signed: Int64(location[index]))
                }
            }
            for hour in 0..<Self.hours { writer.write(signed: Int64(spread[slot * Self.hours + hour])) }
        }
    }

    private func isUsed(_ index: Int) -> Bool { weight[index] != 0 || location[index] != 0 }

    init(decoding reader: inout StateReader) throws(StateError) {
        self.init()
        let count = try reader.count("seasons", each: 48)
        location = [Int16](repeating: 0, count: count * Self.buckets)
        weight = [UInt8](repeating: 0, count: count * Self.buckets)
        spread = [Int16](repeating: .min, count: count * Self.hours)
        for slot in 0..<count {
            let base = slot * Self.buckets
            for word in 0..<Self.buckets / 64 {
                let heard = try reader.fixed64("season.heard")
                for bit in 0..<64 where heard & 1 << UInt64(bit) != 0 {
                    let index = base + word * 64 + bit
                    weight[index] = try reader.byte("season.weight")
                    guard let level = Int16(exactly: try reader.signed("season.level")) else { throw reader.outOfRange("season.level") }
                    location[index] = level
                }
            }
            for hour in 0..<Self.hours {
                guard let heard = Int16(exactly: try reader.signed("season.spread")) else { throw reader.outOfRange("season.spread") }
                spread[slot * Self.hours + hour] = heard
            }
        }
    }
}
