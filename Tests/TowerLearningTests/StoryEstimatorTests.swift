import Glibc
import Testing
import TowerCausality
import TowerModel

@testable import TowerLearning

@Suite struct StoryEstimatorTests {
    /// Words from a seed, spread evenly over 0 to 1.
    struct Dice {
        var state: UInt64
        mutating func next() -> Double {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Double(state >> 11) / 9_007_199_254_740_992
        }
    }

    static let library = TemplateLibrary.standard
    static let story = library.templates.firstIndex { $0.name == "generator did not start" }!
    static let node = library.templates[story].nodes.firstIndex { $0.condition == .generatorStartFailed }!

    private func cases(_ count: Int, weight: Double = 1, seed: UInt64 = 7, _ lag: (inout Dice) -> Double) -> [StoryCase] {
        var dice = Dice(state: seed)
        return (0..<count).map { _ in
            var entry = StoryCase(story: Self.story, weight: weight)
            entry.lags = [(Self.node, lag(&dice))]
            entry.outcomes = [(Self.node, dice.next() < 0.8)]
            return entry
        }
    }

    @Test(arguments: [(200.0, 600.0), (10.0, 20.0), (300.0, 400.0)])
    func anEvenLagThatShiftedIsRecoveredAndMakesTheLagsLikelier(low: Double, high: Double) throws {
        let told = cases(200) { low + (high - low) * $0.next() }
        let estimator = StoryEstimator()
        let change = try #require(estimator.estimate(told, library: Self.library).first { $0.adjustment.node == Self.node })
        guard case .uniform(let newLow, let newHigh) = try #require(change.adjustment.lag) else { return #expect(Bool(false), "even stays even") }
        // Two hundred cases leave a seventeenth of the way from 30 .. 240 s.
        func near(_ found: Double, _ true: Double, from shipped: Double) -> Bool { abs(found - `true`) < 0.07 * abs(shipped - `true`) + 0.1 * (high - low) }
        #expect(near(newLow, low, from: 30) && near(newHigh, high, from: 240), "\(newLow) .. \(newHigh)")
        let learned = Self.library.adjusted(by: [change.adjustment], version: "learned-1")
        // On cases that nothing was learned from.
        let fresh = cases(100, seed: 8) { low + (high - low) * $0.next() }
        let (before, after) = (estimator.logLikelihood(fresh, library: Self.library)!, estimator.logLikelihood(fresh, library: learned)!)
        #expect(after > before + 0.2, "\(before) \(after)")
    }

    @Test func aLogNormalLagMovesWithItsDataAndNoFurtherThanItsBound() throws {
        let estimator = StoryEstimator()
        var dice = Dice(state: 3)
        let samples = (0..<300).map { _ in
            (seconds: 20_000 * exp(0.3 * ((0..<12).reduce(-6.0) { sum, _ in sum + dice.next() })), weight: 1.0)
        }
        guard case .logNormal(let median, let p90) = estimator.fit(.logNormal(median: 10_000, p90: 22_000), samples) else {
            return #expect(Bool(false), "log-normal stays log-normal")
        }
        #expect(abs(median - 20_000) < 2_000 && abs(p90 - 29_400) < 4_000, "\(median) \(p90)")
        let far = (0..<300).map { _ in (seconds: 10_000_000.0, weight: 1.0) }
        guard case .logNormal(let most, _) = estimator.fit(.logNormal(median: 10_000, p90: 22_000), far) else { return }
        #expect(most <= 80_001)
    }

    @Test func fewOrUntrustedCasesAndLagsThatFitTeachNothing() {
        let estimator = StoryEstimator()
        #expect(estimator.estimate(cases(5) { 400 + $0.next() }, library: Self.library).isEmpty)
        #expect(estimator.estimate(cases(40, weight: 0.1) { 400 + $0.next() }, library: Self.library).isEmpty)
        let fits = estimator.estimate(cases(200) { 30 + 210 * $0.next() }, library: Self.library)
        #expect(fits.allSatisfy { $0.adjustment.lag == nil })
    }

    @Test func aShareMovesTowardsWhatIsSeenWithinItsBounds() throws {
        var told = cases(200) { 30 + 210 * $0.next() }
        for index in told.indices { told[index].outcomes = [(Self.node, index % 4 == 0)] }
        let change = try #require(StoryEstimator().estimate(told, library: Self.library).first)
        let share = try #require(change.adjustment.probability)
        #expect(share < change.oldProbability && share > 0.5, "odds move at most four times: \(share)")
    }

    @Test func anOverlayIsReadBackAsItWasWrittenAndTakenBackWhole() throws {
        let changes = StoryEstimator().estimate(cases(200) { 200 + 400 * $0.next() }, library: Self.library)
        let text = StoryOverlay.text(changes, version: 3, header: ["of 200 cases"])
        #expect(text == StoryOverlay.text(changes, version: 3, header: ["of 200 cases"]))
        let read = try TemplateReader.read(TemplateLibrary.shipped + [TemplateFile(name: "90-learned.yaml", text: text)]).get()
        #expect(read == Self.library.adjusted(by: changes.map(\.adjustment), version: "learned-3"))
        #expect(read.version == "learned-3")
        #expect(try TemplateReader.read(TemplateLibrary.shipped).get() == Self.library)
    }

    @Test(arguments: [
        ("node: 99", "number of a node"), ("node: 1.5", "number of a node"), ("is: fuel.low", "has changed since"), ("lag: soon", "neither"), ("happens: 2", "share"),
    ])
    func anAdjustmentThatFitsNoNodeIsRefusedWithItsLine(_ wrong: String, _ reason: String) throws {
        var fields = ["story": "story: generator did not start", "node": "node: \(Self.node)", "is": "is: dg.start_failed"]
        fields[String(wrong.prefix { $0 != ":" })] = wrong
        let line = fields.sorted { $0.key < $1.key }.map(\.value).joined(separator: ", ")
        let text = "version: mine\nadjust:\n  - {\(line)}\n"
        guard case .failure(let error) = TemplateReader.read(TemplateLibrary.shipped + [TemplateFile(name: "mine.yaml", text: text)]) else {
            return #expect(Bool(false), "it was read: \(line)")
        }
        #expect(error.description.contains(reason) && error.line == 3, "\(error)")
    }

    @Test func equalCasesGiveEqualBytes() {
        let told = cases(120) { 200 + 400 * $0.next() }
        let texts = (0..<3).map { _ in StoryOverlay.text(StoryEstimator().estimate(told, library: Self.library), version: 1, header: []) }
        #expect(Set(texts).count == 1)
    }
}
