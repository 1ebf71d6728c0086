import TowerLearning
import TowerModel

/// What one tenant's foreign alarms have taught: the learner, the newest graph, what operators said.
struct ForeignCauses: Sendable {
    var learner: AlarmLearner
    var constraints = CausalConstraints()
    var edges: [CausalEdge] = []
    var explainedShare = 0.0
    var version = 0
    /// A timer for the next estimate is set.
    var isDue = false
    /// Raises counted when the graph was estimated last.
    var raisesAtEstimate = 0

    init(configuration: LearningConfiguration) { learner = AlarmLearner(configuration: configuration) }

    /// Puts operators' words over what was learned, without learning anew.
    mutating func obey() {
        edges.removeAll { constraints.vetoed.contains(.init(cause: $0.cause, effect: $0.effect)) }
        for pair in constraints.confirmed.sorted(by: { ($0.cause, $0.effect) < ($1.cause, $1.effect) }) {
            edges.removeAll { $0.cause == pair.effect && $0.effect == pair.cause }
            if let index = edges.firstIndex(where: { $0.cause == pair.cause && $0.effect == pair.effect }) {
                edges[index].isAsserted = true
                edges[index].origin = .confirmed
                edges[index].score = 1
            } else {
                edges.append(
                    CausalEdge(
                        cause: pair.cause, effect: pair.effect, score: 1, yield: 0, explained: 0, errors: 0, isAsserted: true,
                        origin: .confirmed))
            }
        }
    }
}

extension ForeignCauses {
    func encode(into writer: inout StateWriter) {
        learner.encode(into: &writer)
        constraints.encode(into: &writer)
        writer.write(explainedShare)
        writer.write(version)
        writer.write(isDue)
        writer.write(raisesAtEstimate)
        writer.write(count: edges.count)
        for edge in edges {
            writer.write(edge.cause)
            writer.write(edge.effect)
            for value in [edge.score, edge.yield, edge.explained, edge.errors] { writer.write(value) }
            writer.write(edge.isAsserted)
            writer.write(byte: edge.origin.rawValue)
        }
    }

    init(decoding reader: inout StateReader, configuration: LearningConfiguration, types: Int) throws(StateError) {
        learner = try AlarmLearner(decoding: &reader, configuration: configuration)
        constraints = try CausalConstraints(decoding: &reader)
        explainedShare = try reader.double("causes.share")
        version = try reader.int("causes.version")
        isDue = try reader.flag("causes.is_due")
        raisesAtEstimate = try reader.int("causes.raises")
        for _ in 0..<(try reader.count("causes.edges", each: 36)) {
            let cause = try reader.index("causes.cause", below: types)
            let effect = try reader.index("causes.effect", below: types)
            let score = try reader.double("causes.score")
            let yield = try reader.double("causes.yield")
            let explained = try reader.double("causes.explained")
            let errors = try reader.double("causes.errors")
            let isAsserted = try reader.flag("causes.asserted")
            guard let origin = CausalEdge.Origin(rawValue: try reader.byte("causes.origin")) else {
                throw reader.outOfRange("causes.origin")
            }
            edges.append(
                CausalEdge(
                    cause: cause, effect: effect, score: score, yield: yield, explained: explained, errors: errors,
                    isAsserted: isAsserted, origin: origin))
        }
    }
}
