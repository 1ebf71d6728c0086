import Testing
import TowerTestKit

/// T-03: states a power cut can leave; T-04: a tail cut anywhere; T-05: any bit turned round. All of them at the milestone
/// (scripts/test-level.sh M), a sample of each with every change.
@Suite struct JournalCrashStateTests {
    @Test func noCrashStateLosesWhatWasAcknowledged() async {
        let outcome = await CrashStates.search(count: 12_000)
        #expect(outcome.violations.isEmpty, "\(outcome.violations.prefix(5))")
        #expect(outcome.distinct >= 12_000)
    }

    @Test func aTailCutAnywhereLosesOnlyWhatLayBehindTheCut() async throws {
        let sweep = try await DamageSweep.make(segmentBytes: 160 << 10, appends: 160, isClosed: false)
        let start = sweep.dataEnd - 65_536
        #expect(start > 0)
        // Round every sector, and a sample between.
        var places = Array(stride(from: start + 7, to: sweep.dataEnd, by: 331))
        // Every byte round the end of the last append, where only zeros are lost at first.
        places += Array(sweep.dataEnd - 40...sweep.dataEnd + 8)
        for sector in 1..<128 { places += [start + sector * 512 - 1, start + sector * 512, start + sector * 512 + 1] }
        let outcome = await sweep.cut(places)
        #expect(outcome.violations.isEmpty, "\(outcome.violations)")
        #expect(outcome.tried > 500 && outcome.detected > 400)
    }

    @Test func aBitTurnedRoundIsNoticedAndCostsOneSectionAtMost() async throws {
        let sweep = try await DamageSweep.make(segmentBytes: 16 << 10, appends: 50, isClosed: true)
        var generator = SeededGenerator(seed: 20_260_101)
        let bits = sweep.bytes * 8
        let sample: [Int] = (0..<3000).map { _ in Int.random(in: 0..<bits, using: &generator) }
        let outcome = await sweep.flip(sample)
        #expect(outcome.violations.isEmpty, "\(outcome.violations)")
        #expect(outcome.detected > outcome.slack, "\(outcome.detected) noticed, \(outcome.slack) in slack")
    }
}
