import Testing
import TowerCausality
import TowerModel

@testable import TowerLearning

@Suite struct AlarmLearnerTests {
    private let alone: (Int32) -> [Int32] = { _ in [] }

    private func learner(_ change: (inout LearningConfiguration) -> Void = { _ in }) -> AlarmLearner {
        var configuration = LearningConfiguration()
        change(&configuration)
        return AlarmLearner(configuration: configuration)
    }

    private func at(_ second: Double) -> Timestamp { Timestamp(seconds: 1_000_000 + second) }

    @Test(arguments: [131_072, 500])
    func aRestoredLearnerGoesOnAsTheOneItWas(capacity: Int) throws {
        let network = SyntheticNetwork(seed: 21, roots: 800)
        var one = learner { $0.maximumRaises = capacity }
        let half = network.raises.count / 2
        one.take(network.raises[..<half], network)
        let bytes = one.bytes
        var reader = StateReader(bytes)
        var other = try AlarmLearner(decoding: &reader, configuration: one.configuration)
        #expect(other.bytes == bytes)
        one.take(network.raises[half...], network)
        other.take(network.raises[half...], network)
        one.finish(neighbours: { network.neighbours($0) })
        other.finish(neighbours: { network.neighbours($0) })
        #expect(one.bytes == other.bytes)
        let (left, right) = (
            CausalGraph.estimate(one, neighbours: { network.neighbours($0) }), CausalGraph.estimate(other, neighbours: { network.neighbours($0) })
        )
        #expect(left.edges == right.edges && !left.edges.isEmpty)
    }

    @Test func aHarmedStateIsRefused() throws {
        let network = SyntheticNetwork(seed: 22, roots: 60)
        var one = learner()
        one.take(network.raises, network)
        let bytes = one.bytes
        for cut in stride(from: 0, to: bytes.count - 1, by: 7) {
            var reader = StateReader(Array(bytes[..<cut]))
            #expect(throws: StateError.self) { try AlarmLearner(decoding: &reader, configuration: one.configuration) }
        }
    }

    @Test func typesBeyondTheBoundTeachNothingAndAreCounted() {
        var one = learner()
        for type in 0..<10_000 { one.take(type: Int32(type), device: 0, at: at(Double(type) * 100), neighbours: alone) }
        one.finish(neighbours: alone)
        #expect(one.typeCount == 512)
        #expect(one.refusals.types == 10_000 - 512)
        one.take(type: 1, device: 200_000, at: at(2e6), neighbours: alone)
        one.take(type: -1, device: 1, at: at(2e6), neighbours: alone)
        #expect(one.refusals.devices == 1 && one.refusals.types == 10_000 - 511)
    }

    @Test func flappingCountsOnce() {
        var one = learner()
        for second in 0..<100 { one.take(type: 0, device: 0, at: at(Double(second) * 30), neighbours: alone) }
        one.finish(neighbours: alone)
        #expect(one.raiseCount == 1 && one.foldedCount == 99)
    }

    @Test func whatIsTooLateIsRefused() {
        var one = learner { $0.lateness = 10 }
        for second in 0..<200 { one.take(type: 0, device: Int32(second), at: at(Double(second)), neighbours: alone) }
        one.take(type: 1, device: 0, at: at(0), neighbours: alone)
        #expect(one.refusals.late == 1)
    }

    @Test func moreThanMayWaitIsCountedAtOnce() {
        var one = learner { $0.maximumPending = 100 }
        for index in 0..<1_000 { one.take(type: Int32(index % 4), device: Int32(index), at: at(Double(index) * 0.001), neighbours: alone) }
        one.finish(neighbours: alone)
        #expect(one.raiseCount == 1_000)
    }

    /// Type, device and second of each raise; what opened the burst.
    @Test(arguments: [
        ([(1, 0, 0), (2, 0, 10)], [1: 1.0, 2: 0.0]),
        ([(1, 0, 0), (2, 1, 0), (3, 0, 5)], [1: 0.5, 2: 0.5, 3: 0.0]),
        // Sixty seconds apart are two bursts, and one type alone is none.
        ([(1, 0, 0), (2, 0, 60)], [:]),
        // Not linked.
        ([(1, 0, 0), (2, 5, 1)], [:]),
        // Two bursts that a third device joins are one.
        ([(1, 0, 0), (2, 2, 3), (3, 1, 6)], [1: 1.0, 2: 0.0, 3: 0.0]),
    ] as [([(Int, Int, Int)], [Int: Double])])
    func burstsOfLinkedDevicesTeachTheirOpeners(raises: [(Int, Int, Int)], opened: [Int: Double]) {
        var one = learner()
        for (type, device, second) in raises {
            one.take(type: Int32(type), device: Int32(device), at: at(Double(second)), neighbours: { [$0 - 1, $0 + 1] })
        }
        one.finish(neighbours: { [$0 - 1, $0 + 1] })
        #expect(one.openers.burstsLearned == (opened.isEmpty ? 0 : 1))
        // `ln((O + 1) / (N - O + 1))` of each with N = 1.
        let expected = [1.0: 0.6931, 0.5: 0.0, 0.0: -0.6931]
        for (type, share) in opened {
            let odds = one.openers.logOdds(of: Int32(type))
            #expect(abs(odds - (expected[share] ?? .nan)) < 1e-3, "\(type)")
        }
    }

    @Test func theBurstUnderWayHasTaughtNothingYet() {
        var one = learner { $0.lateness = 0 }
        one.take(type: 1, device: 0, at: at(0), neighbours: alone)
        one.take(type: 2, device: 0, at: at(10), neighbours: alone)
        one.settle(before: at(20), neighbours: alone)
        #expect(one.openers.burstsLearned == 0)
        one.settle(before: at(56), neighbours: alone)
        #expect(one.openers.burstsLearned == 1)
    }
}
