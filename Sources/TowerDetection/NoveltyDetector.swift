import Glibc

/// How little the last samples of one stream resemble anything that it showed before.
///
/// For each length the last stretch is compared, value by value, with every earlier one; the distance to the nearest is its
/// novelty. The novelty is ranked among the past ones, so that one threshold means the same for every stream; the mean of the
/// ranks decides. Every alert tires the detector for a while: a noisy stream has to show ever more.
///
/// - Shape: samples in the order of their time; gaps are not seen. Nothing depends on how long the stream will be.
/// - Unit: the score is log10 of "one in so many samples", a mean over the lengths.
/// - Missing data: a value that is no number is not a sample.
/// - Cost: about `2 * lengths * history` single-precision steps a sample, no allocation once the history is full; 4 bytes times
///   (`history` and `rankMemory` a length, plus the values).
/// - Source: discords (Keogh, Lin, Fu 2005), nearest earlier stretch only (Lu and others 2022), ranks as conformal p-values
///   (Laxhammar, Falkman 2011), the alert budget in the spirit of online false discovery control (Foster, Stine 2008).
public struct NoveltyDetector: Sendable {
    /// What one sample says.
    public struct Judgement: Sendable, Hashable {
        /// Mean rank score; 0 while nothing is ranked.
        public var score: Float
        public var isAlert: Bool
    }

    public let configuration: NoveltyConfiguration
    /// Samples seen.
    public internal(set) var samples = 0
    /// Score and place of the last alert.
    public internal(set) var alertScore: Float = 0
    var alertAt = -1
    var tiredness: Float = 0
    /// The first value: what single precision is relative to.
    var anchor = 0.0
    /// Newest first, from `head` on.
    var values: [Float] = []
    var head = 0
    var stretches: [StretchNovelty]

    public init(configuration: NoveltyConfiguration = .standard) {
        self.configuration = configuration
        stretches = configuration.lengths.map { StretchNovelty(length: $0) }
    }

    /// Takes the next sample of the stream.
    public mutating func observe(_ value: Double) -> Judgement {
        guard value.isFinite else { return Judgement(score: 0, isAlert: false) }
        remember(value)
        var score: Float = 0
        let isRanked = samples >= configuration.rankFrom
        values.withUnsafeBufferPointer { values in
            let newest = UnsafeBufferPointer(rebasing: values[head...])
            for index in stretches.indices {
                let novelty = stretches[index].compare(newest, samples: samples, configuration)
                guard isRanked, let novelty else { continue }
                score += stretches[index].rank(novelty, memory: configuration.rankMemory)
            }
        }
        score /= Float(stretches.count)
        return Judgement(score: score, isAlert: decide(score))
    }

    /// The alert budget.
    private mutating func decide(_ score: Float) -> Bool {
        tiredness *= expf(-1 / configuration.fatigueDecay)
        guard samples >= configuration.warmUp, score - tiredness >= configuration.threshold else { return false }
        if alertAt >= 0 {
            let silence = max(configuration.refractory, Int(configuration.refractoryShare * Double(samples)))
            guard samples - alertAt >= silence || score >= alertScore + configuration.breakthrough else { return false }
        }
        alertAt = samples
        alertScore = score
        tiredness += configuration.fatigue
        return true
    }

    /// Writes a value before the others. The array grows with the stream and is moved together when it is full.
    private mutating func remember(_ value: Double) {
        if samples == 0 { anchor = value }
        if head == 0 {
            let kept = min(samples, configuration.keptValues)
            let room = configuration.room(for: kept)
            if room > values.count {
                values = [Float](repeating: 0, count: room - kept) + values[..<kept]
            } else {
                values.withUnsafeMutableBufferPointer { values in
                    guard let base = values.baseAddress else { return }
                    (base + room - kept).update(from: base, count: kept)
                    base.update(repeating: 0, count: room - kept)
                }
            }
            head = room - kept
        }
        head -= 1
        values[head] = Float(value - anchor)
        samples += 1
    }
}
