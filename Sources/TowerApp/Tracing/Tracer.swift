import Synchronization
import TowerNotify
import TowerPipeline
import TowerStreaming

/// Decides which requests are traced and makes their spans.
///
/// - A caller that sampled its own trace is followed, one that says not to is not; of the others one in so many begins a trace.
/// - Cost for a request that is not traced: one atomic addition.
final class Tracer: Sendable {
    let queue: SpanQueue
    private let ratio: Double
    private let requests = Atomic<Int>(0)
    private let nowNs: @Sendable () -> UInt64
    private let randomBytes: @Sendable (Int) -> [UInt8]

    /// - Parameters:
    ///   - ratio: share of requests without a caller's trace that begin one, 0...1.
    ///   - nowNs: nanoseconds since the epoch.
    init(
        ratio: Double, queue: SpanQueue = SpanQueue(), nowNs: @escaping @Sendable () -> UInt64,
        randomBytes: @escaping @Sendable (Int) -> [UInt8]
    ) {
        self.ratio = min(max(ratio, 0), 1)
        self.queue = queue
        self.nowNs = nowNs
        self.randomBytes = randomBytes
    }

    /// A request at the door that is traced.
    struct Request: Sendable {
        /// Of the span `ingest`.
        let context: TraceContext
        let parent: UInt64
        let startNs: UInt64
    }

    func begin(_ traceparent: String?) -> Request? {
        var caller: TraceContext?
        switch traceparent.flatMap(TraceContext.parse) {
        case .sampled(let context): caller = context
        case .unsampled: return nil
        case nil: guard isDrawn() else { return nil }
        }
        let random = randomBytes(24)
        func word(_ at: Int) -> UInt64 { max(random[at..<at + 8].reduce(0) { $0 << 8 | UInt64($1) }, 1) }
        let context = TraceContext(
            traceHigh: caller?.traceHigh ?? word(0), traceLow: caller?.traceLow ?? word(8), span: word(16))
        return Request(context: context, parent: caller?.span ?? 0, startNs: nowNs())
    }

    /// Evenly: of a thousand requests at a ratio of 0.01, ten.
    private func isDrawn() -> Bool {
        guard ratio > 0 else { return false }
        let number = requests.wrappingAdd(1, ordering: .relaxed).newValue
        return (Double(number) * ratio).rounded(.down) != (Double(number - 1) * ratio).rounded(.down)
    }

    func end(_ request: Request, accepted: Int, rejected: Int, failure: String?) {
        var span = Span(
            context: request.context, parent: request.parent, name: "ingest", kind: .server, startNs: request.startNs, endNs: nowNs())
        span.attributes = [
            .init(key: "towerco.events.accepted", value: .number(accepted)),
            .init(key: "towerco.events.rejected", value: .number(rejected)),
        ]
        span.failure = failure
        queue.add(span)
    }

    /// The log's part of a request: `ingest` is the request's context.
    func appended(_ duration: Duration, of ingest: TraceContext) {
        let end = nowNs()
        let ns = UInt64(max(0, duration.components.seconds)) * 1_000_000_000 + UInt64(max(0, duration.components.attoseconds / 1_000_000_000))
        queue.add(
            Span(
                context: ingest.child("append"), parent: ingest.span, name: "append", kind: .producer, startNs: end - min(ns, end),
                endNs: end))
    }

    /// A message's way to its target, tries and waits included; `decided` is the group's span of the event that made it.
    func notified(_ finished: NotificationOutbox.Finished, in decided: TraceContext) {
        let end = nowNs()
        var span = Span(
            context: decided.child("notify \(finished.deliveryID)"), parent: decided.span, name: "notify", kind: .client,
            startNs: end - min(end, UInt64(max(0, finished.sendingSeconds) * 1e9)), endNs: end)
        span.attributes = [
            .init(key: "towerco.notify.channel", value: .text(finished.channel.rawValue)),
            .init(key: "towerco.notify.attempts", value: .number(finished.attempts)),
        ]
        span.failure = finished.reason
        queue.add(span)
    }

    /// A group's work on a slice that held records of traced requests: a span each, and its three steps below it.
    func processed(_ report: SliceReport) {
        guard !report.traces.isEmpty else { return }
        let end = nowNs()
        let steps = report.steps
        // The runner's clock has another beginning.
        func time(_ at: UInt64) -> UInt64 { end - min(end, steps.written - min(at, steps.written)) }
        for context in report.traces {
            let own = context.child(report.group)
            let attributes: [Span.Attribute] = [
                .init(key: "messaging.consumer.group.name", value: .text(report.group)),
                .init(key: "messaging.batch.message_count", value: .number(report.records)),
            ]
            queue.add(
                Span(
                    context: own, parent: context.span, name: report.group, kind: .consumer, startNs: time(steps.asked), endNs: end,
                    attributes: attributes))
            for (name, from, to) in [
                ("decode", steps.asked, steps.read), ("decide", steps.read, steps.decided), ("write", steps.decided, steps.written),
            ] {
                queue.add(
                    Span(
                        context: own.child(name), parent: own.span, name: "\(report.group) \(name)", kind: .internal, startNs: time(from),
                        endNs: time(to)))
            }
        }
    }
}
