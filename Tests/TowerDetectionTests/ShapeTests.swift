import Glibc
import Testing
import TowerDetection
import TowerModel

/// Faults put into a daily rhythm: what they are told as, how surely, and how soon.
@Suite struct ShapeTests {
    enum Shape: String, CaseIterable { case step, levelShift, trend, variance, flatLine, missing, spikes }

    private static let fault = 15.3 * 86_400
    private static let days = 21.0

    /// A room's temperature: three kelvin of day, one of weekends, noise that keeps its sign for a while; five-minute samples.
    static func series(_ shape: Shape?, seed: UInt64) -> [(Double, Double)] {
        var generator = SeededGenerator(seed: seed &* 7_919)
        var slow = 0.0
        var stuck: Double?
        return stride(from: 0, to: days * 86_400, by: 300).compactMap { seconds in
            let hour = seconds / 3600
            slow = 0.9 * slow + 0.12 * generator.gaussian()
            let noise = slow + 0.15 * generator.gaussian()
            let weekend = Int(hour / 24) % 7 >= 5 ? -1.0 : 0
            let usual = 25 + 3 * sin(2 * .pi * (hour - 9) / 24) + weekend
            let value = ((usual + noise) * 100).rounded() / 100
            let since = seconds - fault
            guard since >= 0, let shape else { return (seconds, value) }
            switch shape {
            case .step: return (seconds, value + 4)
            case .levelShift: return (seconds, value + 4 * min(since / 5_400, 1))
            case .trend: return (seconds, value + 0.8 * since / 86_400)
            case .variance: return (seconds, since < 43_200 ? usual + 5 * noise : value)
            case .flatLine:
                stuck = stuck ?? value
                return (seconds, since < 10 * 3600 ? stuck! : value)
            case .missing: return since < 10 * 3600 ? nil : (seconds, value)
            case .spikes: return (seconds, since.truncatingRemainder(dividingBy: 10_800) < 300 ? value + 40 : value)
            }
        }
    }

    /// What may tell a shape, and within how many hours.
    static func promise(_ shape: Shape) -> (kinds: Set<Finding.Kind>, hours: Double) {
        switch shape {
        case .step: ([.step], 1)
        case .levelShift: ([.levelShift, .step], 3)
        case .trend: ([.trend], 120)
        case .variance: ([.variance], 8)
        case .flatLine: ([.flatLine], 3)
        case .missing: ([.missing], 1)
        case .spikes: ([.novelty], 1)
        }
    }

    private static let configuration: DetectionConfiguration = {
        var configuration = DetectionConfiguration.standard
        configuration.thresholds = []
        configuration.rates = []
        return configuration
    }()

    static func findings(_ shape: Shape?, seed: UInt64) -> [Finding] {
        run("room.t", series(shape, seed: seed), configuration: configuration, until: days * 86_400)
    }

    @Test(arguments: Shape.allCases) func aShapeIsToldAsWhatItIsAndInTime(shape: Shape) {
        let seeds = 1...10 as ClosedRange<UInt64>
        let (kinds, hours) = Self.promise(shape)
        var found = 0
        for seed in seeds {
            let told = Self.findings(shape, seed: seed).first {
                $0.state == .raised && kinds.contains($0.kind) && $0.at >= start.adding(seconds: Self.fault)
            }
            if let told, told.at.seconds(since: start.adding(seconds: Self.fault)) <= hours * 3600 { found += 1 }
        }
        #expect(found >= 9, "\(shape): \(found) of 10")
    }

    @Test func aQuietSeriesSaysNothing() {
        // Ten series for three weeks: at one alarm a site and month, with eighty series a site, a fortieth of an alarm.
        let raised = (1...10 as ClosedRange<UInt64>).flatMap { Self.findings(nil, seed: $0) }.filter { $0.state == .raised }
        #expect(raised.isEmpty, "\(raised.map(\.text))")
    }

    @Test func hoursAreThoseOfTheSite() {
        // A weekend that begins at local midnight, nine hours ahead of UTC, is one thing to a clock that knows.
        func raised(aheadBy hours: Int32) -> Int {
            var generator = SeededGenerator(seed: 3)
            var bank = DetectorBank(configuration: .only(.baseline))
            let point = bank.point(metric: "x", managedObject: "")
            bank.setClock(point, aheadBy: hours * 3600)
            var findings: [Finding] = []
            for sample in 0..<42 * 96 {
                let seconds = Double(sample) * 900
                let local = seconds + 9 * 3600
                let value = (Int(local / 86_400) % 7 >= 5 ? 0.0 : 10) + 0.3 * generator.gaussian()
                bank.observe(point, at: start.adding(seconds: seconds), value: value, into: &findings)
            }
            return findings.count { $0.state == .raised && $0.at > start.adding(seconds: 21 * 86_400) }
        }
        #expect(raised(aheadBy: 9) <= 1)
    }

    @Test func whatBefallsASiteIsNeitherToldNorLearned() {
        var generator = SeededGenerator(seed: 8)
        var bank = DetectorBank(configuration: .only(.baseline))
        let point = bank.point(metric: "x", managedObject: "")
        var findings: [Finding] = []
        for sample in 0..<10 * 288 {
            let day = Double(sample) / 288
            let isOut = day >= 5 && day < 5.5
            bank.observe(
                point, at: start.adding(seconds: Double(sample) * 300), value: (isOut ? 0 : 54) + 0.1 * generator.gaussian(),
                isDisturbed: isOut, into: &findings)
        }
        #expect(findings.isEmpty)
    }
}
