import Testing
import TowerJournal
import TowerStreaming
import TowerTestKit

@Suite struct JournalContractTests {
    @Test(arguments: EventLogContract.checks)
    func keepsTheContract(_ check: EventLogContract.Check) async throws {
        try await check.run { clock, maxRecordBytes in
            var configuration = JournalConfiguration()
            configuration.maxRecordBytes = maxRecordBytes
            return try await Journal.open(
                directory: "/log", configuration: configuration, disk: FaultyDisk(), clock: clock.milliseconds)
        }
    }

    @Test("with segments so small that every few records make one", arguments: EventLogContract.checks)
    func keepsTheContractOverManySegments(_ check: EventLogContract.Check) async throws {
        try await check.run { clock, maxRecordBytes in
            var configuration = JournalConfiguration()
            configuration.maxRecordBytes = maxRecordBytes
            configuration.firstSegmentBytes = 512
            configuration.maxSegmentBytes = 512
            configuration.cachedIndexes = 1
            return try await Journal.open(
                directory: "/log", configuration: configuration, disk: FaultyDisk(), clock: clock.milliseconds)
        }
    }
}
