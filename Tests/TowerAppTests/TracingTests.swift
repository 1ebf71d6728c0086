import Foundation
import Logging
import Synchronization
import Testing
import TowerModel
@testable import TowerPipeline
import TowerStreaming

@testable import TowerApp

@Suite struct TracerTests {
    private static func tracer(ratio: Double, queue: SpanQueue = SpanQueue()) -> Tracer {
        let number = Mutex<UInt8>(0)
        return Tracer(ratio: ratio, queue: queue, nowNs: { 5_000_000_000 }) { count in
            number.withLock { number in
                number &+= 1
                return [UInt8](repeating: number, count: count)
            }
        }
    }

    @Test(arguments: [(0.0, 0), (0.01, 10), (0.5, 500), (1.0, 1000)])
    func theRatioIsKeptEvenly(ratio: Double, traced: Int) {
        let tracer = Self.tracer(ratio: ratio)
        #expect((0..<1000).count { _ in tracer.begin(nil) != nil } == traced)
    }

    @Test func aCallersWishIsFollowed() throws {
        let caller = TraceContext(traceHigh: 7, traceLow: 8, span: 9)
        let request = try #require(Self.tracer(ratio: 0).begin(caller.traceparent))
        #expect(request.context.traceID == caller.traceID && request.parent == 9 && request.context.span != 9)
        let unsampled = String(caller.traceparent.dropLast(2)) + "00"
        #expect(Self.tracer(ratio: 1).begin(unsampled) == nil)
        #expect(Self.tracer(ratio: 1).begin("nonsense")?.parent == 0)
    }

    @Test func aGroupsStepsLieInsideItsSpanAndBelowTheAppend() throws {
        let queue = SpanQueue()
        let tracer = Self.tracer(ratio: 1, queue: queue)
        let append = TraceContext(traceHigh: 1, traceLow: 2, span: 3)
        tracer.processed(
            SliceReport(
                group: "aiops-engine", records: 4, newestMs: 0, arrivals: [], canaries: [], traces: [append],
                steps: .init(asked: 1000, read: 2000, decided: 5000, written: 9000)))
        let spans = queue.take(max: 10)
        let group = try #require(spans.first)
        #expect(spans.count == 4 && group.parent == 3 && group.context == append.child("aiops-engine"))
        #expect(group.startNs == 5_000_000_000 - 8000 && group.endNs == 5_000_000_000)
        for step in spans.dropFirst() {
            #expect(step.parent == group.context.span && step.startNs >= group.startNs && step.endNs <= group.endNs)
        }
        #expect(Set(spans.map(\.context.span)).count == 4)
    }

    @Test func aFullQueueDropsAndCounts() {
        let queue = SpanQueue(capacity: 3)
        let span = Span(context: TraceContext(traceHigh: 1, traceLow: 1, span: 1), parent: 0, name: "x", kind: .server, startNs: 0, endNs: 1)
        for _ in 0..<5 { queue.add(span) }
        #expect(queue.counts.overflowed == 2)
        #expect(queue.take(max: 2).count == 2 && queue.take(max: 2).count == 1 && queue.take(max: 2).isEmpty)
    }

    @Test func theDocumentIsOTLP() throws {
        var span = Span(
            context: TraceContext(traceHigh: 0x1, traceLow: 0x2, span: 0x3), parent: 0x4, name: "in\"gest", kind: .server, startNs: 10, endNs: 20)
        span.attributes = [.init(key: "n", value: .number(5)), .init(key: "t", value: .text("x"))]
        span.failure = "log.disk_full"
        let bytes = OTLPDocument.json([span], resource: [("service.name", "towerco")])
        let root = try #require(try JSONSerialization.jsonObject(with: Data(bytes)) as? [String: Any])
        let resource = try #require((root["resourceSpans"] as? [[String: Any]])?.first)
        let scope = try #require((resource["scopeSpans"] as? [[String: Any]])?.first)
        let written = try #require((scope["spans"] as? [[String: Any]])?.first)
        #expect(written["traceId"] as? String == "00000000000000010000000000000002")
        #expect(written["spanId"] as? String == "0000000000000003" && written["parentSpanId"] as? String == "0000000000000004")
        #expect(written["name"] as? String == "in\"gest" && written["kind"] as? Int == 2)
        #expect(written["startTimeUnixNano"] as? String == "10" && written["endTimeUnixNano"] as? String == "20")
        #expect((written["status"] as? [String: Any])?["code"] as? Int == 2)
        #expect((written["attributes"] as? [[String: Any]])?.count == 2)
    }
}

@Suite struct JSONLogTests {
    @Test func aLineIsOneObjectWithItsMetadata() throws {
        let lines = Mutex<[[UInt8]]>([])
        var logger = Logger(label: "test") { label in
            JSONLogHandler(label: label, clock: { Timestamp(milliseconds: 0) }) { line in lines.withLock { $0.append(line) } }
        }
        logger[metadataKey: "trace_id"] = "abc"
        logger.warning("two\nlines \"quoted\"", metadata: ["list": ["a", "b"], "map": ["k": "v"], "level": "spoofed"])
        logger.debug("below the level")
        let written = lines.withLock { $0 }
        #expect(written.count == 1 && written[0].filter { $0 == 0x0A }.count == 1 && written[0].last == 0x0A)
        let object = try #require(try JSONSerialization.jsonObject(with: Data(written[0])) as? [String: Any])
        #expect(object["level"] as? String == "warning" && object["message"] as? String == "two\nlines \"quoted\"")
        #expect(object["trace_id"] as? String == "abc" && object["list"] as? [String] == ["a", "b"])
        #expect((object["map"] as? [String: String])?["k"] == "v" && (object["ts"] as? String)?.hasPrefix("1970-01-01T00:00:00") == true)
    }
}
