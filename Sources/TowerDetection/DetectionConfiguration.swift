/// One configuration for every series of every tenant: detectors learn the rest from the series itself.
public struct DetectionConfiguration: Sendable, Hashable {
    public var thresholds: [ThresholdRule]
    public var rates: [RateRule]
    /// Bound on registered series.
    public var maximumPoints: Int
    /// Seconds by which a sample may be older than the newest of its series and still count as clock skew; older ones are
    /// counted as late. Neither kind moves a state back in time nor teaches the baseline.
    public var lateWindow: Double
    public var missing: Missing
    public var flatLine: FlatLine
    public var baseline: Baseline
    public var novelty = NoveltyConfiguration.standard
    public var peers = Peers()
    /// Last parts of the names of counters that only grow (kWh, hours): they have no level to learn and no flat line.
    public var counterFields: Set<String>
    /// Last parts of the names of stocks (a tank): they empty and are filled, so that no hour has a level of its own. Limits, rates,
    /// silence and flat lines judge them.
    public var stockFields: Set<String> = ["level", "level_pct"]

    /// Silence of one series, against its own learned period.
    public struct Missing: Sendable, Hashable {
        public var isEnabled = true
        /// Gaps heard before a period is believed.
        public var minimumGaps = 8
        /// Silence allowed, in multiples of the learned median gap and of the learned 95 % gap.
        public var medianFactor = 4.0
        public var upperFactor = 2.0
        /// Bounds of the silence allowed, seconds.
        public var shortest = 60.0
        public var longest = 86_400.0
        public init() {}
    }

    /// Exact repetition where the series has shown that it is noisy, half as long again as any that ended by itself.
    public struct FlatLine: Sendable, Hashable {
        public var isEnabled = true
        /// Samples before a series is judged noisy or not.
        public var minimumSamples = 120
        /// Seconds of history before: day and night were seen.
        public var history = 86_400.0
        /// A series that repeats more often than this is a switch, a set point or coarse: never flat.
        public var maximumRepeatRatio = 0.5
        /// White noise turns back in two of three steps, a ramp never: below this share it is not noise.
        public var minimumReversalRatio = 0.2
        /// log10 of the chance that so long a repetition happens by itself.
        public var chanceExponent = -9.0
        /// Seconds it must last.
        public var shortest = 600.0
        public init() {}
    }

    /// Seasonal robust baseline. Evidence is counted in minutes: each minute adds what the residual exceeds three expected
    /// deviations by, three at most; each minute within them takes two away.
    public struct Baseline: Sendable, Hashable {
        public var isEnabled = true
        /// Seconds of own history before a series is judged by it.
        public var history = 2.0 * 86_400
        /// Evidence that raises, and how many times as much where a series repeats its values more often than not.
        public var limit = 60.0
        public var repeaterFactor = 6.0
        /// Samples that an excursion needs.
        public var minimumSamples = 3
        /// How many times the evidence of the largest excursion that ended by itself a new one must reach.
        public var recordFactor = 1.5
        /// A raise makes the next one harder by this factor: an alert budget. That and the record are forgotten with this time
        /// constant, seconds.
        public var fatigue = 2.0
        public var memory = 14.0 * 86_400
        /// Seconds after which a level that stays is the new normal.
        public var acceptShiftAfter = 12.0 * 3600
        /// Expected deviations are never less than this share of the daily range, nor of the value itself.
        public var minimumRange = 0.02
        /// The same share of the daily range while days of the week are not known: weekends differ by no more than three of it.
        public var unknownRange = 0.1
        public var minimumShare = 0.002
        /// A level that moves one way for days: share of its moves that add up, and expected deviations moved.
        public var trendEfficiency = 0.8
        public var trendDeviations = 3.0
        /// Hours for which residuals are twice as large as is usual at their hour.
        public var unrestHours = 3.0
        public init() {}
    }

    /// What other series of the metric show, for a series without a history of its own and for what befalls all of them.
    public struct Peers: Sendable, Hashable {
        public var isEnabled = true
        /// Series with a history that make a group.
        public var minimum = 8
        /// Mean residuals of the group beyond which a new series is unlike it, and the hours for which.
        public var sizes = 8.0
        public var hours = 1.5
        /// Share of the group that strays at the same time, and the least number, from which it is no finding about one of them.
        public var commonShare = 0.2
        public var commonMinimum = 5
        public init() {}
    }

    public init(
        thresholds: [ThresholdRule] = ThresholdRule.standard, rates: [RateRule] = RateRule.standard,
        maximumPoints: Int = 4_000_000,
        lateWindow: Double = 300, missing: Missing = .init(), flatLine: FlatLine = .init(), baseline: Baseline = .init(),
        counterFields: Set<String> = ["e", "run_h", "ah_in", "ah_out", "count", "seq"]
    ) {
        self.thresholds = thresholds
        self.rates = rates
        self.maximumPoints = maximumPoints
        self.lateWindow = lateWindow
        self.missing = missing
        self.flatLine = flatLine
        self.baseline = baseline
        self.counterFields = counterFields
    }

    public static let standard = DetectionConfiguration()
}
