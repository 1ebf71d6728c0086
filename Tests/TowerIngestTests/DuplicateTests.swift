import Testing
import TowerModel
import TowerStreaming
@testable import TowerIngest

@Suite struct DuplicateTests {
    @Test("an id twice in one body is one event and one duplicate")
    func duplicatesInsideABody() async throws {
        let fixture = Fixture()
        let body = [Fixture.event(1), Fixture.event(2), Fixture.event(1), Fixture.event(1)].joined(separator: "\n")
        let report = try await fixture.ingest(body)
        #expect(report.accepted == 2 && report.duplicates == 2)
        #expect(fixture.log.values(in: Topic.siteEvents(site: "SITE-1")) == [Fixture.event(1), Fixture.event(2)])
    }

    @Test("a failed append lets go of its ids: the retry is accepted, not called a duplicate")
    func failureReleases() async throws {
        let fixture = Fixture()
        fixture.log.fail(1)
        let error = await #expect(throws: IngestError.self) { try await fixture.ingest(Fixture.event(1)) }
        #expect(error?.status == 503 && error?.code.name == "log.disk_full" && error?.isRetriable == true)
        #expect(try await fixture.ingest(Fixture.event(1)) == IngestReport(accepted: 1))
        #expect(try await fixture.ingest(Fixture.event(1)) == IngestReport(duplicates: 1))
    }

    @Test("of many requests with the same event at once one is accepted")
    func racesHaveOneWinner() async throws {
        let fixture = Fixture()
        let body = (0..<50).map { Fixture.event($0) }.joined(separator: "\n")
        let reports = try await withThrowingTaskGroup(of: IngestReport.self) { group in
            for _ in 0..<40 { group.addTask { try await fixture.ingest(body) } }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(reports.reduce(0) { $0 + $1.accepted } == 50)
        #expect(reports.reduce(0) { $0 + $1.duplicates } == 39 * 50)
        #expect(Set(fixture.log.records.map(\.value)).count == 50 && fixture.log.records.count == 50)
    }

    @Test("a duplicate of an event that is being appended is answered when that one is durable")
    func waitsForTheHolder() async throws {
        let fixture = Fixture()
        fixture.log.hold()
        let first = Task { try await fixture.ingest(Fixture.event(1)) }
        await fixture.log.appendIsHeld()
        let second = Task { try await fixture.ingest(Fixture.event(1)) }
        #expect(fixture.log.records.isEmpty)
        fixture.log.letGo()
        #expect(try await first.value == IngestReport(accepted: 1))
        #expect(try await second.value == IngestReport(duplicates: 1))
        #expect(fixture.log.records.count == 1)
    }

    @Test("when the first append fails, whoever waited for it takes over")
    func takesOver() async throws {
        let fixture = Fixture()
        fixture.log.hold()
        fixture.log.fail(1)
        let first = Task { try await fixture.ingest(Fixture.event(1)) }
        await fixture.log.appendIsHeld()
        let others = (0..<5).map { _ in Task { try await fixture.ingest(Fixture.event(1)) } }
        fixture.log.letGo()
        await #expect(throws: IngestError.self) { try await first.value }
        var reports: [IngestReport] = []
        for other in others { reports.append(try await other.value) }
        #expect(reports.reduce(0) { $0 + $1.accepted } == 1 && reports.reduce(0) { $0 + $1.duplicates } == 4)
        #expect(fixture.log.records.count == 1)
    }

    @Test("bodies that hold each other's events both finish")
    func crossingBodiesFinish() async throws {
        for round in 0..<20 {
            let fixture = Fixture()
            let (a, b) = (Fixture.event(2 * round), Fixture.event(2 * round + 1))
            async let first = fixture.ingest(a + "\n" + b)
            async let second = fixture.ingest(b + "\n" + a)
            let reports = try await [first, second]
            #expect(reports.reduce(0) { $0 + $1.accepted } == 2 && reports.reduce(0) { $0 + $1.duplicates } == 2)
        }
    }

    @Test("a restart remembers from the log what was accepted")
    func rebuilds() async throws {
        let fixture = Fixture()
        let body = (0..<500).map { Fixture.event($0, site: "SITE-\($0 % 9)") }.joined(separator: "\n")
        _ = try await fixture.ingest(body + "\nbroken")
        let reopened = IngestDoor(log: fixture.log, symbols: SymbolTable(), clock: { Timestamp(milliseconds: 0) })
        #expect(try await reopened.recall() == RecallReport(readIDs: 500))
        let report = try await reopened.ingest(
            body: Array((body + "\n" + Fixture.event(900)).utf8), contentType: nil, contentEncoding: nil, tenant: Fixture.tenant,
            source: "test")
        #expect(report.duplicates == 500 && report.accepted == 1)
        var limits = IngestLimits.standard
        limits.duplicateIDs = 102
        let partly = IngestDoor(log: fixture.log, symbols: SymbolTable(), limits: limits, clock: { Timestamp(milliseconds: 0) })
        #expect(try await partly.recall().readIDs >= 102, "a generation of events: what else lies between them does not count")
    }
}
