import Testing
import TowerPipeline
import TowerStreaming

@testable import TowerApp

@Suite struct ExpositionTests {
    private static let plain = Metric(.gauge, "towerco_app_example", [], "An example.")
    private static let labelled = Metric(.counter, "towerco_app_examples_total", ["kind"], "Examples.")

    @Test func aFamilyHasItsHelpAndTypeAlsoWithoutSamples() {
        var page = Exposition()
        page.add(Self.plain, 3)
        page.add(Self.labelled, [(label: String, value: Double)]())
        #expect(
            page.text == """
                # HELP towerco_app_example An example.
                # TYPE towerco_app_example gauge
                towerco_app_example 3
                # HELP towerco_app_examples_total Examples.
                # TYPE towerco_app_examples_total counter

                """)
    }

    @Test(arguments: [("a\"b", "a\\\"b"), ("a\\b", "a\\\\b"), ("a\nb", "a\\nb"), (String(repeating: "x", count: 500), String(repeating: "x", count: 128))])
    func labelsAreEscapedAndBounded(value: String, written: String) {
        var page = Exposition()
        page.add(Self.labelled, [(label: value, value: 1)])
        #expect(page.text.hasSuffix("{kind=\"\(written)\"} 1\n"))
    }

    @Test(arguments: [(1.0, "1"), (0.25, "0.25"), (1e20, "1e+20"), (.nan, "NaN"), (.infinity, "+Inf"), (-.infinity, "-Inf")])
    func numbersAreShort(number: Double, written: String) { #expect(Exposition.number(number) == written) }

    @Test func aHistogramIsCumulativeAndEndsAtEverything() {
        let histogram = BucketHistogram()
        for seconds in [0.00005, 0.0001, 0.9, 1, 1.1, 1000] { histogram.record(seconds: seconds) }
        var page = Exposition()
        page.add(Metric(.histogram, "towerco_app_example_seconds", [], "An example."), histogram)
        let lines = page.text.split(separator: "\n").map(String.init)
        #expect(lines.contains("towerco_app_example_seconds_bucket{le=\"0.0001\"} 2"))
        #expect(lines.contains("towerco_app_example_seconds_bucket{le=\"1\"} 4"))
        #expect(lines.contains("towerco_app_example_seconds_bucket{le=\"300\"} 5"))
        #expect(lines.contains("towerco_app_example_seconds_bucket{le=\"+Inf\"} 6"))
        #expect(lines.last == "towerco_app_example_seconds_count 6")
    }

    @Test func aFamilyCountsOnlyTheLabelsItWasMadeFor() {
        let family = HistogramFamily(["a", "b"])
        family["a"]?.record(seconds: 1)
        #expect(family["stranger"] == nil)
        #expect(family.sorted.map(\.label) == ["a", "b"] && family.sorted.map(\.histogram.count) == [1, 0])
    }

    @Test func theProcessKnowsItself() {
        let facts = ProcessFacts.read()
        #expect(facts.residentBytes > 1 << 20 && facts.virtualBytes > facts.residentBytes)
        #expect(facts.openFiles >= 3 && facts.maxFiles > facts.openFiles && facts.threads >= 1)
        #expect(facts.startSeconds > 1_600_000_000)
    }
}

@Suite struct DeadLetterWatchTests {
    private static func letter(_ tenant: String) -> Record {
        Record(topic: Topic.deadLetters(tenant: tenant), key: nil, value: [0x7B])
    }

    @Test func aLetterIsUntreatedUntilItIsSentAgainOrTooOld() async throws {
        let log = InMemoryLog(clock: { 1_000_000 })
        let watch = DeadLetterWatch(log: log, watchedHours: 1)
        try await watch.refresh(nowMs: 1_000_000)
        #expect(watch.untreated.count == 0 && watch.untreated.oldestMs == nil)
        let places = try await log.append([Self.letter("acme"), Self.letter("acme"), Self.letter("rival")])
        try await watch.refresh(nowMs: 1_000_000)
        #expect(watch.untreated.count == 3 && watch.untreated.oldestMs == 1_000_000)

        let topic = Topic.deadLetters(tenant: "acme")
        func outcome(_ offset: Int64, _ result: DeadLetterOutcome.Result) throws -> Record {
            try #require(DeadLetterOutcome(topic: topic, offset: offset, result: result, by: "ada").record())
        }
        // Refused again: it waits as before.
        _ = try await log.append([try outcome(places[1].offset, .rejected)])
        try await watch.refresh(nowMs: 1_000_000)
        #expect(watch.untreated.count == 3)
        let told = try outcome(places[1].offset, .accepted)
        _ = try await log.append([told, told])
        try await watch.refresh(nowMs: 1_000_000)
        #expect(watch.untreated.count == 2)

        // Another process that starts now comes to the same.
        let other = DeadLetterWatch(log: log, watchedHours: 1)
        try await other.refresh(nowMs: 1_000_000)
        #expect(other.untreated.count == 2)

        // Too old to wait for: all of the topic before an offset.
        _ = try await log.append([try outcome(places[1].offset, .expired)])
        try await other.refresh(nowMs: 1_000_000)
        #expect(other.untreated.count == 1)

        try await watch.refresh(nowMs: 1_000_000 + 3_600_001)
        #expect(watch.untreated.count == 0)
    }

    @Test func aRecordThatIsNoOutcomeSaysNothing() {
        #expect(DeadLetterOutcome(StoredRecord(record: Self.letter("acme"), offset: 0, sequence: 0, timestampMs: 0)) == nil)
        #expect(DeadLetterOutcome(topic: Topic.audit, offset: 1, result: .accepted, by: "").record() == nil)
    }

    @Test(arguments: DeadLetterOutcome.Result.allCases) func anOutcomeIsReadAsItWasWritten(result: DeadLetterOutcome.Result) throws {
        var outcome = DeadLetterOutcome(
            topic: Topic.deadLetters(tenant: "acme"), offset: 7, result: result, by: "ada", why: "wider than it is", code: "json.syntax",
            isEdited: true, count: 3)
        let record = try #require(outcome.record(sent: [0x7B]))
        #expect(record.topic == Topic.deadLetterOutcomes(tenant: "acme") && record.value == [0x7B])
        outcome.atMs = 5
        #expect(DeadLetterOutcome(StoredRecord(record: record, offset: 0, sequence: 0, timestampMs: 5)) == outcome)
    }
}
