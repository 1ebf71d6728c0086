/// How little the last samples of one stream resemble anything that it showed before.
///
/// For each length the last stretch is compared, value by value, with every earlier one; the distance to the nearest is its
/// novelty. The novelty is ranked among the past ones, so that one threshold means the same for every stream; the mean of the
/// ranks is the score.
///
/// - Shape: samples in the order of their time; gaps are not seen. Nothing depends on how long the stream will be.
/// - Unit: log10 of "one in so many samples", a mean over the lengths; 0 while nothing is ranked.
/// - Missing data: a value that is no number is not a sample.
/// - Cost: about `2 * lengths * history` single-precision steps a sample, no allocation once the history is full; memory is
///   `NoveltyConfiguration.bytesPerSeries` at most and grows with the stream until then.
/// - Source: discords (Keogh, Lin, Fu 2005), earlier stretches only (Lu and others 2022), ranks as conformal p-values (Burnaev,
///   Ishimtsev 2016).
public struct NoveltyDetector: Sendable {
    public let configuration: NoveltyConfiguration
    /// Samples seen.
    public internal(set) var samples = 0
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

    /// Takes the next sample of the stream and answers its score.
    public mutating func observe(_ value: Double) -> Float {
        guard value.isFinite else { return 0 }
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
        return score / Float(max(stretches.count, 1))
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
