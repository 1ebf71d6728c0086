import TowerCausality

/// A causal graph of alarm types, estimated from what an `AlarmLearner` has counted.
///
/// 1. *Order.* Three scores a type, each over all its partners, standardised and added: it leads others, it comes out of
///    silence, it opens bursts. Edges only go down this order, so the graph has no cycle and no pair both ways.
/// 2. *Attribution.* A Hawkes process with box kernels (Lewis and Mohler 2011; on the topology Cai and others 2021) shares every
///    raise among a background of its device and the types present before it, by expectation maximisation.
/// 3. *Assertion.* When causes explain most raises, an edge needs two standard errors; otherwise, in the balanced cut, any yield
///    above one in a thousand counts, on either horizon: the model is then too simple to be believed edge by edge.
public struct CausalGraph: Sendable {
    /// Which edges are asserted; the ranking is the same.
    public enum Cut: Sendable, Hashable {
        /// As many true edges as the model's word allows: for a graph that is read as a whole.
        case balanced
        /// Only edges beyond chance, whatever the model explains: for edges that somebody acts on.
        case precise
    }

    public var edges: [CausalEdge]
    /// Larger is nearer to the cause, by type.
    public var order: [Double]
    /// Share of all raises that other types explain.
    public var explainedShare: Double
    public var isBelieved: Bool
    public var raiseCount: Int

    /// - Parameter neighbours: devices linked to a device.
    public static func estimate(
        _ learner: AlarmLearner, cut: Cut = .balanced, constraints: CausalConstraints = .init(), neighbours: (Int32) -> [Int32]
    ) -> CausalGraph {
        let counters = learner.counters
        let count = counters.typeCount
        let order = CausalOrder.scores(counters, openers: learner.openers, constraints: constraints)
        let events = AttributionEvents(counters.log, configuration: learner.configuration, neighbours: neighbours)
        let attributions = learner.configuration.horizons.map { horizon in
            HawkesAttribution(
                events, types: count, horizon: horizon, iterations: learner.configuration.iterations,
                mayCause: { cause, effect in order[cause] > order[effect] && !constraints.forbids(cause, effect) })
        }
        let best = attributions.max { $0.explainedShare < $1.explainedShare }
        let isBelieved = (best?.explainedShare ?? 0) > learner.configuration.believedShare
        var edges: [CausalEdge] = []
        for cause in 0..<count {
            for effect in 0..<count where cause != effect && order[cause] > order[effect] {
                let isConfirmed = constraints.confirmed.contains(.init(cause: Int32(cause), effect: Int32(effect)))
                guard !constraints.forbids(cause, effect) else { continue }
                var edge = CausalEdge(
                    cause: Int32(cause), effect: Int32(effect), score: 0, yield: 0, explained: 0, errors: 0,
                    isAsserted: isConfirmed, origin: isConfirmed ? .confirmed : .learned)
                for attribution in attributions {
                    edge.yield = max(edge.yield, attribution.yield(cause, effect))
                    edge.explained = max(edge.explained, attribution.explained(cause, effect))
                    edge.errors = max(edge.errors, attribution.errors(cause, effect))
                }
                guard edge.explained > 1e-6 || isConfirmed else { continue }
                if isBelieved, let best {
                    edge.isAsserted = edge.isAsserted || best.errors(cause, effect) > learner.configuration.believedErrors
                } else if cut == .precise {
                    edge.isAsserted = edge.isAsserted || edge.errors > learner.configuration.believedErrors
                } else {
                    edge.isAsserted = edge.isAsserted || edge.yield > learner.configuration.leastYield
                }
                edge.score = score(edge, gap: order[cause] - order[effect])
                edges.append(edge)
            }
        }
        return CausalGraph(
            edges: edges, order: order, explainedShare: best?.explainedShare ?? 0, isBelieved: isBelieved,
            raiseCount: counters.log.end)
    }

    /// Chance of a link, which saturates with its standard errors, times the chance of its direction, logistic in the order.
    private static func score(_ edge: CausalEdge, gap: Double) -> Double {
        if edge.origin == .confirmed { return 1 }
        let raw = edge.errors / (1 + edge.errors) / (1 + Numerics.exp(-gap))
        return (raw * 1_000_000).rounded() / 1_000_000
    }
}

extension CausalConstraints {
    func forbids(_ cause: Int, _ effect: Int) -> Bool {
        !vetoed.isEmpty && vetoed.contains(.init(cause: Int32(cause), effect: Int32(effect)))
    }
}
