/// Which component's change explains why a metric of another one is wrong: change against the component's own baseline,
/// likeness to the target's change, how much of what suffers it would explain, and how much of it comes from below.
///
/// Score of a component: `r^2 * c * sqrt(o)`, with r the correlation of its change with the target's over the incident (none
/// when negative), c the share of the changed components, weighted by r, that depend on it (parsimonious covering: Peng, Reggia
/// 1990), o the share of its change that the components below it do not show. Only components that the target depends on and
/// that changed by five deviations can be a cause; with none, three and then any.
/// - Values of all components are of one metric, in one unit; a missing value counts as no change.
public struct MetricRootCause: Sendable {
    public struct Component: Sendable {
        /// Values of normal times, in any order.
        public var baseline: [Double]
        /// Values over the incident at the instants that all components share; NaN where there is none.
        public var incident: [Double]
        public init(baseline: [Double], incident: [Double]) {
            self.baseline = baseline
            self.incident = incident
        }
    }

    public struct Candidate: Sendable, Hashable {
        public var component: Int
        /// Shares of all candidates' scores: they sum to 1.
        public var share: Double
        /// Largest change in deviations of the baseline.
        public var change: Double
        /// Correlation with the target's change.
        public var likeness: Double
    }

    static let thresholds = [5.0, 3.0, -.infinity]
    static let leastBaseline = 5

    /// - Parameters:
    ///   - dependencies: pairs (dependent, depended on); an empty list means that nothing is known and all may be causes.
    /// - Returns: best first; empty when the target or all others have no values.
    public static func rank(_ components: [Component], target: Int, dependencies: [(Int, Int)]) -> [Candidate] {
        let changes = components.map(change)
        guard let wanted = changes[target] else { return [] }
        let below = adjacency(dependencies.map { ($0.0, $0.1) }, count: components.count)
        let above = adjacency(dependencies.map { ($0.1, $0.0) }, count: components.count)
        let reachable = dependencies.isEmpty ? Set(components.indices) : reached(from: target, below)
        let likeness = changes.map { $0.map { correlation($0.values, wanted.values) } ?? 0 }
        for threshold in thresholds {
            var suffering = Set(components.indices.filter { (changes[$0]?.largest ?? -.infinity) >= threshold && likeness[$0] > 0 })
            suffering.insert(target)
            let total = suffering.reduce(0) { $0 + max(0, likeness[$1]) }
            var scored: [(Int, Double)] = []
            for component in suffering.sorted() where component != target && reachable.contains(component) {
                guard let own = changes[component] else { continue }
                let covered = reached(from: component, above).intersection(suffering).reduce(0) { $0 + max(0, likeness[$1]) }
                let cover = dependencies.isEmpty || total <= 0 ? 1 : covered / total
                let inherited = below[component].filter { suffering.contains($0) }
                let share = ownShare(own.values, below: inherited.compactMap { changes[$0]?.values })
                scored.append((component, likeness[component] * likeness[component] * cover * share.squareRoot()))
            }
            let sum = scored.reduce(0) { $0 + $1.1 }
            guard sum > 0 else { continue }
            return scored.map {
                Candidate(component: $0.0, share: $0.1 / sum, change: changes[$0.0]?.largest ?? 0, likeness: likeness[$0.0])
            }.sorted { $0.share != $1.share ? $0.share > $1.share : $0.component < $1.component }
        }
        return []
    }

    private struct Change {
        /// Departures from the middle of the baseline, in the metric's unit. Which way is wrong nobody needs to say.
        var values: [Double]
        var largest: Double
    }

    private static func change(_ component: Component) -> Change? {
        let values = component.baseline.filter { !$0.isNaN }
        guard values.count >= leastBaseline, let middle = median(values), component.incident.contains(where: { !$0.isNaN }) else {
            return nil
        }
        let spread = 1.4826 * (median(values.map { abs($0 - middle) }) ?? 0)
        let mean = values.reduce(0, +) / Double(values.count)
        let deviation = (values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count)).squareRoot()
        // A metric that hardly ever moves has no spread: half its deviation, and a thousandth of its size, stand in.
        let scale = max(spread, 0.5 * deviation, 1e-3 * abs(middle) + 1e-12)
        let departures = component.incident.map { $0.isNaN ? 0 : $0 - middle }
        return Change(values: departures, largest: (departures.map(abs).max() ?? 0) / scale)
    }

    /// Share of a change that is more than what the components below show at the same time.
    private static func ownShare(_ values: [Double], below: [[Double]]) -> Double {
        let total = values.reduce(0) { $0 + abs($1) }
        guard total > 0 else { return 0.05 }
        var inherited = 0.0
        for other in below {
            for (mine, theirs) in zip(values, other) where (mine < 0) == (theirs < 0) { inherited += min(abs(mine), abs(theirs)) }
        }
        return max(0.05, (total - inherited) / total)
    }

    private static func median(_ values: [Double]) -> Double? {
        let sorted = values.filter { !$0.isNaN }.sorted()
        guard !sorted.isEmpty else { return nil }
        let half = sorted.count / 2
        return sorted.count % 2 == 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2
    }

    private static func correlation(_ a: [Double], _ b: [Double]) -> Double {
        let count = Double(min(a.count, b.count))
        guard count >= 2 else { return 0 }
        let (meanA, meanB) = (a.reduce(0, +) / count, b.reduce(0, +) / count)
        var (together, ownA, ownB) = (0.0, 0.0, 0.0)
        for (x, y) in zip(a, b) {
            together += (x - meanA) * (y - meanB)
            ownA += (x - meanA) * (x - meanA)
            ownB += (y - meanB) * (y - meanB)
        }
        return ownA > 0 && ownB > 0 ? together / (ownA * ownB).squareRoot() : 0
    }

    private static func adjacency(_ pairs: [(Int, Int)], count: Int) -> [[Int]] {
        var lists = [Set<Int>](repeating: [], count: count)
        for (from, to) in pairs where from != to && from < count && to < count { lists[from].insert(to) }
        return lists.map { $0.sorted() }
    }

    private static func reached(from start: Int, _ next: [[Int]]) -> Set<Int> {
        var seen: Set<Int> = [start]
        var open = [start]
        while let component = open.popLast() {
            for other in next[component] where seen.insert(other).inserted { open.append(other) }
        }
        return seen
    }
}
