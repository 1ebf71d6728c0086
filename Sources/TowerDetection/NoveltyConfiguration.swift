/// How the full novelty detector works: one configuration for every stream.
///
/// Evidence for each figure: docs/detection.md.
public struct NoveltyConfiguration: Sendable, Hashable {
    /// Lengths of the stretches that are compared, in samples, ascending.
    public var lengths = [1, 32, 128]
    /// Earlier stretches that a stretch is compared with, in samples of lag.
    public var history = 4_096
    /// Past novelties of each length among which the present one is ranked.
    public var rankMemory = 4_000
    /// Samples before novelties are kept, and before an alert is given.
    public var rankFrom = 150
    public var warmUp = 200
    /// What the mean rank score less the fatigue must reach: log10 of "one in so many".
    public var threshold: Float = 1
    /// What an alert adds to the fatigue, and the samples in which it decays to 1/e.
    public var fatigue: Float = 0.2
    public var fatigueDecay: Float = 5_000
    /// Samples without a second alert: at least so many, and this share of those seen.
    public var refractory = 100
    public var refractoryShare = 0.01
    /// What a score must exceed the last alert's by to break that silence.
    public var breakthrough: Float = 0.7
    /// Lags whose running sums are computed anew with each sample: rounding lives for `history / reseed` samples at most.
    public var reseed = 4

    public init() {}

    public static let standard = NoveltyConfiguration()

    /// Values that the next comparison reads: the oldest stretch, and the sample that leaves it.
    var keptValues: Int { history + (lengths.last ?? 1) }

    /// Places for values when so many are kept: twice as many while the stream is young, then some, so that moving them
    /// together is rare.
    func room(for kept: Int) -> Int { min(keptValues + 512, max(512, kept * 2)) }

    /// Largest memory of one detector, in bytes.
    public var bytes: Int { 4 * (keptValues + 512 + lengths.count * rankMemory + (history + 1) * lengths.count(where: { $0 > 1 })) }
}
