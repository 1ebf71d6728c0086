import Testing
import TowerDetection
import TowerModel

@Suite struct DetectorBankTests {
    @Test func lateAndBrokenSamplesAreCountedAndChangeNothing() {
        var bank = DetectorBank()
        let point = bank.point(metric: "power.dc.bus_v", managedObject: "dc")
        var findings: [Finding] = []
        bank.observe(point, at: start.adding(seconds: 10_000), value: 54, into: &findings)
        bank.observe(point, at: start.adding(seconds: 9_900), value: 40, into: &findings)
        bank.observe(point, at: start, value: 40, into: &findings)
        bank.observe(point, at: start.adding(seconds: 10_010), value: .nan, into: &findings)
        bank.observe(point, at: start.adding(seconds: 10_010), value: -.infinity, into: &findings)
        bank.observe(-1, at: start, value: 1, into: &findings)
        bank.observe(99, at: start, value: 1, into: &findings)
        bank.advance(to: start.adding(seconds: 20_000), into: &findings)
        #expect(findings.isEmpty)
        #expect(
            (bank.counters.samples, bank.counters.lateInsideWindow, bank.counters.lateIgnored, bank.counters.notFinite)
                == (1, 1, 1, 2))
        #expect(bank.counters.unknownPoint == 2)
    }

    @Test func registrationIsBounded() {
        var bank = DetectorBank(configuration: .init(maximumPoints: 2))
        #expect((0..<4).map { _ in bank.point(metric: "a", managedObject: "") } == [0, 1, -1, -1])
    }

    @Test(arguments: 1...3 as ClosedRange<UInt64>) func seriesDoNotInfluenceEachOther(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        let metrics = ["power.dc.bus_v", "env.t_in", "fuel.level", "battery.temp", "x.y"]
        var streams: [[(Double, Double)]] = []
        for index in metrics.indices {
            streams.append(
                (0..<1500).map { step in
                    let wild = step > 1200 ? 15 * generator.gaussian() : generator.gaussian()
                    return (Double(step) * (30 + Double(index) * 7), 46 + wild)
                })
        }
        var bank = DetectorBank()
        let points = metrics.map { bank.point(metric: $0, managedObject: "unit") }
        var together: [Finding] = []
        for step in 0..<1500 {
            for (index, point) in points.enumerated() {
                let (seconds, value) = streams[index][step]
                bank.observe(point, at: start.adding(seconds: seconds), value: value, into: &together)
            }
        }
        for (index, metric) in metrics.enumerated() {
            var alone = run(metric, streams[index])
            for item in alone.indices { alone[item].point = points[index] }
            #expect(together.filter { $0.point == points[index] } == alone)
        }
        #expect(!together.isEmpty)
    }

    /// A state that is copied on a sample instead of changed in place would make this take hours.
    @Test func manySeriesAreChangedInPlace() {
        var bank = DetectorBank()
        let points = (0..<20_000).map { bank.point(metric: $0 % 2 == 0 ? "env.t_in" : "power.dc.bus_v", managedObject: "") }
        var generator = SeededGenerator(seed: 1)
        var findings: [Finding] = []
        for minute in 0..<12 {
            for point in points {
                let value = (point % 2 == 0 ? 25 : 54) + generator.uniform()
                bank.observe(point, at: start.adding(seconds: Double(minute) * 60), value: value, into: &findings)
            }
        }
        #expect(bank.counters.samples == 240_000)
        #expect(findings.isEmpty)
    }
}
