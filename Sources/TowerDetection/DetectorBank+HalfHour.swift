import Glibc
import TowerModel

// Twice an hour a series learns from what it showed, is compared with its peers, and the next half hour is laid out.
extension DetectorBank {
    /// Closes the half hour before a sample and lays out its own.
    ///
    /// - Returns: whether there is an expectation; the first samples only set a level and a scale.
    mutating func beginHalfHour(_ point: Int32, now: Int64, value: Double, into findings: inout [Finding]) -> Bool {
        let index = Int(point)
        guard points[index].baseline.seen >= Self.scaleSamples else {
            warmUp(index, now: now, value: value)
            return false
        }
        if points[index].baseline.count > 0 { learnHalfHour(point, now: now, value: value, into: &findings) }
        layOut(index, now: now)
        return true
    }

    /// The first samples set the recent level and, from their changes, the scale.
    private mutating func warmUp(_ index: Int, now: Int64, value: Double) {
        var state = points[index].baseline
        defer { points[index].baseline = state }
        guard state.seen > 0 else {
            state.anchor = value
            state.seen = 1
            state.firstAt = now
            return
        }
        let sample = Float(value - state.anchor)
        let change = abs(sample - state.previous)
        state.previous = sample
        if change > 0, state.resolution == 0 || change < state.resolution { state.resolution = change }
        let count = Float(state.seen)
        state.scale += (abs(sample - state.recent) - state.scale) / count
        state.recent += (sample - state.recent) / (count + 1)
        state.seen += 1
        if state.seen == Self.scaleSamples {
            state.season = seasons.addSlot()
            state.quantum = max(state.scale, state.resolution, Float(abs(state.anchor)) * 1e-4, 1e-9) / 256
        }
    }

    /// Hour of the week on the clock of the site: 0 is Thursday 00:00, the weekday of the epoch.
    private func hourOfWeek(_ index: Int, _ instant: Int64) -> Int {
        let local = instant &+ Int64(points[index].clockOffset) * 1_000_000
        let hours = local >= 0 ? local / 3_600_000_000 : (local - 3_599_999_999) / 3_600_000_000
        let hour = Int(hours % 168)
        return hour < 0 ? hour + 168 : hour
    }

    // MARK: Expectation

    /// Where the series is expected in the half hour of a sample, and how far it may stray.
    private mutating func layOut(_ index: Int, now: Int64) {
        var state = points[index].baseline
        defer { points[index].baseline = state }
        let local = now &+ Int64(points[index].clockOffset) * 1_000_000
        var inside = local % Self.halfHour
        if inside < 0 { inside += Self.halfHour }
        state.segmentStart = now &- inside
        state.segmentEnd = state.segmentStart &+ Self.halfHour
        state.sum = 0
        state.sizes = 0
        state.total = 0
        state.count = 0
        let hour = hourOfWeek(index, now)
        let isSecondHalf = (local - inside) / Self.halfHour & 1 == 1
        let age = Float(Double(now &- state.firstAt) / 86_400_000_000)
        let isWeekKnown = age >= 6.9
        // In its first visit an hour only repeats the present, a fault included; so it speaks from the second on.
        var here: (value: Float, confidence: Float) = (0, 0)
        if age >= 0.95 {
            here = seasons.level(
                slot: state.season, hourOfWeek: hour, usesWeek: isWeekKnown, noise: state.scale, quantum: state.quantum)
        }
        var spread = state.scale
        if here.confidence >= 0.5 {
            state.flags.insert(.hasSeason)
            state.flat = here.value + state.level
            func difference(_ hour: Int) -> Float {
                let beside = seasons.level(
                    slot: state.season, hourOfWeek: hour % 168, usesWeek: isWeekKnown, noise: state.scale, quantum: state.quantum)
                return beside.confidence >= 0.5 ? beside.value - here.value : 0
            }
            // Between the middles of two hours, as far as both are known.
            let before = difference(hour + 167)
            let after = difference(hour + 1)
            state.slope = (isSecondHalf ? after : -before) / 3_600_000_000
            state.line = isSecondHalf ? state.flat : state.flat + before / 2
            state.lowest = state.flat + min(before, after, 0)
            state.highest = state.flat + max(before, after, 0)
            spread = max(seasons.spread(slot: state.season, hour: hour % 24, whole: state.scale), 0.5 * state.scale)
        } else {
            state.flags.remove(.hasSeason)
        }
        let range = seasons.range(slot: state.season, quantum: state.quantum)
        let baseline = configuration.baseline
        let floor = max(state.resolution / 2, Float(abs(state.anchor + Double(state.recent)) * baseline.minimumShare), 1e-9)
        // Few days say little of how much days differ, and nothing of the days of the week that were not yet.
        let few = 1 + 2 / max(age, 0.5)
        let unknown = isWeekKnown ? Float(baseline.minimumRange) : Float(baseline.unknownRange)
        state.deviation = max(1.2533 * max(spread, floor) * few, unknown * range)
        state.inverse = 1 / state.deviation
        let gap = max(points[index].gapMedian, 1)
        state.recentGain = min(max(gap / (gap + 1200), 1 / Float(min(state.seen, 64) + 1)), 0.3)
        if !state.flags.contains(.isMature), Double(age) * 86_400 >= baseline.history {
            state.flags.insert(.isMature)
            metrics[Int(points[index].metric)].members += 1
        }
    }

    // MARK: Learning

