import Glibc
import TowerModel

extension HypothesisScorer {
    /// Turns log odds into probabilities that sum to 1 with `unknown`, and sorts by falling probability.
    ///
    /// "Unknown" competes with a share of the evidence that the case's facts offer to whoever explains them, so a story
    /// that explains only part of them loses to it.
    /// - Returns: the hypotheses and the probability of "unknown".
    public func posterior(_ hypotheses: [Hypothesis], offered: Double) -> (ranked: [Hypothesis], unknown: Double) {
        let unknownOdds = log(configuration.unknownPrior) + configuration.unknownShare * offered
        let best = max(unknownOdds, hypotheses.map(\.logOdds).max() ?? -.infinity)
        let heat = configuration.temperature
        var total = exp((unknownOdds - best) / heat)
        for hypothesis in hypotheses { total += exp((hypothesis.logOdds - best) / heat) }
        var ranked = hypotheses
        for index in ranked.indices { ranked[index].probability = exp((ranked[index].logOdds - best) / heat) / total }
        var unknown = exp((unknownOdds - best) / heat) / total
        // Nothing is certain: what the cap takes goes to "unknown".
        for index in ranked.indices where ranked[index].probability > configuration.highestProbability {
            unknown += ranked[index].probability - configuration.highestProbability
            ranked[index].probability = configuration.highestProbability
        }
        // Equal probabilities keep the order in which hypotheses were named, which is by name.
        let order = ranked.indices.sorted {
            ranked[$0].probability != ranked[$1].probability ? ranked[$0].probability > ranked[$1].probability : $0 < $1
        }
        return (order.map { ranked[$0] }, unknown)
    }

    /// What the facts of a case offer to a story that explains all of them.
    public func offered(by facts: [Fact]) -> Double {
        facts.reduce(0) { sum, fact in
            guard !fact.condition.isHealthy else { return sum }
            var ratio = 0.0
            if fact.isReported { ratio += log(0.82 / configuration.falseAlarm) }
            if fact.wasMeasured { ratio += configuration.weight(ofReading: fact.condition) }
            if !fact.isReported, !fact.wasMeasured { ratio += log(0.9 / 0.05) }
            return sum + ratio
        }
    }
}
