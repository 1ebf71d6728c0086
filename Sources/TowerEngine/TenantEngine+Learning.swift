import TowerCausality
import TowerLearning
import TowerModel

// Alarms that no template knows teach what causes what; once a day of event time the graph is estimated anew and told.
extension TenantEngine {
    static let learningPeriod = 86_400.0
    /// Fewer new raises than this are not worth another estimate.
    static let leastNewRaises = 100
    static let maximumToldEdges = 1_024
    static let maximumVerdicts = 1_024

    mutating func learn(type: Int32, device: Int32, at: Timestamp) {
        let topology = topology
        causes.learner.take(type: type, device: device, at: at) { topology.neighbours(of: $0) }
        guard !causes.isDue else { return }
        causes.isDue = true
        // At the next midnight UTC of the clock that everything else follows.
        let day = now.microseconds / 86_400_000_000 + 1
        timers.schedule(.learn, at: Timestamp(microseconds: day * 86_400_000_000))
    }

    mutating func estimateCauses(into output: inout EngineOutput) {
        causes.isDue = false
        let topology = topology
        causes.learner.settle(before: now.adding(seconds: -configuration.learning.lateness)) { topology.neighbours(of: $0) }
        guard causes.learner.raiseCount - causes.raisesAtEstimate >= Self.leastNewRaises else { return }
        let graph = CausalGraph.estimate(causes.learner, cut: .precise, constraints: causes.constraints) { topology.neighbours(of: $0) }
        causes.raisesAtEstimate = causes.learner.raiseCount
        causes.edges = graph.edges.filter { $0.isAsserted || $0.errors >= 1 }
        causes.explainedShare = graph.explainedShare
        causes.obey()
        tellCauses("learned from \(causes.learner.raiseCount) raises", into: &output)
    }

    /// Respects what a person knows at once; the next estimate learns within it.
    mutating func apply(_ verdict: CausalVerdict, into output: inout EngineOutput) {
        guard !verdict.cause.isEmpty, !verdict.effect.isEmpty, verdict.cause != verdict.effect else { return }
        let pair = CausalConstraints.Pair(cause: typeNames.intern(verdict.cause), effect: typeNames.intern(verdict.effect))
        let isFull = causes.constraints.confirmed.count + causes.constraints.vetoed.count >= Self.maximumVerdicts
        let said: String
        switch verdict.kind {
        case .confirm where isFull, .veto where isFull: said = "was not kept: \(Self.maximumVerdicts) verdicts are the bound, clear some"
        case .confirm:
            said = causes.constraints.confirm(pair) ? "confirmed" : "was not confirmed: confirmed edges lead back from its effect to its cause"
        case .veto:
            causes.constraints.veto(pair)
            said = "vetoed"
        case .clear:
            causes.constraints.clear(pair)
            for index in causes.edges.indices where causes.edges[index].cause == pair.cause && causes.edges[index].effect == pair.effect {
                causes.edges[index].origin = .learned
                causes.edges[index].score = causes.edges[index].errors / (1 + causes.edges[index].errors)
            }
            causes.edges.removeAll { $0.cause == pair.cause && $0.effect == pair.effect && $0.errors == 0 }
            said = "left to learning again"
        }
        causes.obey()
        tellCauses("\(verdict.cause) causing \(verdict.effect) \(said)", into: &output)
    }

    private mutating func tellCauses(_ reason: String, into output: inout EngineOutput) {
        causes.version += 1
        func rounded(_ value: Double) -> Double { (value * 10_000).rounded() / 10_000 }
        var told = causes.edges.map { edge in
            LearnedGraph.Edge(
                cause: typeNames[edge.cause], effect: typeNames[edge.effect], score: rounded(edge.score), yield: rounded(edge.yield),
                asserted: edge.isAsserted, verdict: edge.origin == .confirmed ? .confirmed : nil)
        }
        for pair in causes.constraints.vetoed {
            told.append(
                LearnedGraph.Edge(
                    cause: typeNames[pair.cause], effect: typeNames[pair.effect], score: 0, yield: 0, asserted: false, verdict: .vetoed))
        }
        // What people said comes first, so that the bound never hides it.
        func rank(_ edge: LearnedGraph.Edge) -> (Int, Double) { (edge.verdict == nil ? 1 : 0, -edge.score) }
        told.sort { rank($0) != rank($1) ? rank($0) < rank($1) : ($0.cause, $0.effect) < ($1.cause, $1.effect) }
        output.graphs.append(
            LearnedGraph(
                tenantID: tenantID, version: causes.version, at: now, reason: reason, raises: causes.learner.raiseCount,
                explainedShare: rounded(causes.explainedShare), refusedRaises: causes.learner.refusals.types + causes.learner.refusals.devices,
                edges: Array(told.prefix(Self.maximumToldEdges))))
    }

    /// A type whose confirmed cause is there too is no root; the others keep their proportions.
    func obeyed(_ probabilities: [Double], types: [Int32]) -> [Double] {
        guard !causes.constraints.confirmed.isEmpty else { return probabilities }
        let present = Set(types)
        var result = probabilities
        for pair in causes.constraints.confirmed where present.contains(pair.cause) {
            for index in types.indices where types[index] == pair.effect { result[index] = 0 }
        }
        let (before, after) = (probabilities.reduce(0, +), result.reduce(0, +))
        return after > 0 ? result.map { $0 * before / after } : probabilities
    }

    /// Learned causes of a type among other types, surest first.
    func learnedCauses(of type: Int32, among types: [Int32]) -> [CausalEdge] {
        let present = Set(types)
        return causes.edges.filter { $0.isAsserted && $0.effect == type && present.contains($0.cause) }
            .sorted { $0.score != $1.score ? $0.score > $1.score : typeNames[$0.cause] < typeNames[$1.cause] }
    }

    /// What a type is learned to bring among other types, surest first.
    func learnedEffects(of type: Int32, among types: [Int32]) -> [CausalEdge] {
        let present = Set(types)
        return causes.edges.filter { $0.isAsserted && $0.cause == type && present.contains($0.effect) }
            .sorted { $0.score != $1.score ? $0.score > $1.score : typeNames[$0.effect] < typeNames[$1.effect] }
    }
}
