import Testing
import TowerModel
import TowerStreaming
import TowerTestKit
@testable import TowerIngest
@testable import TowerJournal

/// Starts of a door beside what an earlier one kept.
@Suite struct RecallTests {
    static let window = 40

    static func archive(_ disk: FaultyDisk, keysPerFile: Int = window) throws -> DiskKeyArchive {
        try DiskKeyArchive(
            directory: "/data/ids", newSecret: WideKey(high: .random(in: 0...99), low: 7), keysPerFile: keysPerFile, isInline: true,
            disk: disk)
    }

    static func door(_ log: any EventLog, _ archive: DiskKeyArchive, window: Int = window) -> IngestDoor {
        var limits = IngestLimits.standard
        limits.duplicateIDs = window
        limits.archivedIDs = 8
        return IngestDoor(
            log: log, symbols: SymbolTable(), limits: limits, archive: archive, clock: { Timestamp(milliseconds: 1_767_323_045_678) })
    }

    static func ingest(_ numbers: some Sequence<Int>, _ door: IngestDoor) async throws -> IngestReport {
        let body = numbers.map { Fixture.event($0, site: "SITE-\($0 % 5)") }.joined(separator: "\n")
        return try await door.ingest(
            body: Array(body.utf8), contentType: nil, contentEncoding: nil, tenant: Fixture.tenant, source: "test")
    }

    /// A log and the keys of its 100 events, sent three a request.
    static func filled(first: Int = 0, isClosed: Bool = true) async throws -> (ScriptedLog, FaultyDisk) {
        let log = ScriptedLog()
        let disk = FaultyDisk()
        let door = door(log, try archive(disk))
        try await door.recall()
        for start in stride(from: first, to: first + 100, by: 3) {
            _ = try await ingest(start..<min(start + 3, first + 100), door)
        }
        if isClosed { await door.close() }
        return (log, disk)
    }

    @Test("after a clean end nothing is read from the log")
    func cleanEnd() async throws {
        let (log, disk) = try await Self.filled()
        let door = Self.door(log, try Self.archive(disk))
        let report = try await door.recall()
        #expect(report.readIDs == 0 && report.keptIDs >= Self.window && report.trouble == nil)
        #expect(try await Self.ingest(60..<100, door) == IngestReport(duplicates: 40))
        #expect(try await Self.ingest(60..<101, door) == IngestReport(accepted: 1, duplicates: 40))
    }

    @Test("after a kill only the end is read: less than was not handed over")
    func kill() async throws {
        let (log, disk) = try await Self.filled(isClosed: false)
        let report = try await Self.door(log, try Self.archive(disk)).recall()
        #expect((1..<8).contains(report.readIDs) && report.keptIDs >= Self.window && report.trouble == nil)
        // What was read is kept as well.
        let third = Self.door(log, try Self.archive(disk))
        _ = try await third.recall()
        _ = try await Self.ingest(100..<109, third)
        let fourth = Self.door(log, try Self.archive(disk))
        #expect(try await fourth.recall().readIDs < 8)
        #expect(try await Self.ingest(69..<109, fourth) == IngestReport(duplicates: 40))
    }

    /// What lies beside the log, and what is said about it.
    enum Beside: String, CaseIterable {
        case nothing, another, older, longer, shorter, smaller, damagedLog, garbage, emptyFile
    }

    @Test("what the log does not agree with is not believed, and the log is read", arguments: Beside.allCases)
    func unbelieved(_ beside: Beside) async throws {
        let (log, kept) = try await Self.filled()
        var disk = kept
        var window = Self.window
        switch beside {
        case .nothing: disk = FaultyDisk()
        case .another: disk = try await Self.filled(first: 5000).1
        case .longer:
            let door = Self.door(log, try Self.archive(disk))
            try await door.recall()
            _ = try await Self.ingest(100..<110, door)
            await door.close()
            log.forget(from: 100)
        case .older:
            // The log went on without the files, as far as a window.
            let fixture = Fixture(log: log)
            _ = try await fixture.ingest((200..<240).map { Fixture.event($0) }.joined(separator: "\n"))
        case .shorter:
            // Its oldest file is gone.
            try disk.remove(try #require(disk.paths.first))
            window = 60
        case .smaller: window = 99
        case .damagedLog: break
        case .garbage:
            for path in disk.paths { disk.setContent(path, [UInt8](repeating: 0xA5, count: 9000)) }
        case .emptyFile:
            for path in disk.paths { disk.setContent(path, []) }
        }
        let before = log.records.count
        let door = Self.door(log, try Self.archive(disk, keysPerFile: window), window: window)
        let report = try await door.recall(isLogWhole: beside != .damagedLog)
        #expect(report.keptIDs == 0 && report.readIDs == window)
        #expect(report.trouble != nil, "\(report)")
        if beside != .older {
            #expect(try await Self.ingest((100 - window)..<100, door) == IngestReport(duplicates: window))
        }
        #expect(log.records.count == before)
        // Ids of another log are no duplicates here.
        #expect(try await Self.ingest(5000..<5010, door) == IngestReport(accepted: 10))
        await door.close()
        let next = try await Self.door(log, try Self.archive(disk, keysPerFile: window), window: window).recall()
        #expect(next.trouble == nil && next.readIDs == 0 && next.keptIDs >= window)
    }

    @Test("a torn last block costs reading its events again", arguments: [1, 100, 4000, 4096, 4097])
    func tornBlock(_ missing: Int) async throws {
        let (log, disk) = try await Self.filled()
        let path = try #require(disk.paths.last)
        disk.setContent(path, Array(disk.content(path).dropLast(missing)))
        let door = Self.door(log, try Self.archive(disk))
        let report = try await door.recall()
        #expect((1..<24).contains(report.readIDs) && report.keptIDs > 0)
        #expect(try await Self.ingest(60..<100, door) == IngestReport(duplicates: 40))
    }

    @Test("ids of one tenant are kept apart from another's over a start")
    func tenants() async throws {
        let (log, disk) = try await Self.filled()
        let door = Self.door(log, try Self.archive(disk))
        try await door.recall()
        let body = Fixture.event(99).replacing("acme", with: "rival")
        let report = try await door.ingest(
            body: Array(body.utf8), contentType: nil, contentEncoding: nil, tenant: TenantID("rival"), source: "test")
        #expect(report == IngestReport(accepted: 1))
    }

    @Test("a failed append of unknown outcome ends what is kept, and the next start reads it from the log")
    func doubtfulAppend() async throws {
        let (log, disk) = try await Self.filled(isClosed: false)
        let door = Self.door(log, try Self.archive(disk))
        try await door.recall()
        log.fail(1, with: EventLogError(.fenced, "a sync failed"), butKeep: true)
        await #expect(throws: IngestError.self) { try await Self.ingest([300], door) }
        for number in 301..<315 { _ = try await Self.ingest([number], door) }
        await door.close()
        let next = Self.door(log, try Self.archive(disk))
        #expect(try await next.recall().readIDs >= 15)
        #expect(try await Self.ingest(300..<315, next) == IngestReport(duplicates: 15))
    }
}
