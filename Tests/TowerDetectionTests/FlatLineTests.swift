import Testing
import TowerDetection
import TowerModel

@Suite struct FlatLineTests {
    private let only = DetectionConfiguration.only(.flatLine)

    private func noisy(_ count: Int, seed: UInt64, then stuck: Int, at value: Double? = nil) -> [(Double, Double)] {
        var generator = SeededGenerator(seed: seed)
        var samples: [(Double, Double)] = []
        var last = 0.0
        for minute in 0..<count {
            last = 25 + generator.gaussian()
            samples.append((Double(minute) * 60, last))
        }
        for minute in count..<count + stuck { samples.append((Double(minute) * 60, value ?? last)) }
        return samples
    }

    @Test func aNoisySensorThatFreezesIsTold() throws {
        var samples = noisy(1_500, seed: 1, then: 60)
        samples.append((samples.last!.0 + 60, 25.5))
        let findings = run("env.t_in", samples, configuration: only)
        #expect(findings.map(\.state) == [.raised, .cleared])
        let raised = try #require(findings.first)
        #expect(raised.kind == .flatLine && raised.score > 0.999_999)
        #expect(raised.onset == start.adding(seconds: 1_499 * 60))
        #expect(raised.at.seconds(since: raised.onset) <= 1800)
    }

    @Test func whatIsNaturallyConstantIsNot() {
        #expect(run("rectifier.modules_ok", samples(2000) { _ in 4 }, configuration: only).isEmpty)
    }

    @Test func aSwitchIsNot() {
        // Few values, held for hours.
        let held = samples(3000) { $0 / 90 % 2 == 0 ? 1 : 3 }
        #expect(run("x.position", held, configuration: only).isEmpty)
    }

    @Test func zeroIsOff() {
        #expect(run("dg.p", noisy(1_500, seed: 2, then: 300, at: 0), configuration: only).isEmpty)
    }

    @Test func aLampByDayIsNot() {
        // Noisy at night, exactly at its idle current by day; then stuck through a night.
        var generator = SeededGenerator(seed: 4)
        let lamp = samples(6 * 96, every: 900) { index in
            let hour = Double(index) / 4
            return Int(hour) % 24 < 12 || hour >= 120 ? 0.04 : 0.9 + 0.01 * generator.gaussian()
        }
        let findings = run("light.i", lamp, configuration: only)
        #expect(findings.map(\.state) == [.raised])
        #expect(findings.allSatisfy { $0.at > start.adding(seconds: 5.4 * 86_400) })
    }

    @Test func aRampThatStopsIsNot() {
        // A tank that empties while the generator runs, and rests when it stops.
        let tank = samples(2000) { 300 - 0.03 * Double(min($0, 1000)) }
        #expect(run("fuel.level", tank, configuration: only).isEmpty)
    }

    @Test(arguments: 1...3 as ClosedRange<UInt64>) func coarseSensorsStayQuiet(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        let coarse = samples(20_000) { _ in (25 + 0.5 * generator.gaussian()).rounded() }
        #expect(run("env.t_in", coarse, configuration: only).isEmpty)
    }
}
