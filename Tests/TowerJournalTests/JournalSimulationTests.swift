import Glibc
import Testing
import TowerTestKit

/// T-24: whole lives of a journal from a seed, with every fault a disk can have, against a model of what was acknowledged.
@Suite struct JournalSimulationTests {
    /// 2,000 seeds with each change; more by `TOWERCO_TEST_SEEDS`.
    private static var seeds: UInt64 { getenv("TOWERCO_TEST_SEEDS").flatMap { UInt64(String(cString: $0)) } ?? 2000 }

    @Test func nothingAcknowledgedIsLostInAnyLife() async {
        let (total, failed) = await JournalSimulation.run(seeds: 0..<Self.seeds)
        for outcome in failed { Issue.record("\(outcome.report)") }
        #expect(total.acknowledged > Int(Self.seeds) * 10 && total.cuts > Int(Self.seeds), "the lives must have lived")
    }

    /// Lives in which bytes that a power cut tore were once reported as damage: sequences that an opening had skipped and whose
    /// frame was torn (the first three), both ends of a footer.
    @Test(arguments: [4144, 6928, 7837, 9689] as [UInt64]) func whatIsTornIsNotDamage(seed: UInt64) async {
        let outcome = await JournalSimulation(seed: seed).run()
        #expect(outcome.violations.isEmpty, "\(outcome.report)")
    }

    @Test func theSameSeedIsTheSameLife() async {
        for seed in UInt64(0)..<20 {
            let first = await JournalSimulation(seed: seed).run()
            let again = await JournalSimulation(seed: seed).run()
            #expect(first.trace == again.trace && first.acknowledged == again.acknowledged, "seed \(seed)")
        }
    }

    @Test(arguments: DiskLie.allCases) func aDiskThatLiesIsFoundOut(lie: DiskLie) async {
        let (_, failed) = await JournalSimulation.run(seeds: 0..<600, lie: lie, stopsAtFirst: true)
        #expect(!failed.isEmpty, "600 lives over a disk with \(lie) looked healthy")
    }
}
