import Glibc
import TowerModel

extension DetectorBank {
    /// Samples from which the scale is first taken.
    private static let scaleSamples: UInt32 = 16

    /// Scores a sample against what this hour usually shows, then learns from it by bounded steps.
    mutating func observeBaseline(_ point: Int32, now: Int64, value: Double, into findings: inout [Finding]) {
        var state = points[Int(point)].baseline
        defer { points[Int(point)].baseline = state }
        guard state.seen > 0 else {
            state.anchor = value
            state.seen = 1
            state.firstAt = now
            state.learnedAt = now
            return
        }
        let elapsed = Float(min(max(Double(now &- points[Int(point)].last) / 1_000_000, 0), 900))
        let sample = Float(value - state.anchor)
        learnResolution(&state, sample: sample)
        guard state.seen >= Self.scaleSamples else {
            warmUp(&state, sample: sample)
            return
        }
        let hour = Self.hourOfWeek(now)
        let floor = max(state.resolution / 2, Float(abs(value)) * 1e-4, 1e-9)
        let deviation = 1.4826 * max(state.scale, floor)
        let (expected, confidence) = prediction(state, sample: sample, now: now, hour: hour)
        let residual = sample - expected
        let ratio = abs(residual) / deviation
        judge(point, &state, now: now, value: value, residual: residual, ratio: ratio, expected: expected, into: &findings)
        if state.isAnomalous {
            state.shift += 0.1 * min(max(residual - state.shift, -2 * deviation), 2 * deviation)
        } else {
            learn(
                &state, now: now, hour: hour, sample: sample, residual: residual, deviation: deviation, floor: floor,
                elapsed: elapsed, confidence: confidence)
        }
        if state.seen < .max { state.seen += 1 }
    }

    /// 0 is Thursday 00:00 UTC, the weekday of the epoch.
    private static func hourOfWeek(_ now: Int64) -> Int {
        let hours = now >= 0 ? now / 3_600_000_000 : (now - 3_599_999_999) / 3_600_000_000
        let hour = Int(hours % 168)
        return hour < 0 ? hour + 168 : hour
    }

    private func learnResolution(_ state: inout BaselineState, sample: Float) {
        let change = abs(sample - state.previous)
        state.previous = sample
        if change > 0, state.resolution == 0 || change < state.resolution { state.resolution = change }
    }

    /// The first samples set the recent level and, from their changes, the scale.
    private mutating func warmUp(_ state: inout BaselineState, sample: Float) {
        let count = Float(state.seen)
        state.scale += (abs(sample - state.recent) - state.scale) / count
        state.recent += (sample - state.recent) / (count + 1)
        state.seen += 1
        if state.seen == Self.scaleSamples {
            state.season = seasons.addSlot()
            state.quantum = max(state.scale, state.resolution, Float(abs(state.anchor)) * 1e-4, 1e-9) / 256
        }
    }

    /// Expected value: the season plus the slow level; the recent level as far as the season is unknown.
    ///
    /// Between the middles of two hours a season may run straight (temperature) or jump (a schedule): whatever lies
    /// between the two readings is expected.
    private func prediction(_ state: BaselineState, sample: Float, now: Int64, hour: Int) -> (expected: Float, confidence: Float)
    {
        // In its first visit a bucket only repeats the present, a fault included; so it speaks from the second on.
        let age = now &- state.firstAt
        guard age >= 23 * 3_600_000_000 else { return (state.recent, 0) }
        let isWeekKnown = age >= 167 * 3_600_000_000
        func level(_ hour: Int) -> (value: Float, confidence: Float) {
            seasons.level(slot: state.season, hourOfWeek: hour, usesWeek: isWeekKnown, quantum: state.quantum)
        }
        let here = level(hour)
        guard here.confidence > 0 else { return (state.recent, 0) }
        let inside = now % 3_600_000_000
        let offset = Float(inside < 0 ? inside + 3_600_000_000 : inside) / 3_600_000_000 - 0.5
        let beside = level((hour + (offset < 0 ? 167 : 1)) % 168)
        var season = here.value
        if beside.confidence > 0 {
            let sloped = here.value + abs(offset) * beside.confidence * (beside.value - here.value)
            season = min(max(sample - state.level, min(sloped, season)), max(sloped, season))
        }
        season += state.level
        return (state.recent + here.confidence * (season - state.recent), here.confidence)
    }

