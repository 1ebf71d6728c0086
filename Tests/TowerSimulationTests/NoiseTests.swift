import Testing
import TowerModel

@testable import TowerSimulation

@Suite struct NoiseTests {
    private func run(_ text: String, seed: UInt64 = 9) throws -> (clean: [ParsedEvent], noisy: [ParsedEvent]) {
        let noise = try NoiseModel(parsing: text)
        return (try Run(quick(seed: seed)).parsed(), try Run(quick(seed: seed, noise: noise)).parsed())
    }

    /// Four standard deviations of a binomial: one failure in 16,000 seeds, and the seed is fixed.
    private func expectShare(_ hits: Int, of total: Int, _ probability: Double, _ what: String) {
        let mean = probability * Double(total)
        let bound = 4 * (mean * (1 - probability)).squareRoot() + 1
        #expect((Double(hits) - mean).magnitude <= bound, "\(what): \(hits) of \(total), expected \(mean)")
    }

    @Test func eachAlarmIsLostWithItsProbability() throws {
        let (clean, noisy) = try run("lost=0.2")
        let kept = Set(noisy.map(\.id))
        let alarms = clean.filter { !$0.isReading && !$0.isInventory }
        expectShare(alarms.filter { !kept.contains($0.id) }.count, of: alarms.count, 0.2, "alarms")
        #expect(clean.filter { $0.isReading || $0.isInventory }.allSatisfy { kept.contains($0.id) })
    }

    @Test func unwiredTypesAreSilentAtTheirSiteForEver() throws {
        let (clean, noisy) = try run("unwired=0.3")
        let kept = Set(noisy.map(\.id))
        var fate: [String: Set<Bool>] = [:]
        for event in clean where !event.isReading && !event.isInventory {
            fate["\(event.site) \(event.type)", default: []].insert(kept.contains(event.id))
        }
        #expect(fate.values.allSatisfy { $0.count == 1 })
        expectShare(fate.values.filter { $0 == [false] }.count, of: fate.count, 0.3, "types")
    }

    @Test func missingMixesBothAndTelemetryIsLostApart() throws {
        var model = NoiseModel()
        model.setMissing(0.2)
        #expect((1 - (1 - model.lost) * (1 - model.unwired) - 0.2).magnitude < 1e-12)
        let (clean, noisy) = try run("telemetry=0.1")
        let kept = Set(noisy.map(\.id))
        let readings = clean.filter(\.isReading)
        expectShare(readings.filter { !kept.contains($0.id) }.count, of: readings.count, 0.1, "readings")
        #expect(clean.filter { !$0.isReading }.allSatisfy { kept.contains($0.id) })
    }

    @Test func duplicatesAreTheSameBytesAgain() throws {
        let (clean, noisy) = try run("duplicates=0.05")
        expectShare(noisy.count - clean.count, of: clean.count, 0.05, "duplicates")
        #expect(Set(noisy.map(\.id)) == Set(clean.map(\.id)))
    }

    @Test func eachSitesClockIsOffByAConstant() throws {
        let (clean, noisy) = try run("skew=120")
        let truth = Dictionary(uniqueKeysWithValues: clean.map { ($0.id, $0.timestamp) })
        var offsets: [String: Set<Int64>] = [:]
        for event in noisy where event.type == "battery.telemetry" {
            let before = try #require(truth[event.id])
            offsets[event.site, default: []].insert(event.timestamp.microseconds - before.microseconds)
        }
        #expect(offsets.values.allSatisfy { $0.count == 1 && $0.allSatisfy { abs($0) <= 120_000_000 } })
        #expect(Set(offsets.values.flatMap { $0 }).count > 20)
    }

    @Test func lateBurstsKeepTheirOwnTimeAndComeWithinADay() throws {
        let (clean, noisy) = try run("late=0.1")
        #expect(noisy.count == clean.count)
        var late = 0
        var violations = 0
        var last = Timestamp.distantPast
        for event in noisy {
            let delay = event.arrival.seconds(since: event.timestamp)
            if !(0...86_400).contains(delay) || event.arrival < last { violations += 1 }
            if delay > 60 { late += 1 }
            last = event.arrival
        }
        #expect(violations == 0)
        #expect(late > 100)
    }

    @Test func flappingAddsRaisesAndClears() throws {
        let (clean, noisy) = try run("flapping=0.5")
        let before = clean.filter { $0.state == "raised" }.count
        let after = noisy.filter { $0.state == "raised" }.count
        #expect(after > before + before / 2)
        #expect(after - before == noisy.filter { $0.state == "cleared" }.count - clean.filter { $0.state == "cleared" }.count)
    }

    @Test func lyingSensorsLieInReadingsOnly() throws {
        let (clean, noisy) = try run("lying=1")
        #expect(noisy.filter { $0.state != nil }.map(\.id) == clean.filter { $0.state != nil }.map(\.id))
        let frozen = noisy.filter { $0.type == "env.telemetry" && $0.payload["t_in"] as? Double == 24.5 }
        #expect(!frozen.isEmpty)
    }

    @Test(arguments: ["missing", "missing=", "missing=2", "lost=-0.1", "skew=1e9", "loud=1", "missing=0.1,,", "lost=nan"])
    func badNoiseIsRefusedWithItsPart(text: String) {
        #expect(throws: SimulationError.self) { try NoiseModel(parsing: text) }
    }
}
