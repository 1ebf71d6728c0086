/// What one series carries from sample to sample, kept together so that a sample of a random series touches few cache
/// lines. Times are microseconds since the epoch, spans and values single precision unless they must be exact.
struct PointState {
    // Arrival.
    /// Newest event time heard; `.min` before the first sample.
    var last = Int64.min
    var lastValue = 0.0
    /// When silence becomes a finding; `.max` while the period is unknown.
    var missingDue = Int64.max
    /// Key of this series' entry in the deadline heap; `.max` when it has none.
    var missingKey = Int64.max
    /// Last sample before the present silence, and when the silence was told.
    var missingSince = Int64.max
    var missingRaisedAt = Int64.max
    var gapMedian: Float = 0
    var gapUpper: Float = 0

    // Repetition.
    var runStart = Int64.min
    var run: UInt32 = 0
    /// Samples accepted, saturating.
    var samples: UInt32 = 0
    var repeatRatio: Float = 0
    var reversalRatio: Float = 0

    // Which rules and season it has.
    var metric: Int32 = 0
    var firstRule: Int32 = 0
    var firstRate: Int32 = 0
    /// Place of its full detector of novelty, and of its cheap one; -1 for none.
    var novelty: Int32 = -1
    var grid: Int32 = -1
    var gaps: UInt16 = 0
    var lastDirection: Int8 = 0
    var flags: Flags = []

    var baseline = BaselineState()

    struct Flags: OptionSet {
        let rawValue: UInt8
        static let isMissing = Flags(rawValue: 1)
        static let isFlat = Flags(rawValue: 2)
        static let watchesFlatLine = Flags(rawValue: 4)
        static let watchesBaseline = Flags(rawValue: 8)
        static let watchesGrid = Flags(rawValue: 16)
        static let isGeneric = Flags(rawValue: 32)
    }
}

/// The robust model of one series: where it is expected now, how far it strays, and what speaks against it.
///
/// Values are relative to `anchor`, the first sample, so that single precision suffices.
struct BaselineState {
    var anchor = 0.0
    /// Event time of the first sample, of the last lesson to the season, and of the last fatigue update.
    var firstAt = Int64.max
    var learnedAt = Int64.min
    var fatigueAt = Int64.min
    /// When the present evidence began.
    var onset = Int64.max
    /// Samples scored or learned, saturating.
    var seen: UInt32 = 0
    /// Slot of the season tables.
    var season: Int32 = -1
    /// Recent level (about an hour), the prediction while the season is unknown.
    var recent: Float = 0
    /// Slow offset on top of the season: what changed for every hour alike.
    var level: Float = 0
    /// Median of |residual|.
    var scale: Float = 0
    /// Smallest change ever seen: the resolution of the sensor.
    var resolution: Float = 0
    /// Unit of the season's fixed-point numbers.
    var quantum: Float = 0
    var evidence: Float = 0
    /// Factor on the evidence that a raise needs.
    var fatigue: Float = 1
    /// Share of residuals with the sign of their predecessor, a robust stand-in for autocorrelation.
    var persistence: Float = 0.75
    var maximumRatio: Float = 0
    /// Where the residual stands while anomalous.
    var shift: Float = 0
    var previous: Float = 0
    /// Largest ratio and number of large residuals of the excursion that is being judged.
    var excursionRatio: Float = 0
    var excursion: UInt16 = 0
    var ranked: UInt16 = 0
    var lastSign: Int8 = 0
    var isAnomalous = false
}
