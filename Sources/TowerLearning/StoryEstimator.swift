import Glibc
public import TowerCausality

/// Re-estimates lags and shares of stories from incidents that are over, and shrinks them towards what the files say.
///
/// - Lags keep their family. Median and spread of the logarithms of a log-normal one, and the ends of an even one where they
///   narrow, become the mean of the file's value, counted `priorWeight` times, and the data's, counted by their weight; an even
///   lag widens to what was seen. A share is the mean of a beta distribution of that many cases with the file's share.
/// - A change is made only where it makes lags it was not made from likelier: the cases are halved, each half judges what the
///   other taught.
/// - Bounds: `mostShift` times longer or shorter, odds of a share at most four times up or down; a share does not cross the
///   line at which a node begins to draw facts into its story.
/// - Pure: the same cases in the same order give the same changes.
public struct StoryEstimator: Sendable {
    public struct Configuration: Sendable {
        public var priorWeight = 12.0
        /// Weight of cases under which nothing is learned of a node.
        public var leastWeight = 8.0
        /// Natural units of likelihood a lag must gain, on average, on the half it was not made from.
        public var leastGain = 0.05
        public var mostShift = 8.0
        /// Share of lags that follow no rule, spread over a day.
        public var background = 0.01
        public init() {}
    }

    /// One node that was re-estimated, and why.
    public struct Change: Sendable, Equatable {
        public var adjustment: TemplateAdjustment
        public var oldLag: Lag
        public var oldProbability: Double
        /// Cases by weight that spoke of the lag, and of whether it happens.
        public var lagWeight: Double
        public var outcomeWeight: Double
        /// Mean gain in log likelihood of a lag, on the halves it was not made from.
        public var gain: Double
    }

    public var configuration: Configuration
    public init(configuration: Configuration = .init()) { self.configuration = configuration }

    typealias Sample = (seconds: Double, weight: Double)

    public func estimate(_ cases: [StoryCase], library: TemplateLibrary) -> [Change] {
        var changes: [Change] = []
        for (story, template) in library.templates.enumerated() {
            let told = cases.filter { $0.story == story && $0.weight > 0 }
            guard !told.isEmpty else { continue }
            for (number, node) in template.nodes.enumerated() {
                let samples = told.flatMap { entry in entry.lags.filter { $0.node == number }.map { Sample($0.seconds, entry.weight) } }
                let (lag, gain) = lag(node.lag, samples)
                let seen = told.flatMap { entry in
                    entry.outcomes.filter { $0.node == number }.map { (isSeen: $0.isSeen, weight: entry.weight) }
                }
                let share = share(node, seen)
                guard lag != nil || share != nil else { continue }
                changes.append(
                    Change(
                        adjustment: .init(story: template.name, node: number, condition: node.condition, lag: lag, probability: share),
                        oldLag: node.lag, oldProbability: node.probability, lagWeight: samples.reduce(0) { $0 + $1.weight },
                        outcomeWeight: seen.reduce(0) { $0 + $1.weight }, gain: gain))
            }
        }
        return changes
    }

    /// Mean log likelihood of the lags of cases under a library; `nil` without any.
    public func logLikelihood(_ cases: [StoryCase], library: TemplateLibrary) -> Double? {
        var (sum, weight) = (0.0, 0.0)
        for entry in cases where library.templates.indices.contains(entry.story) {
            let nodes = library.templates[entry.story].nodes
            for lag in entry.lags where nodes.indices.contains(lag.node) {
                sum += entry.weight * logDensity(nodes[lag.node].lag, lag.seconds)
                weight += entry.weight
            }
        }
        return weight > 0 ? sum / weight : nil
    }

    // MARK: Lags

    private func lag(_ prior: Lag, _ samples: [Sample]) -> (lag: Lag?, gain: Double) {
        let halves = [samples.enumerated().filter { $0.offset % 2 == 0 }.map(\.element), samples.enumerated().filter { $0.offset % 2 == 1 }.map(\.element)]
        guard samples.reduce(0, { $0 + $1.weight }) >= configuration.leastWeight, !halves[0].isEmpty, !halves[1].isEmpty else { return (nil, 0) }
        var (gained, weight) = (0.0, 0.0)
        for half in 0...1 {
            let fitted = fit(prior, halves[half])
            for sample in halves[1 - half] {
                gained += sample.weight * (logDensity(fitted, sample.seconds) - logDensity(prior, sample.seconds))
                weight += sample.weight
            }
        }
        let gain = gained / weight
        guard gain >= configuration.leastGain else { return (nil, gain) }
        let fitted = fit(prior, samples)
        return fitted == prior ? (nil, gain) : (fitted, gain)
    }

