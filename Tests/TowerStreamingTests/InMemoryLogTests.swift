import Testing
import TowerStreaming
import TowerTestKit

@Suite struct InMemoryLogTests {
    @Test(arguments: EventLogContract.checks)
    func keepsTheContract(_ check: EventLogContract.Check) async throws {
        try await check.run { clock, maxRecordBytes in InMemoryLog(maxRecordBytes: maxRecordBytes, clock: clock.milliseconds) }
    }

    @Test(arguments: 0..<24 as Range<UInt64>)
    func aRandomLifeOfAGroupKeepsEveryPromise(seed: UInt64) async throws {
        let clock = ManualClock()
        var life = GroupLife(seed: seed, log: InMemoryLog(clock: clock.milliseconds), clock: clock)
        try await life.run(steps: 300)
    }
}
