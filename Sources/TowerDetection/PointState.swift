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
    var gapMedian: Float = 0
    var gapUpper: Float = 0

    // Repetition.
    var runStart = Int64.min
    var run: UInt32 = 0
    /// Samples accepted, saturating.
    var samples: UInt32 = 0
    var repeatRatio: Float = 0
    var reversalRatio: Float = 0
    /// Seconds of the longest repetition that ended by itself, capped.
    var longestRun: Float = 0

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
    /// Some rule holds a level or has one pending: follows from the states of its rules.
    var isRuleBusy = false

    /// What samples touch comes first in it.
    var baseline = BaselineState()

    // What few samples touch.
    /// Last sample before the present silence, and when the silence was told.
    var missingSince = Int64.max
    var missingRaisedAt = Int64.max
    /// Seconds by which the clock of its site is ahead of UTC.
    var clockOffset: Int32 = 0

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