    func fit(_ prior: Lag, _ samples: [Sample]) -> Lag {
        let total = samples.reduce(0) { $0 + $1.weight }
        guard total > 0 else { return prior }
        func shrunk(_ old: Double, _ data: Double) -> Double { (configuration.priorWeight * old + total * data) / (configuration.priorWeight + total) }
        let most = configuration.mostShift
        switch prior {
        case .uniform(let low, let high):
            // Nineteen in twenty lie inside; the rest of an even spread lies as far beyond.
            let bottom = Self.quantile(samples, 0.025)
            let top = Self.quantile(samples, 0.975)
            let margin = max(0.5, (top - bottom) * 0.026)
            // An even lag must cover what was seen, as under a Pareto prior: it widens at once and narrows by weight.
            let (begin, end) = (bottom - margin, top + margin)
            let newLow = min(max(0, begin < low ? begin : shrunk(low, begin)), high * most)
            let newHigh = min(max(end > high ? end : shrunk(high, end), newLow + 1, high / most), high * most + 1)
            return .uniform(Self.rounded(min(newLow, newHigh - 1)), Self.rounded(newHigh))
        case .logNormal(let median, let p90):
            let logs = samples.map { Sample(log(max(0.5, $0.seconds)), $0.weight) }
            let (center, spread) = (log(median), log(max(p90, 1.01 * median) / median) / 1.2815515655446)
            let mean = logs.reduce(0) { $0 + $1.seconds * $1.weight } / total
            let variance = logs.reduce(0) { $0 + $1.weight * ($1.seconds - mean) * ($1.seconds - mean) } / total
            let newCenter = min(max(shrunk(center, mean), center - log(most)), center + log(most))
            let newSpread = min(2.5, max(0.06, shrunk(spread * spread, variance).squareRoot()))
            return .logNormal(median: Self.rounded(exp(newCenter)), p90: Self.rounded(exp(newCenter + 1.2815515655446 * newSpread)))
        }
    }

    private static func quantile(_ samples: [Sample], _ share: Double) -> Double {
        let sorted = samples.sorted { $0.seconds < $1.seconds }
        let wanted = share * sorted.reduce(0) { $0 + $1.weight }
        var passed = 0.0
        for sample in sorted {
            passed += sample.weight
            if passed >= wanted { return sample.seconds }
        }
        return sorted.last?.seconds ?? 0
    }

    /// A density per second, spread over what clocks and sampling cannot tell apart.
    func logDensity(_ lag: Lag, _ seconds: Double) -> Double {
        let width = max(1, 0.05 * abs(seconds))
        let density = (lag.cumulative(seconds + width) - lag.cumulative(seconds - width)) / (2 * width)
        return log((1 - configuration.background) * density + configuration.background / 86_400)
    }

    private static func rounded(_ seconds: Double) -> Double { (seconds * 1_000).rounded() / 1_000 }

    // MARK: Shares

    /// Stories draw a fact in from this share on.
    private static let drawing = 0.06

    private func share(_ node: CausalTemplate.Node, _ outcomes: [(isSeen: Bool, weight: Double)]) -> Double? {
        let total = outcomes.reduce(0) { $0 + $1.weight }
        let old = node.probability
        guard total >= configuration.leastWeight, old > 0, old < 1 else { return nil }
        let seen = outcomes.reduce(0) { $0 + ($1.isSeen ? $1.weight : 0) }
        // What happens is told of in some of the cases only: rates of seeing are compared, and the share moves with them.
        let expected = old * node.reported
        let rate = (configuration.priorWeight * expected + seen) / (configuration.priorWeight + total)
        func likelihood(_ rate: Double) -> Double { seen * log(max(1e-9, rate)) + (total - seen) * log(max(1e-9, 1 - rate)) }
        guard likelihood(rate) - likelihood(expected) >= 2 else { return nil }
        let odds = old / (1 - old)
        let share = min(0.999, old * rate / expected)
        let bounded = min(max(share / (1 - share), odds / 4), odds * 4)
        let moved = min(0.999, max(0.001, bounded / (1 + bounded)))
        let kept = old >= Self.drawing ? max(moved, Self.drawing) : min(moved, Self.drawing - 0.001)
        let result = (kept * 10_000).rounded() / 10_000
        return abs(result - old) >= 0.005 ? result : nil
    }
}
