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
    /// Last parts of the names of counters that only grow (kWh, hours): they have no level to learn and no flat line.
    public var counterFields: Set<String>

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

    /// Exact repetition where the series has shown that it is noisy.
    public struct FlatLine: Sendable, Hashable {
        public var isEnabled = true
        /// Samples before a series is judged noisy or not.
        public var minimumSamples = 120
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

    /// Seasonal robust baseline.
    public struct Baseline: Sendable, Hashable {
        public var isEnabled = true
        /// Samples before anything is scored.
        public var warmUp = 60
        /// Residuals below so many robust deviations are no evidence.
        public var minimumDeviations = 3.0
        /// What each sample must exceed, and the sum that raises: log10 of a tail chance.
        public var drift = 1.0
        public var limit = 7.0
        /// A raise makes the next one harder by this factor, forgotten with the time constant (seconds): an alert budget.
        public var fatigue = 1.7
        public var fatigueDecay = 7.0 * 86_400
        /// Seconds after which a level that stays is the new normal.
        public var acceptShiftAfter = 12.0 * 3600
        public init() {}
    }

    public init(
        thresholds: [ThresholdRule] = ThresholdRule.standard, rates: [RateRule] = RateRule.standard,
        maximumPoints: Int = 4_000_000,
        lateWindow: Double = 300, missing: Missing = .init(), flatLine: FlatLine = .init(), baseline: Baseline = .init(),
        counterFields: Set<String> = ["e", "run_h", "ah_in", "ah_out"]
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
