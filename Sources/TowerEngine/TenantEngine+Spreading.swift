import Glibc
import TowerCausality
import TowerModel

// A cause that wanders from site to site, as water does: one root, and it is where it was first.
extension TenantEngine {
    /// One spreading story told of several sites of a case is one cause: the site that it reached first stands for all of them,
    /// as surely as the order of arrival is known.
    func oneSpread(_ ranked: [Hypothesis]) -> [Hypothesis] {
        guard let lead = ranked.first(where: { spreads($0.template) })?.template else { return ranked }
        let told = ranked.filter { $0.template == lead }
        guard told.count > 1 else { return ranked }
        let typical = delay(told, lead)
        let arrivals = told.compactMap { arrival(of: $0, delay: typical) }
            .sorted { $0.at != $1.at ? $0.at < $1.at : topology.name($0.hypothesis.anchor.number) < topology.name($1.hypothesis.anchor.number) }
        guard arrivals.count > 1 else { return ranked }
        let total = min(configuration.scorer.highestProbability, told.reduce(0) { $0 + $1.probability })
        let spread = max(60, (arrivals[0].doubt * arrivals[0].doubt + arrivals[1].doubt * arrivals[1].doubt).squareRoot())
        let sure = 0.5 * erfc(-arrivals[1].at.seconds(since: arrivals[0].at) / spread / 2.0.squareRoot())
        var (first, second) = (arrivals[0].hypothesis, arrivals[1].hypothesis)
        (first.probability, second.probability) = (total * sure, total * (1 - sure))
        let all = ranked.filter { $0.template != lead } + [first, second]
        let order = all.indices.sorted { all[$0].probability != all[$1].probability ? all[$0].probability > all[$1].probability : $0 < $1 }
        return order.map { all[$0] }
    }

    private func spreads(_ template: Int) -> Bool {
        let story = configuration.templates.templates[template]
        return story.nodes.contains { $0.scope == .nearbySites && $0.condition == story.root }
    }

    /// What shows at a site's own equipment that the cause has done its work there.
    private static let damage: Set<Condition> = [.rectifierFailed, .moduleFailed, .batteryMissing, .siteCollapsed, .dyingGasp]

    /// When the cause was seen at the site itself, and when its first damage was.
    private func signs(_ hypothesis: Hypothesis) -> (root: Timestamp?, damage: Timestamp?) {
        let root = configuration.templates.templates[hypothesis.template].root
        let own = hypothesis.terms.filter { $0.component == hypothesis.anchor && $0.fact >= 0 }
        return (own.first { $0.condition == root }?.at, own.filter { Self.damage.contains($0.condition) }.map(\.at).min())
    }

    /// Seconds from the cause's arrival to its damage, and how far that strays: as at the case's other sites, where both were
    /// seen, else as the story has it.
    private func delay(_ told: [Hypothesis], _ template: Int) -> (mean: Double, doubt: Double) {
        let seen = told.compactMap { hypothesis -> Double? in
            let (root, damage) = signs(hypothesis)
            guard let root, let damage, damage > root else { return nil }
            return damage.seconds(since: root)
        }
        if !seen.isEmpty {
            let mean = seen.reduce(0, +) / Double(seen.count)
            return (mean, 0.15 * mean)
        }
        let story = configuration.templates.templates[template]
        let lag = story.nodes.first { Self.damage.contains($0.condition) && $0.scope == .anchor }?.lag
        return (lag?.quantile(0.5) ?? 0, ((lag?.quantile(0.84) ?? 0) - (lag?.quantile(0.16) ?? 0)) / 2)
    }

    private func arrival(
        of hypothesis: Hypothesis, delay: (mean: Double, doubt: Double)
    ) -> (hypothesis: Hypothesis, at: Timestamp, doubt: Double)? {
        let (root, damage) = signs(hypothesis)
        let clocks = configuration.clockSkew / 2
        if let root { return (hypothesis, root, clocks) }
        return damage.map { (hypothesis, $0.adding(seconds: -delay.mean), clocks + delay.doubt) }
    }
}