    private mutating func learnHalfHour(_ point: Int32, now: Int64, value: Double, into findings: inout [Finding]) {
        let index = Int(point)
        var state = points[index].baseline
        let count = Float(state.count)
        let residual = state.sum / count
        let size = state.sizes / count
        let hour = hourOfWeek(index, state.segmentStart)
        let usualSize = seasons.spread(slot: state.season, hour: hour % 24, whole: state.scale)
        let hadSeason = state.flags.contains(.hasSeason)
        if state.lessons < .max { state.lessons += 1 }
        let dither = Float((state.seen &* 2_654_435_769) >> 8) / 16_777_216
        let minutes = min(30, max(count * points[index].gapMedian / 60, 1))
        // Residuals are from the line, so that an hour whose halves differ is learned at its middle. The offset is part of what an hour
        // learns: else a weekend would be taken for an offset each time, and never be learned.
        let here = hadSeason ? state.flat + residual : state.total / count
        if state.flags.contains(.isAnomalous) || state.evidence > 0 {
            // What speaks against the expectation teaches little until it is over or accepted: only that this hour of the week may be
            // like that, so that the second Saturday is no surprise.
            seasons.learn(
                slot: state.season, hourOfWeek: hour, level: state.flat + state.shift, minutes: minutes / 2,
                bound: .greatestFiniteMagnitude, quantum: &state.quantum, dither: dither, isWeekOnly: true)
        } else {
            let gain = max(0.02, 1 / Float(min(state.lessons, 1_000) + 1))
            state.scale += gain * (size - state.scale)
            if hadSeason {
                state.level += 0.04 * residual
                seasons.learnSpread(slot: state.season, hour: hour % 24, size: size)
            }
            seasons.learn(
                slot: state.season, hourOfWeek: hour, level: here, minutes: minutes, bound: 4 * state.deviation,
                quantum: &state.quantum, dither: dither)
        }
        points[index].baseline = state
        if state.flags.contains(.isMature) {
            watchUnrest(point, now: now, value: value, residual: residual, size: size, usual: usualSize, into: &findings)
            if hour % 24 == 0, hadSeason { watchTrend(point, now: now, value: value, into: &findings) }
        }
        if configuration.peers.isEnabled {
            comparePeers(point, hour: hour % 24, mean: state.anchor + Double(state.total / count), now: now, value: value, into: &findings)
        }
    }

    /// Residuals that are for hours much larger than usual at their hour, around a level that is as expected.
    private mutating func watchUnrest(
        _ point: Int32, now: Int64, value: Double, residual: Float, size: Float, usual: Float, into findings: inout [Finding]
    ) {
        let index = Int(point)
        let limit = Float(configuration.baseline.unrestHours)
        let state = points[index].baseline
        guard state.lessons > 336, points[index].repeatRatio < 0.5, state.count >= 2 else { return }
        let isOdd = 1.2533 * size > 1.6 * state.deviation && size > 2 * usual
        // Values that keep to one side are another level, not another noise.
        let lean = state.lean + 0.2 * ((isOdd ? residual / max(size, 1e-30) : 0) - state.lean)
        let unrest = min(max(state.unrest + (isOdd ? 0.5 : -0.5), 0), limit)
        points[index].baseline.unrest = unrest
        points[index].baseline.lean = lean
        let isUp = state.flags.contains(.isUnsteady)
        guard isUp ? unrest <= 0 : unrest >= limit && abs(lean) < 0.5 else { return }
        if isUp { points[index].baseline.flags.remove(.isUnsteady) } else { points[index].baseline.flags.insert(.isUnsteady) }
        let times = DecimalText.text(Double(size / max(usual, 1e-30)))
        findings.append(
            seriesFinding(
                point, kind: .variance, at: now, onset: now - Int64(Double(limit) * 3_600e6), value: value, expected: nil,
                what: isUp ? "strays as much as is usual again" : "strays \(times) times as much as is usual at this hour",
                isCleared: isUp, score: 0.99))
    }

    /// Once a day: a level whose moves of the last days add up.
    private mutating func watchTrend(_ point: Int32, now: Int64, value: Double, into findings: inout [Finding]) {
        let index = Int(point)
        var state = points[index].baseline
        defer { points[index].baseline = state }
        let isSecondHalf = (state.segmentStart &+ Int64(points[index].clockOffset) * 1_000_000) / Self.halfHour & 1 == 1
        guard !isSecondHalf else { return }
        if state.midnights < .max { state.midnights += 1 }
        guard state.midnights > 1 else {
            state.midnight = state.level
            state.slowLevel = state.level
            return
        }
        let move = state.level - state.midnight
        state.midnight = state.level
        let gain = max(0.25, 1 / Float(state.midnights))
        state.move += gain * (move - state.move)
        state.moveSize += gain * (abs(move) - state.moveSize)
        state.slowLevel += (state.level - state.slowLevel) / min(Float(state.midnights), 8)
        let limits = configuration.baseline
        let drift = abs(state.level - state.slowLevel)
        let isUp = state.flags.contains(.isDrifting)
        let isDrifting =
            state.midnights >= 8 && abs(state.move) >= Float(limits.trendEfficiency) * state.moveSize
            && drift >= Float(limits.trendDeviations) * state.deviation
        guard isUp ? drift < Float(limits.trendDeviations) * state.deviation / 2 : isDrifting && !isCommon(Int(points[index].metric))
        else { return }
        if isUp { state.flags.remove(.isDrifting) } else { state.flags.insert(.isDrifting) }
        let aDay = DecimalText.text(Double(state.move))
        findings.append(
            seriesFinding(
                point, kind: .trend, at: now, onset: isUp ? now : now - 3 * 86_400_000_000, value: value,
                expected: state.anchor + Double(state.slowLevel),
                what: isUp ? "keeps its level again" : "moves one way for days, by \(aDay) a day", isCleared: isUp, score: 0.99))
    }
}
