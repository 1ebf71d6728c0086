/// How novelty is found in a stream, in full for chosen series and cheaply for every one: one configuration for all of them.
///
/// Evidence for each figure: docs/detection.md.
public struct NoveltyConfiguration: Sendable, Hashable {
    /// Lengths of the stretches that are compared, in samples, ascending.
    public var lengths = [1, 32, 128]
    /// Earlier stretches that a stretch is compared with, in samples of lag.
    public var history = 4_096
    /// Past novelties of each length among which the present one is ranked.
    public var rankMemory = 4_000
    /// Samples before novelties are kept.
    public var rankFrom = 150
    /// What the mean rank score less the fatigue must reach for an alert, log10 of "one in so many", and the samples before.
    public var threshold: Float = 1
    public var warmUp = 200
    /// Lags whose running sums are computed anew with each sample: rounding lives for `history / reseed` samples at most.
    public var reseed = 4
    /// Series that may have a full detector, a tenant.
    public var maximumSeries = 256
    /// Metrics whose series are chosen; those of generic streams are anyway, in the order in which they are first heard.
    public var chosenMetrics: Set<String> = []
    /// The cheap detector of every other series, and what its score must reach: in generic streams, and in series of the
    /// catalogue, which have limits and a baseline beside it and are many.
    public var isGridEnabled = true
    public var gridThreshold: Float = 1.75
    public var catalogueThreshold: Float = 4.5

    public init() {}

    public static let standard = NoveltyConfiguration()

    /// Values that the next comparison reads: the oldest stretch, and the sample that leaves it.
    var keptValues: Int { history + (lengths.last ?? 1) }

    /// Places for values when so many are kept: twice as many while the stream is young, then some, so that moving them
    /// together is rare.
    func room(for kept: Int) -> Int { min(keptValues + 512, max(512, kept * 2)) }

    /// Largest memory of one full detector, in bytes.
    public var bytesPerSeries: Int {
        4 * (keptValues + 512 + lengths.count * rankMemory + (history + 1) * lengths.count(where: { $0 > 1 }))
    }

    /// Strangeness is over when the longest stretch has left the odd samples behind.
    var budget: AlertBudget.Settings {
        AlertBudget.Settings(threshold: threshold, warmUp: warmUp, quiet: lengths.last ?? 1)
    }

    func gridBudget(isGeneric: Bool) -> AlertBudget.Settings {
        AlertBudget.Settings(threshold: isGeneric ? gridThreshold : catalogueThreshold, warmUp: warmUp, quiet: 32)
    }
}