    /// Sums evidence: each sample adds what its tail chance exceeds the drift by.
    private mutating func judge(
        _ point: Int32, _ state: inout BaselineState, now: Int64, value: Double, residual: Float, ratio: Float, expected: Float,
        into findings: inout [Finding]
    ) {
        let baseline = configuration.baseline
        let bin = SeasonTables.bin(ratio)
        var score: Float = 0
        if ratio >= Float(baseline.minimumDeviations), Int(state.seen) >= baseline.warmUp {
            score = tailScore(state, bin: bin, ratio: ratio)
        }
        if !state.isAnomalous, score == 0, Int(state.seen) >= baseline.warmUp {
            seasons.count(slot: state.season, bin: bin, total: &state.ranked)
            state.maximumRatio = max(state.maximumRatio * 0.9995, ratio)
        }
        guard score > 0 || state.evidence > 0 else { return }
        let gain = score - Float(baseline.drift)
        if state.evidence <= 0 { state.onset = now }
        state.evidence = max(0, state.evidence + (gain > 0 ? gain * independence(state) : gain))
        let limit = Float(baseline.limit)
        if !state.isAnomalous {
            rankExcursion(&state, score: score, ratio: ratio)
            forget(&state, now: now)
            guard state.evidence >= limit * state.fatigue else { return }
            state.isAnomalous = true
            state.excursion = 0
            state.shift = residual
            state.fatigue = min(state.fatigue * Float(baseline.fatigue), 12)
            findings.append(
                baselineFinding(point, state, at: now, value: value, expected: expected, ratio: ratio, end: nil))
            state.evidence = min(state.evidence, limit + 2)
        } else {
            state.evidence = min(state.evidence, limit + 2)
            let isAccepted = now &- state.onset >= Int64(baseline.acceptShiftAfter * 1_000_000)
            guard state.evidence <= 0 || isAccepted else { return }
            if state.evidence > 0 {
                state.level += state.shift
                state.recent += state.shift
            }
            findings.append(
                baselineFinding(
                    point, state, at: now, value: value, expected: expected, ratio: ratio,
                    end: state.evidence > 0 ? "stays there and is taken as its new normal" : "is as expected again"))
            state.isAnomalous = false
            state.evidence = 0
        }
    }

    /// Large residuals are ranked once their excursion is over: one that counted at once would make the next look usual.
    private mutating func rankExcursion(_ state: inout BaselineState, score: Float, ratio: Float) {
        if score > 0 {
            state.excursionRatio = state.excursion == 0 ? ratio : max(state.excursionRatio, ratio)
            if state.excursion < .max { state.excursion += 1 }
        }
        guard state.evidence <= 0, state.excursion > 0 else { return }
        seasons.count(slot: state.season, bin: SeasonTables.bin(state.excursionRatio), total: &state.ranked)
        let rest = SeasonTables.bin(max(state.excursionRatio / 1.5, Float(configuration.baseline.minimumDeviations)))
        for _ in 1..<max(min(state.excursion, 64), 1) { seasons.count(slot: state.season, bin: rest, total: &state.ranked) }
        state.maximumRatio = max(state.maximumRatio, state.excursionRatio)
        state.excursion = 0
    }

