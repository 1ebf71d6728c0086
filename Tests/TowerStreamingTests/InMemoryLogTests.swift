import Testing
import TowerStreaming
import TowerTestKit

@Suite struct InMemoryLogTests {
    @Test(arguments: EventLogContract.checks)
    func keepsTheContract(_ check: EventLogContract.Check) async throws {
        try await check.run { clock, maxRecordBytes in InMemoryLog(maxRecordBytes: maxRecordBytes, clock: clock.milliseconds) }
    }
}
