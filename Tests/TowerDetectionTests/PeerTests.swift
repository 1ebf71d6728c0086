import Glibc
import Testing
import TowerDetection
import TowerModel

@Suite struct PeerTests {
    /// Twelve sites with a history of five days; the last series is new on the fourth day.
    private static func fleet(seed: UInt64, _ change: (_ site: Int, _ day: Double, _ value: Double) -> Double) -> [Finding] {
        var generator = SeededGenerator(seed: seed)
        var bank = DetectorBank(configuration: .only(.baseline))
        let points = (0..<13).map { bank.point(metric: "power.dc.bus_v", managedObject: "SITE-\($0)") }
        let own = points.map { _ in 0.2 * generator.gaussian() }
        var findings: [Finding] = []
        for sample in 0..<5 * 288 {
            let day = Double(sample) / 288
            for (site, point) in points.enumerated() where site < 12 || day >= 4 {
                let value = 54 + own[site] + 0.3 * sin(2 * .pi * day) + 0.05 * generator.gaussian()
                bank.observe(point, at: start.adding(seconds: day * 86_400), value: change(site, day, value), into: &findings)
            }
        }
        return findings
    }

    @Test(arguments: 1...3 as ClosedRange<UInt64>) func aNewSeriesIsJudgedByItsPeersWithinADay(seed: UInt64) throws {
        let findings = Self.fleet(seed: seed) { site, _, value in site == 12 ? value - 6 : value }
        let told = try #require(findings.first { $0.kind == .peers })
        #expect(told.point == 12 && told.state == .raised && told.alarmType == "power.dc.bus_v.unlike_peers")
        #expect(told.at <= start.adding(seconds: 5 * 86_400) && told.at.seconds(since: start.adding(seconds: 4 * 86_400)) <= 6 * 3600)
    }

    @Test(arguments: 1...3 as ClosedRange<UInt64>) func aNewSeriesLikeItsPeersIsNothing(seed: UInt64) {
        #expect(Self.fleet(seed: seed) { $2 }.isEmpty)
    }

    @Test(arguments: 1...3 as ClosedRange<UInt64>) func whatBefallsAllIsNoFindingAboutOne(seed: UInt64) {
        // A cold front for everyone; the same for one site only is told.
        let all = Self.fleet(seed: seed) { _, day, value in day > 3.5 && day < 3.8 ? value + 3 : value }
        #expect(all.count { $0.state == .raised } <= 4)
        let one = Self.fleet(seed: seed) { site, day, value in site == 3 && day > 3.5 && day < 3.8 ? value + 3 : value }
        #expect(one.contains { $0.point == 3 && $0.state == .raised })
    }

    @Test func aStateThatWasKeptGoesOn() throws {
        // Encoded and read back at each sample of a day, everything is the same.
        var bank = DetectorBank()
        var other = DetectorBank()
        var findings: [Finding] = []
        var others: [Finding] = []
        var generator = SeededGenerator(seed: 5)
        let points = (0..<9).map { _ in bank.point(metric: "m", managedObject: "") }
        for _ in points { _ = other.point(metric: "m", managedObject: "") }
        for sample in 0..<4 * 96 {
            for point in points {
                let value = 10 + generator.gaussian() + (point == 4 && sample > 300 ? 30 : 0)
                let at = start.adding(seconds: Double(sample) * 900)
                bank.observe(point, at: at, value: value, into: &findings)
                other.observe(point, at: at, value: value, into: &others)
            }
            guard sample % 7 == 0 else { continue }
            var writer = StateWriter()
            other.encode(into: &writer)
            let bytes = writer.bytes
            var reader = StateReader(bytes)
            other = try DetectorBank(decoding: &reader, configuration: .standard)
            #expect(reader.isAtEnd)
        }
        #expect(findings == others)
        #expect(!findings.isEmpty)
    }
}
