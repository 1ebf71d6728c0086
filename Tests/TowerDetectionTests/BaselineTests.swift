import Glibc
import Testing
import TowerDetection
import TowerModel

@Suite struct BaselineTests {
    private let only = DetectionConfiguration.only(.baseline)

    /// Temperature-like: day and week rhythm, noise, five-minute samples.
    private func seasonal(
        days: Double, period: Double = 300, seed: UInt64, noise: Double = 0.5, change: (Double, Double) -> Double = { $1 }
    ) -> [(Double, Double)] {
        var generator = SeededGenerator(seed: seed)
        return stride(from: 0, to: days * 86_400, by: period).map { seconds in
            let hour = seconds / 3600
            let weekend = Int(hour / 24) % 7 >= 5 ? -4.0 : 0
            let value = 30 + 6 * sin(2 * .pi * hour / 24) + weekend + noise * generator.gaussian()
            return (seconds, change(seconds, value))
        }
    }

    @Test(arguments: 1...5 as ClosedRange<UInt64>) func usefulAfterTwoDays(seed: UInt64) throws {
        let fault = 52.0 * 3600
        let findings = run(
            "t", seasonal(days: 2.5, seed: seed) { $0 >= fault ? $1 + 8 : $1 }, configuration: only)
        let raised = try #require(findings.first { $0.at >= start.adding(seconds: fault) })
        #expect(raised.at.seconds(since: start.adding(seconds: fault)) <= 3600)
        #expect(!findings.contains { $0.at < start.adding(seconds: fault) })
    }

    @Test(arguments: 1...3 as ClosedRange<UInt64>) func theHourMatters(seed: UInt64) {
        // Noon's value at midnight is inside the range of the day, and still wrong.
        let fault = 15.0 * 86_400
        let findings = run(
            "t", seasonal(days: 15.2, period: 60, seed: seed) { $0 >= fault && $0 < fault + 3 * 3600 ? 35.5 : $1 },
            configuration: only)
        #expect(findings.contains { $0.state == .raised && $0.at >= start.adding(seconds: fault) })
    }

    @Test(arguments: 1...4 as ClosedRange<UInt64>) func falseAlarmsAreRare(seed: UInt64) {
        let findings = run("t", seasonal(days: 42, seed: seed), configuration: only)
        #expect(findings.isEmpty)
    }

    enum Noise: String, CaseIterable { case white, correlated, heavy, coarse, spiky }

    @Test(arguments: Noise.allCases) func falseAlarmsOnNoiseAreBounded(noise: Noise) {
        var raised = 0
        let series = 6
        for seed in 1...UInt64(series) {
            var generator = SeededGenerator(seed: seed &* 977)
            var state = 0.0
            let samples = (0..<20_160).map { minute -> (Double, Double) in
                let g = generator.gaussian()
                state = 0.95 * state + g
                let value =
                    switch noise {
                    case .white: g
                    case .correlated: state
                    case .heavy: g / max(abs(generator.gaussian()), 0.05)
                    case .coarse: g.rounded()
                    case .spiky: g + (generator.uniform() < 0.01 ? 12 : 0)
                    }
                return (Double(minute) * 60, 100 + value)
            }
            raised += run("x", samples, configuration: only).count { $0.state == .raised }
        }
        // Two weeks each. Ratios of Gaussians have no variance at all.
        #expect(raised <= (noise == .heavy ? 4 : 1), "\(noise): \(raised)")
    }

    @Test func aLevelShiftIsToldAndThenAccepted() throws {
        let shift = 10.0 * 86_400
        let findings = run("t", seasonal(days: 14, seed: 3) { $0 >= shift ? $1 + 10 : $1 }, configuration: only)
        let raised = try #require(findings.first { $0.state == .raised && $0.at >= start.adding(seconds: shift) })
        let cleared = try #require(findings.first { $0.state == .cleared && $0.at > raised.at })
        #expect(cleared.at.seconds(since: raised.at) <= 13 * 3600)
        #expect(findings.count(where: { $0.at > cleared.at && $0.state == .raised }) <= 1)
    }

    @Test func aConstantThatStaysIsNothing() {
        #expect(run("x", samples(5000) { _ in 7 }, configuration: only).isEmpty)
    }

    @Test func oneSpikeIsNoAlarm() {
        let findings = run("t", seasonal(days: 9, seed: 5) { $0 == 8 * 86_400 ? 90 : $1 }, configuration: only)
        #expect(findings.allSatisfy { abs($0.at.seconds(since: start) - 8 * 86_400) > 3600 })
    }

    @Test func aNoisyStreamExhaustsItsBudget() {
        // Bursts every six hours for four weeks: an alarm each would be a hundred.
        let findings = run(
            "t",
            seasonal(days: 28, seed: 6) { seconds, value in
                seconds > 2 * 86_400 && Int(seconds / 3600) % 6 == 0 && seconds.truncatingRemainder(dividingBy: 3600) < 1800
                    ? value + 12 * (seconds.truncatingRemainder(dividingBy: 7200) < 3600 ? 1 : -1) : value
            }, configuration: only)
        #expect(findings.count(where: { $0.state == .raised }) <= 12)
    }

    @Test func counterFieldsHaveNoBaseline() {
        let counter = samples(3000) { $0 < 2000 ? Double($0) : 1e6 + Double($0) }
        #expect(run("power.grid.e", counter, configuration: only).isEmpty)
    }

    @Test func unitsDoNotMatter() {
        // The same stream in other units gives the same decisions.
        let plain = seasonal(days: 12, seed: 7) { $0 >= 11 * 86_400 ? $1 + 9 : $1 }
        let scaled = plain.map { ($0.0, $0.1 * 1024) }
        let a = run("t", plain, configuration: only)
        let b = run("t", scaled, configuration: only)
        #expect(a.map(\.at) == b.map(\.at))
        #expect(!a.isEmpty)
    }
}
