import Glibc
import Testing
import TowerModel

@testable import TowerDetection

@Suite struct NoveltyTests {
    /// Small enough for a naive twin.
    private static let small: NoveltyConfiguration = {
        var configuration = NoveltyConfiguration()
        configuration.lengths = [1, 4, 9]
        configuration.history = 70
        configuration.rankMemory = 90
        configuration.rankFrom = 20
        configuration.warmUp = 30
        return configuration
    }()

    enum Stream: String, CaseIterable { case noise, walk, fewValues, rhythm, spikes }

    private static func values(_ stream: Stream, count: Int, seed: UInt64) -> [Double] {
        var generator = SeededGenerator(seed: seed)
        var level = 0.0
        return (0..<count).map { index in
            switch stream {
            case .noise: return generator.gaussian()
            case .walk:
                level += generator.gaussian()
                return level
            case .fewValues: return Double(generator.next() % 3)
            case .rhythm: return 10 * sin(2 * .pi * Double(index) / 48) + 0.3 * generator.gaussian()
            case .spikes: return generator.uniform() < 0.01 ? 50 * generator.gaussian() : 0.1 * generator.gaussian()
            }
        }
    }

    /// As it ships but for the history: vectors are slow without optimisation.
    private static let brisk: NoveltyConfiguration = {
        var configuration = NoveltyConfiguration()
        configuration.history = 300
        configuration.rankMemory = 300
        return configuration
    }()

    private static func scores(_ values: [Double], _ configuration: NoveltyConfiguration = brisk) -> [Float] {
        var detector = NoveltyDetector(configuration: configuration)
        return values.map { detector.observe($0) }
    }

    /// The definition, in double precision and without running sums: the least and the largest score, as what is equal within
    /// rounding counts as more novel or not.
    private static func naive(_ values: [Double], _ configuration: NoveltyConfiguration) -> [ClosedRange<Double>] {
        var past = [[Double]](repeating: [], count: configuration.lengths.count)
        return values.indices.map { now in
            var low = 0.0
            var high = 0.0
            for (number, length) in configuration.lengths.enumerated() {
                let last = min(now + 1 - length, configuration.history)
                guard last >= length, now + 1 >= configuration.rankFrom else { continue }
                let novelty = (length...last).map { lag in
                    (0..<length).reduce(0.0) { $0 + (values[now - $1] - values[now - $1 - lag]) * (values[now - $1] - values[now - $1 - lag]) }
                }.min()!
                let slack = 1e-4 * max(novelty, 1e-6)
                let ranked = Double(past[number].count + 1)
                low += log10(ranked / Double(past[number].count { $0 >= novelty - slack } + 1))
                high += log10(ranked / Double(past[number].count { $0 >= novelty + slack } + 1))
                if let most = past[number].max(), most > 0, novelty + slack > most {
                    let beyond = 0.5 * log10(novelty / most)
                    if novelty - slack > most { low += beyond }
                    high += max(beyond, 0)
                }
                past[number].append(novelty)
                if past[number].count > configuration.rankMemory { past[number].removeFirst() }
            }
            let lengths = Double(configuration.lengths.count)
            return low / lengths...high / lengths
        }
    }

    /// How far scores lie outside of what the definition allows.
    private static func worst(_ scores: [Float], _ allowed: [ClosedRange<Double>], from first: Int = 0) -> Double {
        zip(scores, allowed).dropFirst(first).map { max($1.lowerBound - Double($0), Double($0) - $1.upperBound, 0) }.max() ?? 0
    }

    @Test(arguments: Stream.allCases) func runningSumsGiveWhatTheDefinitionGives(stream: Stream) {
        for seed in 1...2 as ClosedRange<UInt64> {
            let values = Self.values(stream, count: 300, seed: seed)
            let expected = Self.naive(values, Self.small)
            let scores = Self.scores(values, Self.small)
            let worst = Self.worst(scores, expected)
            #expect(worst < 0.01, "\(stream) \(seed): \(worst)")
        }
    }

    @Test(arguments: [0, 7.25, -1e9, 1e300]) func aConstantStreamHasNoNovelty(value: Double) {
        #expect(Self.scores([Double](repeating: value, count: 900)).allSatisfy { $0 == 0 })
    }

    @Test func valuesThatKeepComingBackAreNotNovel() {
        // After two turns of the pattern everything was there before.
        let values = (0..<900).map { Double([3, 1, 4, 1, 5, 9, 2, 6][$0 % 8]) }
        #expect(Self.scores(values).dropFirst(300).allSatisfy { $0 == 0 })
    }

    @Test(arguments: Stream.allCases) func unitAndOriginDoNotMatter(stream: Stream) {
        // Whole numbers, so that nothing is rounded away by either change.
        let values = Self.values(stream, count: 500, seed: 4).map { ($0 * 16).rounded() }
        let scores = Self.scores(values)
        #expect(Self.scores(values.map { $0 * 1_024 }) == scores)
        #expect(Self.scores(values.map { $0 / -4 }) == scores)
        #expect(Self.scores(values.map { $0 + 1e9 }) == scores)
    }

    @Test func theLengthOfTheStreamIsNotKnown() {
        let values = Self.values(.walk, count: 1_200, seed: 9)
        let whole = Self.scores(values)
        #expect(Self.scores(Array(values.prefix(777))) == Array(whole.prefix(777)))
    }

