import Testing
import TowerModel

@testable import TowerLearning

extension AlarmLearner {
    mutating func take(_ raises: some Sequence<SyntheticNetwork.Raise>, _ network: SyntheticNetwork) {
        for raise in raises {
            take(
                type: raise.type, device: raise.device, at: Timestamp(seconds: Double(raise.second)),
                neighbours: { network.neighbours($0) })
        }
    }

    static func taught(_ network: SyntheticNetwork, _ raises: [SyntheticNetwork.Raise]? = nil) -> AlarmLearner {
        var learner = AlarmLearner()
        learner.take(raises ?? network.raises, network)
        learner.finish(neighbours: { network.neighbours($0) })
        return learner
    }

    var bytes: [UInt8] {
        var writer = StateWriter()
        encode(into: &writer)
        return writer.bytes
    }
}

extension CausalGraph {
    var asserted: Set<[Int32]> { Set(edges.filter(\.isAsserted).map { [$0.cause, $0.effect] }) }

    func f1(_ truth: Set<[Int32]>) -> Double {
        2 * Double(asserted.intersection(truth).count) / Double(asserted.count + truth.count)
    }

    static func of(_ network: SyntheticNetwork, _ raises: [SyntheticNetwork.Raise]? = nil) -> CausalGraph {
        estimate(.taught(network, raises), neighbours: { network.neighbours($0) })
    }
}

@Suite struct CausalGraphTests {
    @Test(arguments: [1, 2, 3, 4, 5] as [UInt64])
    func aKnownGraphIsFound(seed: UInt64) {
        let network = SyntheticNetwork(seed: seed)
        let graph = CausalGraph.estimate(.taught(network), cut: .precise, neighbours: { network.neighbours($0) })
        #expect(graph.f1(network.truth) >= 0.9, "seed \(seed): \(graph.f1(network.truth)), \(graph.asserted.count) edges of \(network.truth.count)")
    }

    @Test(arguments: [1, 2, 3, 4, 5] as [UInt64])
    func theBalancedCutMissesNothingOfAKnownGraph(seed: UInt64) {
        let network = SyntheticNetwork(seed: seed)
        #expect(CausalGraph.of(network).asserted.isSuperset(of: network.truth))
    }

    @Test(arguments: [1, 2, 3] as [UInt64])
    func noPairIsAssertedBothWaysAndNothingGoesRound(seed: UInt64) {
        let graph = CausalGraph.of(SyntheticNetwork(seed: seed, edges: 0.5))
        for edge in graph.edges { #expect(graph.order[Int(edge.cause)] > graph.order[Int(edge.effect)]) }
        #expect(graph.edges.allSatisfy { (0...1).contains($0.score) })
    }

    @Test func theOrderOfArrivalInsideASecondChangesNothing() {
        let network = SyntheticNetwork(seed: 7)
        var random = SyntheticNetwork.Generator(state: 99)
        var shuffled = network.raises.shuffled(using: &random)
        // Stable by second only: what shares a second stays shuffled.
        shuffled = shuffled.enumerated().sorted { ($0.element.second, $0.offset) < ($1.element.second, $1.offset) }.map(\.element)
        #expect(shuffled != network.raises)
        #expect(rounded(.of(network, shuffled)) == rounded(.of(network)))
    }

    @Test func whatComesOutOfOrderWithinTheLatenessTeachesTheSame() {
        let network = SyntheticNetwork(seed: 8)
        var random = SyntheticNetwork.Generator(state: 3)
        let delayed = network.raises.map { ($0, $0.second + Int.random(in: 0...25, using: &random)) }
            .sorted { ($0.1, $0.0.second, $0.0.type) < ($1.1, $1.0.second, $1.0.type) }.map(\.0)
        #expect(delayed != network.raises)
        let learner = AlarmLearner.taught(network, delayed)
        #expect(learner.refusals.isEmpty)
        #expect(rounded(.estimate(learner, neighbours: { network.neighbours($0) })) == rounded(.of(network)))
    }

    @Test func othersNamesGiveTheSameEdges() {
        let network = SyntheticNetwork(seed: 9)
        var random = SyntheticNetwork.Generator(state: 5)
        let types = (0..<Int32(network.types)).shuffled(using: &random)
        let renamed = CausalGraph.of(
            network, network.raises.map { .init(second: $0.second, type: types[Int($0.type)], device: $0.device) })
        #expect(Set(renamed.asserted) == Set(CausalGraph.of(network).asserted.map { [types[Int($0[0])], types[Int($0[1])]] }))
    }

    @Test func whatHasNothingToDoWithEachOtherIsHardlyEverLinkedWhenPrecisionCounts() {
        let network = SyntheticNetwork(seed: 10, types: 12, edges: 0, roots: 6_000)
        let graph = CausalGraph.estimate(.taught(network), cut: .precise, neighbours: { network.neighbours($0) })
        #expect(graph.explainedShare < 0.1)
        #expect(graph.asserted.count <= 6, "\(graph.asserted.count) of 66 pairs")
    }

    @Test func whatOperatorsKnowIsNeverOverruled() throws {
        let network = SyntheticNetwork(seed: 11)
        let learner = AlarmLearner.taught(network)
        let free = CausalGraph.estimate(learner, neighbours: { network.neighbours($0) })
        let best = try #require(free.edges.filter(\.isAsserted).max { $0.score < $1.score })
        var constraints = CausalConstraints()
        constraints.veto(.init(cause: best.cause, effect: best.effect))
        let vetoed = CausalGraph.estimate(learner, constraints: constraints, neighbours: { network.neighbours($0) })
        #expect(!vetoed.edges.contains { $0.cause == best.cause && $0.effect == best.effect })
        // The other way round against everything the data say.
        let isConfirmed = constraints.confirm(.init(cause: best.effect, effect: best.cause))
        #expect(isConfirmed)
        let turned = CausalGraph.estimate(learner, constraints: constraints, neighbours: { network.neighbours($0) })
        #expect(turned.edges.contains { $0.cause == best.effect && $0.effect == best.cause && $0.isAsserted && $0.score == 1 })
        constraints.clear(.init(cause: best.effect, effect: best.cause))
        constraints.clear(.init(cause: best.cause, effect: best.effect))
        #expect(constraints.isEmpty)
        #expect(rounded(.estimate(learner, constraints: constraints, neighbours: { network.neighbours($0) })) == rounded(free))
    }

    @Test func confirmedEdgesMakeNoCircle() {
        var constraints = CausalConstraints()
        let (first, second) = (constraints.confirm(.init(cause: 1, effect: 2)), constraints.confirm(.init(cause: 2, effect: 3)))
        let back = constraints.confirm(.init(cause: 3, effect: 1))
        let itself = constraints.confirm(.init(cause: 4, effect: 4))
        #expect(first && second && !back && !itself)
        #expect(constraints.confirmed.count == 2)
    }

    @Test func nothingIsLearnedFromNothing() {
        let graph = CausalGraph.estimate(AlarmLearner(), neighbours: { _ in [] })
        #expect(graph.edges.isEmpty && graph.explainedShare == 0)
    }

    /// Edges by their ends, without the digits that the order of sums decides.
    private func rounded(_ graph: CausalGraph) -> Set<String> {
        Set(graph.edges.map { "\($0.cause)>\($0.effect) \($0.isAsserted) \(($0.score * 10_000).rounded() / 10_000)" })
    }
}
