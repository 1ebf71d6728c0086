import Testing
import TowerDetection
import TowerModel

@Suite struct RateTests {
    private let only = DetectionConfiguration.only(.rate)

    private func fuel(_ drop: Double, overMinutes minutes: Int) -> [(Double, Double)] {
        (0..<240).map { minute in
            let share = Double(min(max(minute - 60, 0), minutes)) / Double(minutes)
            return (Double(minute) * 60, 300 - drop * share)
        }
    }

    @Test func theftIsToldOnceAndEnds() throws {
        let findings = run("fuel.level", fuel(60, overMinutes: 15), configuration: only)
        #expect(findings.map(\.state) == [.raised, .cleared])
        let raised = try #require(findings.first)
        #expect(raised.alarmType == "fuel.loss_suspected" && raised.severity == .major)
        #expect(raised.at < start.adding(seconds: 75 * 60))
    }

    @Test func burnIsNotTheft() {
        #expect(run("fuel.level", fuel(12, overMinutes: 180), configuration: only).isEmpty)
    }

    @Test func refuellingIsNotTheft() {
        #expect(run("fuel.level", fuel(-200, overMinutes: 5), configuration: only).isEmpty)
    }

    @Test func aSilenceIsNotARate() {
        // Two days between readings: the fall may have been slow.
        #expect(run("fuel.level", [(0, 300), (60, 300), (172_800, 200), (172_860, 200)], configuration: only).isEmpty)
    }

    @Test(arguments: [10.0, 60, 300]) func samplingDoesNotMatter(period: Double) {
        let samples = stride(from: 0.0, to: 3600, by: period).map { ($0, 30 + $0 / 3600 * 16) }
        let findings = run("env.t_in", samples, configuration: only)
        #expect(findings.map(\.state) == [.raised])
    }
}
