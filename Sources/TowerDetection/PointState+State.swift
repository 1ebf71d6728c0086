import TowerModel

extension PointState {
    /// Without the places of its rules, which follow from the order of the points.
    func encode(into writer: inout StateWriter) {
        writer.write(metric)
        writer.write(instant: last, near: 0)
        writer.write(lastValue)
        for instant in [missingDue, missingKey, missingSince, missingRaisedAt, runStart] { writer.write(instant: instant, near: last) }
        for number in [gapMedian, gapUpper, repeatRatio, reversalRatio, longestRun] { writer.write(number) }
        writer.write(unsigned: UInt64(run))
        writer.write(unsigned: UInt64(samples))
        writer.write(unsigned: UInt64(gaps))
        writer.write(byte: UInt8(bitPattern: lastDirection))
        writer.write(byte: flags.rawValue)
        writer.write(clockOffset)
        writer.write(novelty)
        writer.write(grid)
        // Counters have no baseline: most of its fields would be what they began as.
        let hasBaseline = baseline.seen > 0
        writer.write(hasBaseline)
        if hasBaseline { baseline.encode(into: &writer, near: last) }
    }

    init(decoding reader: inout StateReader, metrics: Int) throws(StateError) {
        self.init()
        metric = try reader.index("point.metric", below: metrics)
        last = try reader.instant("point.last", near: 0)
        lastValue = try reader.double("point.last_value")
        missingDue = try reader.instant("point.missing_due", near: last)
        missingKey = try reader.instant("point.missing_key", near: last)
        missingSince = try reader.instant("point.missing_since", near: last)
        missingRaisedAt = try reader.instant("point.missing_raised_at", near: last)
        runStart = try reader.instant("point.run_start", near: last)
        gapMedian = try reader.float("point.gap_median")
        gapUpper = try reader.float("point.gap_upper")
        repeatRatio = try reader.float("point.repeat_ratio")
        reversalRatio = try reader.float("point.reversal_ratio")
        longestRun = try reader.float("point.longest_run")
        run = try reader.integer("point.run")
        samples = try reader.integer("point.samples")
        gaps = try reader.integer("point.gaps")
        lastDirection = Int8(bitPattern: try reader.byte("point.direction"))
        flags = Flags(rawValue: try reader.byte("point.flags"))
        clockOffset = try reader.int32("point.clock_offset")
        novelty = try reader.int32("point.novelty")
        grid = try reader.int32("point.grid")
        if try reader.flag("point.baseline") { baseline = try BaselineState(decoding: &reader, near: last) }
    }
}

extension StateReader {
    /// An unsigned number of a narrower type.
    mutating func integer<Value: FixedWidthInteger & UnsignedInteger>(_ field: StaticString) throws(StateError) -> Value {
        guard let value = Value(exactly: try unsigned(field)) else { throw outOfRange(field) }
        return value
    }
}

extension RuleState {
    func encode(into writer: inout StateWriter, near last: Int64) {
        for instant in [onset, pendingSince, key] { writer.write(instant: instant, near: last) }
        writer.write(byte: UInt8(bitPattern: level))
        writer.write(byte: UInt8(bitPattern: pending))
        writer.write(value)
    }

    init(decoding reader: inout StateReader, near last: Int64) throws(StateError) {
        self.init()
        onset = try reader.instant("rule.onset", near: last)
        pendingSince = try reader.instant("rule.pending_since", near: last)
        key = try reader.instant("rule.key", near: last)
        level = Int8(bitPattern: try reader.byte("rule.level"))
        pending = Int8(bitPattern: try reader.byte("rule.pending"))
        value = try reader.double("rule.value")
        let levels = Int8(0)...Int8(CompiledRule.maximumSteps)
        guard levels.contains(level), levels.contains(pending) else { throw reader.outOfRange("rule.level") }
    }
}

extension RateState {
    func encode(into writer: inout StateWriter, near last: Int64) {
        for instant in [olderAt, newerAt, onset] { writer.write(instant: instant, near: last) }
        writer.write(olderValue)
        writer.write(newerValue)
        writer.write(isRaised)
    }

    init(decoding reader: inout StateReader, near last: Int64) throws(StateError) {
        self.init()
        olderAt = try reader.instant("rate.older_at", near: last)
        newerAt = try reader.instant("rate.newer_at", near: last)
        onset = try reader.instant("rate.onset", near: last)
        olderValue = try reader.double("rate.older")
        newerValue = try reader.double("rate.newer")
        isRaised = try reader.flag("rate.is_raised")
    }
}
