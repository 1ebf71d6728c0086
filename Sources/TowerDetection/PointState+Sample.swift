/// What a sample is compared with that is the same for all series of its metric, in one cache line and a bit.
struct SampleLimits {
    /// Values between which every rule of the metric keeps level 0.
    var calmFrom: Double
    var calmTo: Double
    var medianFactor: Double
    var upperFactor: Double
    var shortest: Double
    var longest: Double
    var maximumRepeatRatio: Double
    /// Gaps heard before a period is believed; none is enough where silence is not watched.
    var minimumGaps: Int
    var hasRates: Bool

    init(_ configuration: DetectionConfiguration, rules: ArraySlice<CompiledRule>, hasRates: Bool) {
        calmFrom = -.infinity
        calmTo = .infinity
        for rule in rules {
            if rule.sign > 0 { calmTo = min(calmTo, rule.limits[0]) } else { calmFrom = max(calmFrom, -rule.limits[0]) }
        }
        let missing = configuration.missing
        medianFactor = missing.medianFactor
        upperFactor = missing.upperFactor
        shortest = missing.shortest
        longest = missing.longest
        minimumGaps = missing.isEnabled ? missing.minimumGaps : .max
        maximumRepeatRatio = configuration.flatLine.maximumRepeatRatio
        self.hasRates = hasRates
    }
}

/// What is left to do about a sample that its series has taken in.
struct SampleStep {
    struct News: OptionSet {
        let rawValue: UInt8
        /// Nothing was taken in: each judge has to be asked in turn.
        static let isOdd = News(rawValue: 1)
        /// The silence deadline is before the one in the heap.
        static let movesSilence = News(rawValue: 2)
        static let hasRates = News(rawValue: 4)
        /// A half hour is over, the baseline has not taken the sample yet.
        static let endsHalfHour = News(rawValue: 8)
        /// `residual` has to be weighed.
        static let strays = News(rawValue: 16)
        static let isDisturbed = News(rawValue: 32)
    }

    var news: News
    var residual: Float = 0
}

extension PointState {
    /// Takes in a sample that begins and ends nothing, as nearly all are: learns its gap and its movement and follows the baseline.
    ///
    /// One pass over one series, so that a sample costs few cache lines and no table. Anything that may be told is left to the judges,
    /// before anything has changed; `DetectorBank.observe` ends the sample with `end`.
    @inline(__always)
    mutating func take(_ value: Double, now: Int64, isDisturbed: Bool, _ limits: SampleLimits) -> SampleStep {
        let isRepeated = value == lastValue
        // A repetition that is long enough to be told of, or the end of one that was.
        let isFlatNews =
            isRepeated
            ? run >= 7 && value != 0 && Double(repeatRatio) <= limits.maximumRepeatRatio : flags.contains(.isFlat)
        guard last != .min, now > last, now < missingDue, !isRuleBusy, novelty < 0, !flags.contains(.isMissing),
            value >= limits.calmFrom, value <= limits.calmTo, !(isFlatNews && flags.contains(.watchesFlatLine))
        else { return SampleStep(news: .isOdd) }
        var step = SampleStep(news: limits.hasRates ? .hasRates : [])
        learnGap(seconds: Float(Double(now - last) / 1_000_000))
        if Int(gaps) >= limits.minimumGaps {
            missingDue = now &+ silenceAllowed(limits)
            if missingDue < missingKey { step.news.insert(.movesSilence) }
        }
        if flags.contains(.watchesFlatLine) {
            if isRepeated { learnRepetition() } else { learnMovement(to: value, now: now) }
        }
        guard flags.contains(.watchesBaseline) else { return step }
        if isDisturbed {
            step.news.insert(.isDisturbed)
        } else if now >= baseline.segmentEnd {
            step.news.insert(.endsHalfHour)
        } else if let residual = baseline.take(value, now: now) {
            step.news.insert(.strays)
            step.residual = residual
        }
        return step
    }

    /// Every judge has been asked.
    @inline(__always)
    mutating func end(_ value: Double, now: Int64) {
        last = now
        lastValue = value
        if samples < .max { samples += 1 }
    }

    // MARK: Arrival

    /// Robust quantile steps: the median and the 95 % gap move by a factor, however long one gap is.
    @inline(__always)
    mutating func learnGap(seconds: Float) {
        let seconds = max(seconds, 0.001)
        if gaps == 0 {
            gapMedian = seconds
            gapUpper = seconds
        } else {
            let step: Float = gaps < 16 ? 0.3 : 0.05
            gapMedian *= seconds > gapMedian ? 1 + step : seconds < gapMedian ? 1 - step : 1
            gapUpper *= seconds > gapUpper ? 1 + step * 1.9 : seconds < gapUpper ? 1 - step * 0.1 : 1
            gapUpper = max(gapUpper, gapMedian)
        }
        if gaps < .max { gaps += 1 }
    }

    /// Microseconds of silence that this series may take.
    @inline(__always)
    func silenceAllowed(_ limits: SampleLimits) -> Int64 {
        let learned = max(limits.medianFactor * Double(gapMedian), limits.upperFactor * Double(gapUpper))
        return Int64(min(max(learned, limits.shortest), limits.longest) * 1_000_000)
    }

    // MARK: Repetition

    static let longestKnownRun: Float = 14 * 3600

    /// Weight of one sample in the ratios: one in five hundred once so many were heard.
    @inline(__always)
    var gain: Float { samples >= 499 ? 0.002 : 1 / Float(samples + 1) }

    @inline(__always)
    mutating func learnRepetition() {
        if run < .max { run += 1 }
        // A long run would teach that repeating is normal just when it is not.
        if run <= 8 { repeatRatio += gain * (1 - repeatRatio) }
    }

    /// Share of samples that repeat, and share of moves that turn back.
    @inline(__always)
    mutating func learnMovement(to value: Double, now: Int64) {
        let gain = gain
        repeatRatio -= gain * repeatRatio
        let direction: Int8 = value > lastValue ? 1 : -1
        if lastDirection != 0 {
            reversalRatio += gain * ((direction != lastDirection ? 1 : 0) - reversalRatio)
        }
        lastDirection = direction
        // A lamp by day, a machine at rest: what ended by itself is known, up to most of a day.
        if last != runStart {
            let lasted = Float(Double(last - runStart) / 1_000_000)
            if lasted > longestRun { longestRun = min(lasted, Self.longestKnownRun) }
        }
        run = 0
        runStart = now
    }
}
