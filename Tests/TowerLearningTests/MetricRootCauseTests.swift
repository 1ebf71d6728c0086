import Testing

@testable import TowerLearning

@Suite struct MetricRootCauseTests {
    private let shape = [0.0, 1, 8, 6, 0]

    private func component(_ level: Double, _ size: Double, shape: [Double]? = nil) -> MetricRootCause.Component {
        let baseline = (0..<60).map { level + 0.1 * level * Double($0 % 5 - 2) / 2 }
        return .init(baseline: baseline, incident: (shape ?? self.shape).map { level + size * $0 })
    }

    /// 0 calls 1 and 2, 1 calls 3, 2 calls 4.
    private let calls = [(0, 1), (0, 2), (1, 3), (2, 4)]

    @Test func theDeepestComponentThatChangedIsTheCause() {
        let components = [component(10, 3), component(5, 3), component(5, 0), component(2, 3), component(2, 0)]
        let ranked = MetricRootCause.rank(components, target: 0, dependencies: calls)
        #expect(ranked.first?.component == 3)
        #expect(abs(ranked.reduce(0) { $0 + $1.share } - 1) < 1e-9)
    }

    @Test func aComponentThatChangedByItselfIsTheCauseAndNotWhatItCalls() {
        let components = [component(10, 3), component(5, 3), component(5, 0), component(2, 0), component(2, 0)]
        #expect(MetricRootCause.rank(components, target: 0, dependencies: calls).map(\.component) == [1])
    }

    @Test func aChangeOfAnotherShapeRanksBelow() throws {
        let other = component(5, 3, shape: [3, 0, 1, 3, 2])
        let components = [component(10, 3), component(5, 3), other, component(2, 0), component(2, 0)]
        let ranked = MetricRootCause.rank(components, target: 0, dependencies: calls)
        #expect(ranked.first?.component == 1)
    }

    @Test func aFallIsAChangeToo() {
        let components = [component(100, -3), component(100, -6), component(100, 0), component(100, 0), component(100, 0)]
        #expect(MetricRootCause.rank(components, target: 0, dependencies: calls).first?.component == 1)
    }

    @Test func withoutLinksEverythingMayBeTheCause() {
        let components = [component(10, 3), component(5, 0), component(2, 3)]
        #expect(MetricRootCause.rank(components, target: 0, dependencies: []).first?.component == 2)
    }

    @Test func whatTheTargetDoesNotDependOnIsNoCause() {
        let components = [component(10, 3), component(5, 3), component(5, 0), component(2, 0), component(2, 0)]
        // 1 calls the target instead of being called by it.
        #expect(!MetricRootCause.rank(components, target: 0, dependencies: [(1, 0), (0, 2)]).contains { $0.component == 1 })
    }

    @Test func constantsMissingValuesAndEmptySeriesDoNotMatter() {
        var components = [component(10, 3), component(5, 3), component(5, 0), component(0, 0), component(2, 0)]
        components[1].incident[0] = .nan
        components[2] = .init(baseline: [Double](repeating: 100, count: 50), incident: [100, 100, 100, 100, 100])
        components[3] = .init(baseline: [], incident: [1, 2, 3, 4, 5])
        components[4].incident = [Double](repeating: .nan, count: 5)
        #expect(MetricRootCause.rank(components, target: 0, dependencies: calls).map(\.component) == [1])
        #expect(MetricRootCause.rank(components, target: 3, dependencies: calls).isEmpty)
    }
}
