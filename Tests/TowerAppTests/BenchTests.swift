import Foundation
import Testing

@testable import TowerApp

@Suite struct QuantileHistogramTests {
    /// Spread over five decades, so that small and large buckets both count.
    static func values(_ count: Int, seed: UInt64) -> [Int64] {
        var words = SeededWords(state: seed)
        return (0..<count).map { _ in Int64(words.next() % 1000) << Int64(words.next() % 22) }
    }

    @Test(arguments: [1, 2, 3, 10, 999, 20_000], [UInt64(1), 2, 3])
    func quantilesAreThoseOfTheSortedValuesToWithinABucket(count: Int, seed: UInt64) {
        let values = Self.values(count, seed: seed)
        var histogram = QuantileHistogram()
        for value in values { histogram.record(value) }
        let sorted = values.sorted()
        for share in [0.0, 0.001, 0.25, 0.5, 0.9, 0.99, 0.999, 1] {
            let exact = sorted[max(1, Int((Double(count) * share).rounded(.up))) - 1]
            let found = histogram.quantile(share)
            #expect(
                found >= exact && Double(found) <= Double(exact) * (1 + 1.0 / 128) + 1,
                "\(share) of \(count): \(found), not \(exact)")
        }
        #expect(histogram.count == count && histogram.maximum == sorted.last)
    }

    @Test func mergedHistogramsAreOneOfAllValues() {
        let values = Self.values(5000, seed: 9)
        var parts = [QuantileHistogram(), QuantileHistogram()]
        var whole = QuantileHistogram()
        for (index, value) in values.enumerated() {
            parts[index % 2].record(value)
            whole.record(value)
        }
        parts[0].merge(parts[1])
        #expect([0.1, 0.5, 0.99, 1].allSatisfy { parts[0].quantile($0) == whole.quantile($0) })
        #expect(parts[0].count == whole.count && parts[0].maximum == whole.maximum)
    }

    @Test(arguments: [Int64(-5), 0, 127, 128, 1 << 39, 1 << 40, .max])
    func anyValueHasABucketAndTheMaximumIsExact(value: Int64) {
        var histogram = QuantileHistogram()
        histogram.record(value)
        #expect(histogram.quantile(0.5) <= max(value, 0) && histogram.maximum == max(value, 0))
    }

    @Test func nothingRecordedIsZero() { #expect(QuantileHistogram().quantile(0.99) == 0) }
}

@Suite struct BenchResultTests {
    /// The fields that docs/benchmarks.md promises and the peers print.
    static let fields: Set = [
        "name", "events", "bytes", "wall_s", "cpu_s", "events_per_s", "events_per_cpu_s", "other_cpu_s", "cores", "machine",
        "durability", "topics", "batch", "callers", "version", "date",
    ]

    static func object(_ result: BenchResult) throws -> [String: Any] {
        let parsed = try JSONSerialization.jsonObject(with: Data(result.json.utf8))
        return try #require(parsed as? [String: Any])
    }

    @Test func aLineHasTheCommonFieldsAndThoseOfItsKind() throws {
        var result = BenchResult("quote \" backslash \\ line\nend")
        result.events = 1000
        result.wallSeconds = 0.5
        result.cpuSeconds = 0.25
        result.add("kept", .nan)
        result.add("roles", "all")
        let unknown = try Self.object(result)
        #expect(unknown["other_cpu_s"] is NSNull && (unknown["other_cpu"] as? String)?.hasPrefix("unknown") == true)
        #expect(BenchResult.summary("x", of: [result])?.otherCPUSeconds == nil, "unknown and known is unknown")
        result.otherCPUSeconds = 0.5
        let object = try Self.object(result)
        #expect(object["other_cpu_s"] as? Double == 0.5 && object["other_cpu"] == nil)
        #expect(Self.fields.isSubset(of: object.keys))
        #expect(object["name"] as? String == "quote \" backslash \\ line\nend")
        #expect(object["events_per_s"] as? Int == 2000 && object["events_per_cpu_s"] as? Int == 4000)
        #expect(object["durability"] as? String == "synced" && object["roles"] as? String == "all")
        #expect(object["kept"] is NSNull)
        #expect(!result.json.contains("\n"))
    }

