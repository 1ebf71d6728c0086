import Testing
import TowerDetection
import TowerModel

@Suite struct MissingTests {
    private let only = DetectionConfiguration.only(.missing)

    private func regular(_ period: Double, _ count: Int) -> [(Double, Double)] {
        (0..<count).map { (Double($0) * period, 1) }
    }

    @Test(arguments: [10.0, 60, 300, 900]) func silenceIsToldAfterSomePeriods(period: Double) throws {
        let end = period * 29
        let findings = run("env.t_in", regular(period, 30), configuration: only, until: end + 20 * period + 120)
        let raised = try #require(findings.first)
        #expect(findings.count == 1)
        #expect(raised.kind == .missing && raised.state == .raised && raised.alarmType == "env.t_in.missing")
        #expect(raised.onset == start.adding(seconds: end))
        let waited = raised.at.seconds(since: raised.onset)
        #expect(waited >= max(60, 2.5 * period) && waited <= max(60, 6 * period))
    }

    @Test func returnClears() {
        var samples = regular(60, 30)
        samples.append((7200, 1))
        let findings = run("env.t_in", samples, configuration: only)
        #expect(findings.map(\.state) == [.raised, .cleared])
        #expect(findings.last?.at == start.adding(seconds: 7200))
    }

    @Test func anUnknownPeriodIsNotJudged() {
        #expect(run("env.t_in", regular(60, 5), configuration: only, until: 1e6).isEmpty)
    }

    @Test func eachSeriesHasItsOwnPeriod() {
        var bank = DetectorBank(configuration: only)
        let fast = bank.point(metric: "power.dc.bus_v", managedObject: "dc")
        let slow = bank.point(metric: "env.t_in", managedObject: "env")
        var findings: [Finding] = []
        for minute in 0..<600 {
            let at = start.adding(seconds: Double(minute) * 60)
            if minute < 400 { bank.observe(fast, at: at, value: 54, into: &findings) }
            if minute % 15 == 0 { bank.observe(slow, at: at, value: 25, into: &findings) }
            bank.advance(to: at, into: &findings)
        }
        #expect(findings.map(\.point) == [fast])
    }

    @Test(arguments: 1...4 as ClosedRange<UInt64>) func lossAndJitterAreNotSilence(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        var samples: [(Double, Double)] = []
        for minute in 0..<5000 where generator.uniform() > 0.05 {
            samples.append((Double(minute) * 60 + 20 * generator.uniform(), 1))
        }
        #expect(run("env.t_in", samples, configuration: only).count <= 2)
    }

    @Test func lateBurstIsNoReturn() {
        var bank = DetectorBank(configuration: only)
        let point = bank.point(metric: "env.t_in", managedObject: "env")
        var findings: [Finding] = []
        for minute in 0..<30 { bank.observe(point, at: start.adding(seconds: Double(minute) * 60), value: 1, into: &findings) }
        bank.advance(to: start.adding(seconds: 7200), into: &findings)
        #expect(findings.map(\.state) == [.raised])
        // A buffer is sent: it ends an hour before the present.
        for minute in 30..<60 { bank.observe(point, at: start.adding(seconds: Double(minute) * 60), value: 1, into: &findings) }
        #expect(findings.map(\.state) == [.raised])
        bank.observe(point, at: start.adding(seconds: 7230), value: 1, into: &findings)
        #expect(findings.map(\.state) == [.raised, .cleared])
    }

    @Test func deadlinesComeInOrderOfTimeThenSeries() {
        var bank = DetectorBank(configuration: only)
        let points = (0..<50).map { bank.point(metric: "m\($0 % 7)", managedObject: "") }
        var findings: [Finding] = []
        for step in 0..<20 {
            for point in points.reversed() {
                let period = point % 2 == 0 ? 60.0 : 300.0
                bank.observe(point, at: start.adding(seconds: Double(step) * period), value: 1, into: &findings)
            }
        }
        #expect(findings.isEmpty)
        bank.advance(to: start.adding(seconds: 1e5), into: &findings)
        #expect(findings.count == 50)
        let keys = findings.map { ($0.at, $0.point) }
        #expect(zip(keys, keys.dropFirst()).allSatisfy { $0 < $1 })
    }
}
