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

    /// The housekeeper's own threads, real names, real renames: records are read while their segments change form.
    @Test func segmentsAreCompressedAndCompactedWhileTheyAreRead() async throws {
        try await withFolder { folder in
            var configuration = JournalConfiguration()
            configuration.firstSegmentBytes = 256 << 10
            configuration.maxSegmentBytes = 1 << 20
            configuration.tailBytes = 32 << 10
            configuration.compressionDelayMs = 0
            let log = try await Journal.open(directory: folder, configuration: configuration, clock: { 1_000_000 })
            let state = Topic.incidents(tenant: "t")
            try await log.createTopic(state, TopicConfiguration(cleanup: .compact))
            for number in 0..<400 {
                _ = try await log.append(
                    (0..<8).map { Fixture.record(Fixture.site($0), "\(number)" + String(repeating: "x", count: 500)) }
                        + [Record(topic: state, key: Array("k\(number % 3)".utf8), value: [UInt8](repeating: 7, count: 2000))])
            }
            let expected = try await Fixture.everything(log).filter { $0.record.topic != state }
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    for _ in 0..<3 {
                        let read = try await Fixture.everything(log)
                        #expect(read.filter { $0.record.topic != state } == expected)
                    }
                }
                group.addTask {
                    #expect(try await log.compressSealed(now: 1_000_000).segments > 2)
                    #expect(try await log.compactTopics(now: 1_000_000).segments > 0)
                    _ = try await log.compressSealed(now: 1_000_000)
                }
                try await group.waitForAll()
            }
            #expect(try await Fixture.everythingByTopic(log).filter { $0.record.topic != state } == expected)
            try await log.close()
            #expect(try Journal.verify(directory: folder).isIntact)
            let reopened = try await Journal.open(directory: folder, configuration: configuration, clock: { 1_000_000 })
            let kept = try await Fixture.everything(reopened)
            #expect(kept.filter { $0.record.topic != state } == expected)
            #expect(kept.count < expected.count + 400 && kept.contains { $0.record.topic == state })
            try await reopened.close()
            #expect(try await Journal.repair(directory: folder, isDryRun: false, clock: { 1_000_000 }).isClean)
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
