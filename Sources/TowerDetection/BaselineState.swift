/// The robust model of one series: where it is expected now, how far it strays, and what speaks against it.
///
/// The expectation is laid out twice an hour; between, a sample costs a straight line and a comparison, and touches nothing but
/// this. Values are relative to `anchor`, the first sample, so that single precision suffices.
struct BaselineState {
    // What every sample touches.
    var anchor = 0.0
    /// The half hour for which the expectation is laid out, event time.
    var segmentStart = Int64.max
    var segmentEnd = Int64.min
    /// Expected at the start of the half hour, and its change a microsecond.
    var line: Float = 0
    var slope: Float = 0
    /// Least and largest of the levels of this hour and of both beside it: a season may run straight (temperature) or jump at some
    /// minute (a lamp), so whatever lies between is expected.
    var lowest: Float = 0
    var highest: Float = 0
    /// Standard deviation that is expected, and one over it.
    var deviation: Float = 0
    var inverse: Float = 0
    /// Level of about the last hour, the expectation while the season is unknown; what a sample moves it by.
    var recent: Float = 0
    var recentGain: Float = 0.2
    /// Of this half hour: bounded residuals, their sizes, bounded samples, and how many.
    var sum: Float = 0
    var sizes: Float = 0
    var total: Float = 0
    var count: UInt16 = 0
    var flags: Flags = []
    /// -1 or 1 while each residual of the excursion has had that sign; 0 for none or both.
    var side: Int8 = 0
    /// Minutes of excess: what speaks against the expectation now.
    var evidence: Float = 0
    var previous: Float = 0
    /// Smallest change ever seen: the resolution of the sensor.
    var resolution: Float = 0
    /// Samples taken, saturating.
    var seen: UInt32 = 0

    // What half hours and excursions touch.
    /// Level of the hour.
    var flat: Float = 0
    /// Slot of the season tables.
    var season: Int32 = -1
    /// Event time of the first sample, of the beginning of the excursion, and of the last decay of fatigue and record.
    var firstAt = Int64.max
    var onset = Int64.max
    var decayedAt = Int64.min
    /// Offset on top of the season, of about half a day: what the hours have not learned yet; the same, slower still.
    var level: Float = 0
    var slowLevel: Float = 0
    /// Mean size of residuals.
    var scale: Float = 0
    /// Unit of the season's fixed-point numbers.
    var quantum: Float = 0
    /// Factor on the evidence that a raise needs; the largest evidence of excursions that ended by themselves.
    var fatigue: Float = 1
    var record: Float = 0
    /// Of the excursion: peak of evidence, mean residual, that of its first samples, and how many.
    var peak: Float = 0
    var shift: Float = 0
    var opening: Float = 0
    var excursion: UInt16 = 0
    /// Half hours learned, saturating.
    var lessons: UInt16 = 0
    /// Hours by which residuals have been too large or too small.
    var unrest: Float = 0
    /// How far they keep to one side meanwhile, -1...1.
    var lean: Float = 0
    /// Of the level at midnights: the last, the mean move and the mean size of a move.
    var midnight: Float = 0
    var move: Float = 0
    var moveSize: Float = 0
    var midnights: UInt16 = 0

    struct Flags: OptionSet {
        let rawValue: UInt8
        static let isAnomalous = Flags(rawValue: 1)
        /// The hour of the season is known, so that it is what is expected.
        static let hasSeason = Flags(rawValue: 2)
        static let isUnsteady = Flags(rawValue: 4)
        static let isDrifting = Flags(rawValue: 8)
        static let isUnlikePeers = Flags(rawValue: 16)
        /// What the present anomaly was told as.
        static let isStep = Flags(rawValue: 32)
        static let isShift = Flags(rawValue: 64)
        /// Its own history is long enough to judge it.
        static let isMature = Flags(rawValue: 128)
    }

    /// Robust deviations beyond which a residual speaks against the expectation, and teaches no more than that.
    static let boundary: Float = 3

    /// Takes a sample in.
    ///
    /// - Returns: its distance from what is expected, where that has to be weighed; `nil` where nothing is odd.
    @inline(__always)
    mutating func take(_ value: Double, now: Int64) -> Float? {
        let sample = Float(value - anchor)
        let change = abs(sample - previous)
        previous = sample
        if change > 0, change < resolution || resolution == 0 { resolution = change }
        let reach = Self.boundary * deviation
        var expected = recent
        var residual = sample - recent
        recent += recentGain * min(max(residual, -reach), reach)
        if flags.contains(.hasSeason) {
            expected = line + slope * Float(now &- segmentStart)
            residual = sample - min(max(sample, lowest), highest)
        }
        let bounded = min(max(sample - expected, -reach), reach)
        sum += bounded
        sizes += abs(bounded)
        total += expected + bounded
        if count < .max { count += 1 }
        if seen < .max { seen += 1 }
        return abs(residual) * inverse >= Self.boundary || evidence > 0 ? residual : nil
    }
}
