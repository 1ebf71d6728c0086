/// What was wrong with cross-validated answers, by how large the answer was: turns an answer into quantiles.
///
/// Split conformal prediction (Vovk and others 2005), grouped: the residuals of groups of like answers, their quantiles
/// joined by straight lines between the groups' middles.
public struct ErrorBands: Sendable, Hashable {
    /// Middle answer of each group, rising, and the quantiles 10, 50 and 90 % of truth less answer there.
    public private(set) var centres: [Double] = []
    public private(set) var low: [Double] = []
    public private(set) var middle: [Double] = []
    public private(set) var high: [Double] = []

    init(centres: [Double], low: [Double], middle: [Double], high: [Double]) {
        (self.centres, self.low, self.middle, self.high) = (centres, low, middle, high)
    }

    public init(answers: [Double], truths: [Double], groups: Int = 12) {
        let pairs = zip(answers, truths).filter { $0.isFinite && $1.isFinite }.sorted { ($0.0, $0.1) < ($1.0, $1.1) }
        guard !pairs.isEmpty else { return }
        let groups = max(1, min(groups, pairs.count / 20))
        for group in 0..<groups {
            let part = pairs[pairs.count * group / groups..<pairs.count * (group + 1) / groups]
            guard !part.isEmpty else { continue }
            let errors = part.map { $0.1 - $0.0 }.sorted()
            let centre = part.reduce(0) { $0 + $1.0 } / Double(part.count)
            if let last = centres.last, centre <= last { continue }
            centres.append(centre)
            low.append(Self.quantile(errors, 0.1))
            middle.append(Self.quantile(errors, 0.5))
            high.append(Self.quantile(errors, 0.9))
        }
    }

    /// Quantiles of the truth behind an answer: rising, none below 0.
    public func quantiles(of answer: Double) -> (p10: Double, p50: Double, p90: Double) {
        guard !centres.isEmpty else { return (max(0, answer), max(0, answer), max(0, answer)) }
        func at(_ values: [Double]) -> Double {
            guard let above = centres.firstIndex(where: { $0 >= answer }) else { return values[values.count - 1] }
            guard above > 0 else { return values[0] }
            let share = (answer - centres[above - 1]) / (centres[above] - centres[above - 1])
            return values[above - 1] + share * (values[above] - values[above - 1])
        }
        let p10 = max(0, answer + at(low))
        let p50 = max(p10, answer + at(middle))
        return (p10, p50, max(p50, answer + at(high)))
    }

    /// Of sorted numbers, the conformal way: outward when between two.
    static func quantile(_ sorted: [Double], _ share: Double) -> Double {
        guard !sorted.isEmpty else { return 0 }
        let place = share < 0.5 ? (share * Double(sorted.count + 1)).rounded(.down) : (share * Double(sorted.count + 1)).rounded(.up)
        return sorted[min(max(Int(place) - 1, 0), sorted.count - 1)]
    }
}