    @Test func anEnormousSpikeIsForgottenByTheSums() {
        var values = Self.values(.rhythm, count: 700, seed: 2)
        values[200] = 1e7
        let scores = Self.scores(values, Self.small)
        let expected = Self.naive(values, Self.small)
        // It leaves the last lag after 79 samples, the sums are new after 18 more, the ranks after 90.
        // While it is inside the sums it is all that they show; the ranks forget it 90 samples after it has left the last lag.
        #expect(Self.worst(scores, expected, from: 400) < 0.01)
    }

    @Test func aLeapLeavesNothingBehindInTheSums() {
        // Nothing is computed anew in turn here: what a spike of 100,000 times the noise left behind is followed, or stays for good.
        var configuration = Self.small
        configuration.reseed = 0
        var values = Self.values(.noise, count: 600, seed: 3)
        values[150] = 1e5
        for index in 300..<600 { values[index] += 1e5 }
        #expect(Self.worst(Self.scores(values, configuration), Self.naive(values, configuration), from: 160) < 0.35)
        #expect(Self.worst(Self.scores(values, configuration), Self.naive(values, configuration), from: 500) < 0.01)
    }

    private static let chosen: DetectionConfiguration = {
        var configuration = DetectionConfiguration.only(.novelty)
        configuration.novelty = brisk
        configuration.novelty.isGridEnabled = false
        return configuration
    }()

    private static func findings(_ values: [Double], cuts: [Int] = [], configuration: DetectionConfiguration = chosen) throws -> [Finding] {
        var bank = DetectorBank(configuration: configuration)
        let point = bank.point(metric: "m", managedObject: "unit")
        bank.choose(point)
        var findings: [Finding] = []
        for (index, value) in values.enumerated() {
            if cuts.contains(index) {
                var writer = StateWriter()
                bank.encode(into: &writer)
                let bytes = writer.bytes
                var reader = StateReader(bytes)
                bank = try DetectorBank(decoding: &reader, configuration: configuration)
                var again = StateWriter()
                bank.encode(into: &again)
                #expect(reader.isAtEnd && again.bytes == bytes, "cut at \(index)")
            }
            bank.observe(point, at: start.adding(seconds: 300 * Double(index)), value: value, into: &findings)
        }
        return findings
    }

    /// A daily rhythm in which one day turns the other way.
    private static let story: [Double] = {
        var story = NoveltyTests.values(.rhythm, count: 1_500, seed: 7)
        for index in 1_000..<1_048 { story[index] = -story[index] }
        return story
    }()

    @Test func aDayTurnedAroundIsTold() throws {
        let findings = try Self.findings(Self.story).filter { $0.state != .cleared }
        let places = findings.map { Int($0.at.seconds(since: start) / 300) }
        #expect(places.contains { (1_000..<1_100).contains($0) })
        #expect(places.count { !(1_000..<1_100).contains($0) } <= 4)
        #expect(findings.allSatisfy { $0.kind == .novelty && $0.alarmType == "m.novel" && $0.score >= 0.9 })
    }

    @Test func tellingAlternates() throws {
        var isUp = false
        for finding in try Self.findings(Self.story + Self.values(.walk, count: 1_000, seed: 3)) {
            #expect(isUp == (finding.state != .raised))
            isUp = finding.state != .cleared
        }
    }

    @Test func aDetectorThatWasKeptGoesOnAsIfNothingHadHappened() throws {
        let whole = try Self.findings(Self.story)
        var generator = SeededGenerator(seed: 11)
        let cuts = (0..<6).map { _ in Int(generator.next() % 1_500) } + [0, 1, 149, 150, 511, 512, 513, 1_499]
        #expect(try Self.findings(Self.story, cuts: cuts) == whole)
        #expect(!whole.isEmpty)
    }

    @Test func alertsTire() throws {
        // Ever the same surprise: the first is told, the hundredth is not.
        var generator = SeededGenerator(seed: 5)
        let values = (0..<3_000).map { index -> Double in
            index % 150 == 149 ? 30 + Double(index) / 100 : generator.gaussian()
        }
        let alerts = try Self.findings(values).filter { $0.state != .cleared }
        #expect(alerts.count >= 2)
        #expect(alerts.count <= 14)
    }

    @Test func fullDetectorsAreBoundedAndTheOthersStillJudged() {
        var configuration = DetectionConfiguration.standard
        configuration.novelty.maximumSeries = 2
        var bank = DetectorBank(configuration: configuration)
        for number in 0..<5 { bank.choose(bank.point(metric: "m", managedObject: "\(number)")) }
        bank.choose(-1)
        bank.choose(0)
        #expect(bank.noveltyCount == 2)
        #expect(bank.refusedNoveltyCount == 3)
        var findings: [Finding] = []
        for point in 0..<5 as Range<Int32> {
            for index in 0..<20 { bank.observe(point, at: start.adding(seconds: Double(index)), value: Double(index), into: &findings) }
        }
        #expect(bank.gridCount == 3)
        // The memory that is stated is the memory that is taken.
        #expect(configuration.novelty.bytesPerSeries <= 104 * 1024)
    }
}
