import Glibc
import Testing
import TowerJournal
import TowerStreaming
import TowerTestKit

/// The journal on real files.
@Suite struct PosixJournalTests {
    private typealias Fixture = JournalFixture

    private func withFolder(_ body: (String) async throws -> Void) async throws {
        var template = Array("/tmp/tower-journal-XXXXXX".utf8CString)
        let path = template.withUnsafeMutableBufferPointer { buffer in
            buffer.baseAddress.flatMap { mkdtemp($0) }.map { String(cString: $0) }
        }
        let folder = try #require(path)
        defer {
            let disk = PosixDisk()
            for directory in [folder + "/log/quarantine", folder + "/log", folder] {
                for file in (try? disk.files(in: directory)) ?? [] { unlink(directory + "/" + file) }
                rmdir(directory)
            }
        }
        try await body(folder + "/log")
    }

    @Test func recordsSurviveOnRealFilesOverManySegments() async throws {
        try await withFolder { folder in
            var configuration = JournalConfiguration()
            configuration.firstSegmentBytes = 64 << 10
            configuration.maxSegmentBytes = 256 << 10
            configuration.tailBytes = 32 << 10
            var expected: [StoredRecord] = []
            for round in 0..<3 {
                let log = try await Journal.open(directory: folder, configuration: configuration, clock: { 1_000_000 })
                #expect(log.recovery.droppedBytes == 0 && log.recovery.quarantined.isEmpty)
                #expect(try await Fixture.everything(log) == expected)
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for appender in 0..<4 {
                        group.addTask {
                            for number in 0..<50 {
                                _ = try await log.append(
                                    (0..<8).map {
                                        Fixture.record(
                                            Fixture.site(appender * 10 + $0),
                                            "\(round).\(number)" + String(repeating: "x", count: 40 * $0))
                                    })
                            }
                        }
                    }
                    try await group.waitForAll()
                }
                expected = try await Fixture.everything(log)
                #expect(expected.count == (round + 1) * 1600)
                #expect(try await Fixture.everythingByTopic(log) == expected)
                try await log.close()
            }
            let found = try Journal.verify(directory: folder)
            #expect(found.isIntact && found.records == 4800)
        }
    }

    @Test func theFolderIsLocked() async throws {
        try await withFolder { folder in
            let log = try await Journal.open(directory: folder, clock: { 0 })
            do {
                _ = try await Journal.open(directory: folder, clock: { 0 })
                Issue.record("opened twice")
            } catch let error as EventLogError {
                #expect(error.code == .locked)
            }
            try await log.close()
            try await Journal.open(directory: folder, clock: { 0 }).close()
        }
    }

    @Test func aFolderThatCannotBeMadeIsAnError() async throws {
        do {
            _ = try await Journal.open(directory: "/dev/null/log", clock: { 0 })
            Issue.record("opened below a device")
        } catch let error as EventLogError {
            #expect(error.code == .io && error.message.contains("/dev/null"))
        }
    }
}