    /// -log10 of the chance of so large a residual, by rank among the last thousands, continued beyond
    /// the largest as a power law of index 3, heavier than most sensors have.
    private func tailScore(_ state: BaselineState, bin: Int, ratio: Float) -> Float {
        let larger = Float(seasons.countAtLeast(slot: state.season, bin: bin))
        var score = log10f((Float(state.ranked) + 1) / (larger + 1))
        if larger == 0, state.maximumRatio > 0 { score += 3 * max(0, log10f(ratio / state.maximumRatio)) }
        return min(score, 6)
    }

    /// How much of a sample's evidence is new, from the persistence of the residuals' sign: 1 for white noise.
    private func independence(_ state: BaselineState) -> Float {
        let correlation = min(max(sinf(.pi * (state.persistence - 0.5)), 0), 0.95)
        return max((1 - correlation) / (1 + correlation), 0.2)
    }

    /// The alert budget recovers: fatigue returns to 1.
    private func forget(_ state: inout BaselineState, now: Int64) {
        if state.fatigue > 1 {
            let seconds = Double(now &- state.fatigueAt) / 1_000_000
            state.fatigue = 1 + (state.fatigue - 1) * Float(exp(-max(seconds, 0) / configuration.baseline.fatigueDecay))
        }
        state.fatigueAt = now
    }

    /// Bounded-influence steps of scale, level and season.
    private mutating func learn(
        _ state: inout BaselineState, now: Int64, hour: Int, sample: Float, residual: Float, deviation: Float, floor: Float,
        elapsed: Float, confidence: Float
    ) {
        // What already counts as evidence teaches little, or a fault would be learned before it is told.
        let trust: Float = abs(residual) > 3 * deviation ? 0.05 : 1
        let step: Float = state.seen < 256 ? 0.05 : 0.01
        state.scale = max(state.scale * (abs(residual) > state.scale ? 1 + (trust < 1 ? 0.2 : 1) * step : 1 - step), floor)
        let sign: Int8 = residual > 0 ? 1 : residual < 0 ? -1 : 0
        if sign != 0, state.lastSign != 0 { state.persistence += 0.02 * ((sign == state.lastSign ? 1 : 0) - state.persistence) }
        state.lastSign = sign
        let recentGain = trust * min(max(elapsed / (elapsed + 1200), 1 / Float(min(state.seen, 64) + 1)), 0.3)
        state.recent += recentGain * min(max(sample - state.recent, -3 * deviation), 3 * deviation)
        if confidence > 0.5 {
            state.level += trust * min(elapsed / 43_200, 0.1) * min(max(residual, -3 * deviation), 3 * deviation)
        }
        let minutes = Float(now &- state.learnedAt) / 60_000_000
        guard minutes >= 1, trust == 1 || confidence > 0 else { return }
        state.learnedAt = now
        let dither = Float((state.seen &* 2_654_435_769) >> 8) / 16_777_216
        seasons.learn(
            slot: state.season, hourOfWeek: hour, level: sample - state.level, minutes: min(minutes, 15), bound: 4 * deviation,
            quantum: &state.quantum, dither: dither)
    }

    private func baselineFinding(
        _ point: Int32, _ state: BaselineState, at: Int64, value: Double, expected: Float, ratio: Float, end: String?
    ) -> Finding {
        let name = metrics[Int(points[Int(point)].metric)].name
        let of = managedObjects[Int(point)].isEmpty ? "" : " of \(managedObjects[Int(point)])"
        let usual = state.anchor + Double(expected)
        let text =
            end.map { "\(name)\(of) \($0) at \(DecimalText.text(value))" }
            ?? "\(name)\(of) is \(DecimalText.text(value)) where \(DecimalText.text(usual)) is usual at this hour"
        return Finding(
            point: point, kind: .baseline, alarmType: name + ".anomalous", severity: end == nil ? .warning : .cleared,
            state: end == nil ? .raised : .cleared, at: Timestamp(microseconds: at),
            onset: Timestamp(microseconds: state.onset), value: value, limit: usual, text: text,
            score: 1 - Double(powf(10, -min(state.evidence, 12))))
    }
}