    @Test func aSummaryTellsMedianLowestAndHighest() throws {
        let runs = [4.0, 1, 2].map { seconds in
            var run = BenchResult("append")
            run.events = 100
            run.wallSeconds = seconds
            run.cpuSeconds = 1
            return run
        }
        let object = try Self.object(try #require(BenchResult.summary("append", of: runs)))
        #expect(object["name"] as? String == "append.summary" && object["runs"] as? Int == 3)
        #expect(object["events_per_s_median"] as? Double == 50)
        #expect(object["events_per_s_lowest"] as? Double == 25 && object["events_per_s_highest"] as? Double == 100)
        #expect(BenchResult.summary("append", of: []) == nil)
    }

    static let medians: [([Double], Double)] = [([3], 3), ([1, 2], 1.5), ([5, 1, 3], 3), ([4, 1, 3, 2], 2.5)]

    @Test(arguments: medians)
    func theMedianIsTheMiddle(values: [Double], median: Double) { #expect(Spread(values)?.median == median) }
}

@Suite struct EventBodyTests {
    @Test func eventsHaveTheSizeAndShapeOfTheYardsticks() throws {
        var mix = TelemetryMix(tenant: "acme", seed: 3)
        let lines = mix.lines(500)
        #expect(lines.reduce(0) { $0 + $1.bytes.count } == 500 * TelemetryMix.meanBytes)
        var types: Set<String> = []
        for line in lines {
            let object = try #require(try JSONSerialization.jsonObject(with: Data(line.bytes)) as? [String: Any])
            #expect(
                Set(object.keys) == [
                    "event_id", "event_type", "tenant_id", "site_id", "timestamp", "version", "payload", "metadata",
                ])
            types.insert(try #require(object["event_type"] as? String))
        }
        #expect(types.count == TelemetryMix.kinds.count)
    }

    @Test func everyRenewalGivesNewIdsOtherSitesAndTheTimeOfNow() throws {
        var mix = TelemetryMix(tenant: "acme", seed: 3)
        var body = EventBody(lines: mix.lines(100), sites: 7, seed: 11, head: { "length \($0)\r\n" })
        #expect(String(decoding: body.bytes[..<body.bodyStart], as: UTF8.self) == "length \(body.bodyBytes)\r\n")
        var ids: Set<String> = []
        var sites: Set<String> = []
        for round in 0..<50 {
            body.renew(milliseconds: 1_767_323_045_678 + Int64(round) * 1000)
            for event in 0..<body.count {
                let ranges = body.ranges(event)
                let line = Data(body.bytes[ranges.line])
                let object = try #require(try JSONSerialization.jsonObject(with: line) as? [String: Any])
                let id = try #require(object["event_id"] as? String)
                #expect(UUID(uuidString: id) != nil && id == String(decoding: body.bytes[ranges.id], as: UTF8.self))
                ids.insert(id)
                let site = try #require(object["site_id"] as? String)
                #expect(site == String(decoding: body.bytes[ranges.site], as: UTF8.self))
                sites.insert(site)
                let second = String(
                    decoding: InstantText(milliseconds: 1_767_323_045_678 + Int64(round) * 1000).seconds, as: UTF8.self)
                #expect((object["timestamp"] as? String)?.hasPrefix(second) == true)
            }
        }
        #expect(ids.count == 5000, "an id that comes twice is a duplicate at the door")
        #expect(sites == Set((0..<7).map { "SITE-00000\($0)" }))
    }
}

@Suite struct HTTPAnswerTests {
    @Test func anAnswerMayArriveInAnyPieces() throws {
        let body = "{\"accepted\":480,\"duplicates\":19,\"rejected\":[{\"line\":3,\"a\":0}]}"
        let head = "HTTP/1.1 202 Accepted\r\ncontent-type: application/json\r\nCONTENT-LENGTH:  \(body.utf8.count)\r\n\r\n"
        let bytes = Array((head + body).utf8)
        for cut in 0...bytes.count {
            var answer = HTTPAnswer()
            try bytes[..<cut].withUnsafeBytes { try answer.take($0) }
            #expect(answer.isWhole == (cut == bytes.count))
            try bytes[cut...].withUnsafeBytes { try answer.take($0) }
            #expect(answer.isWhole && answer.status == 202)
            #expect(answer.count(of: "accepted") == 480 && answer.count(of: "duplicates") == 19)
            #expect(answer.objects(in: "rejected") == 1 && answer.count(of: "flagged") == nil)
        }
    }

    @Test(arguments: [
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", HTTPAnswer.Problem.lengthMissing),
        ("HTTP/1.1 xxx\r\nContent-Length: 0\r\n\r\n", .malformed),
        ("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\nmore", .malformed),
        ("HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\n", .tooLarge),
    ])
    func whatCannotBeReadIsAnError(text: String, problem: HTTPAnswer.Problem) {
        var answer = HTTPAnswer()
        #expect(throws: problem) { try Array(text.utf8).withUnsafeBytes { try answer.take($0) } }
    }
}

@Suite struct ProcessorTimeTests {
    @Test func busyTimeLeavesIdleAndWaitingOut() {
        #expect(ProcessorTime.busyTicks("cpu  1 2 4 1000 2000 8 16 32 64 128\ncpu0 9 9 9 9 9\n") == 63)
        #expect(ProcessorTime.busyTicks("nothing") == nil && ProcessorTime.busyTicks("cpu  0 0 0 0 0 0 0 0\n") == nil)
        #expect(ProcessorTime.others(from: 1, to: 9, without: 3) == 5 && ProcessorTime.others(from: 1, to: 2, without: 3) == 0)
        #expect(ProcessorTime.others(from: nil, to: 9, without: 3) == nil && ProcessorTime.others(from: 1, to: nil, without: 3) == nil)
    }

    @Test func aProcessMayHaveAnyName() {
        let stat = "7 (a) b (c) R 3 7 7 0 -1 4194304 100 0 0 0 11 22 33 44 20 0 1 0 5 0 0"
        #expect(ProcessorTime.row(stat) == ProcessorTime.Row(parent: 3, ticks: 110))
        #expect(ProcessorTime.row("7 (cut off") == nil && ProcessorTime.row("7 (a) R 3") == nil)
    }

    @Test func thisProcessHasAFamilyOfAtLeastItself() {
        #expect(ProcessorTime.seconds(ofProcesses: []) == 0)
        #expect(ProcessorTime.residentBytes(ProcessInfo.processInfo.processIdentifier) > 1 << 20)
    }
}

@Suite struct LoadPlanTests {
    @Test(arguments: [
        ("http://127.0.0.1:8080", "127.0.0.1", 8080), ("localhost:1", "127.0.0.1", 1), ("http://10.0.0.7:80/api", "10.0.0.7", 80),
    ])
    func addressesAreHostAndPort(url: String, host: String, port: Int) throws {
        let address = try IngestBench.address(url)
        #expect(address == (host, port))
    }

    @Test(arguments: ["", "http://", "http://host", "http://host:port", "http://127.0.0.1:70000"])
    func whatIsNoAddressIsWrongUse(url: String) {
        let error = #expect(throws: CommandFailure.self) { try IngestBench.address(url) }
        #expect(error?.isUsage == true)
    }

    @Test func requestsAreBoundByEventsAndByTheSchedule() {
        var plan = LoadPlan(port: 1, tenant: "acme", seed: 1)
        plan.batch = 500
        plan.events = 1001
        #expect(plan.requests == 3)
        plan.events = .max
        #expect(plan.requests == .max)
        plan.pace = .open(eventsPerSecond: 10_000)
        plan.seconds = 2
        #expect(plan.requests == 40)
    }

    @Test(arguments: ["http://127.0.0.1:80", "starting\n  http://127.0.0.1:", ""])
    func aPortIsReadOnlyWhenItIsWhole(text: String) { #expect(MeasuredServer.port(in: text) == nil) }

    @Test func theAnnouncedPortIsFound() { #expect(MeasuredServer.port(in: "  Towerco\n  http://127.0.0.1:40123\n") == 40_123) }
}
