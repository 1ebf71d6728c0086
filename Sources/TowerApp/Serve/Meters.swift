import Synchronization
import TowerModel
import TowerPipeline
import TowerStreaming

/// What the process measures of itself, for `/metrics` and the platform page.
final class Meters: Sendable {
    /// Door to acknowledgement: check, append, sync.
    let append = LatencyHistogram()
    /// Event accepted → decision written to the log.
    let decision = LatencyHistogram()
    /// The log's part of `append`.
    let logAppend = BucketHistogram()
    let sync = BucketHistogram()
    let slices = HistogramFamily(Role.groups)
    /// Event accepted → a group's work on it done.
    let processing = HistogramFamily(Role.groups)
    let stores = StoreMeters()
    let notify = NotificationMeters()
    let canary: CanaryMeters
    let sample: PlatformSample
    /// `nil` where no collector is named.
    let tracer: Tracer?
    let startedAt: Timestamp

    private struct State {
        /// Accepted in total at the start of each of the last seconds, newest last.
        var accepted: [(seconds: Double, total: Int64)] = []
        /// Newest arrival of the projection's slice at hand, and where it ends.
        var projecting: (next: Int64, newestMs: Int64) = (0, 0)
    }
    private let state = Mutex(State())

    init(startedAt: Timestamp, tracer: Tracer? = nil) {
        self.startedAt = startedAt
        self.tracer = tracer
        canary = CanaryMeters(startedMs: startedAt.milliseconds)
        sample = PlatformSample(startedMs: startedAt.milliseconds)
    }

    var observe: @Sendable (ProcessorEvent) -> Void {
        { [self] event in
            switch event {
            case .began(ProjectionProcessor.groupName, let next, let newestMs): state.withLock { $0.projecting = (next, newestMs) }
            case .processed(let report): processed(report)
            case .began, .retry, .deadLetter, .failed: break
            }
        }
    }

    private func processed(_ report: SliceReport) {
        let nowMs = SystemSources.nowMilliseconds()
        let group = TenantShard.base(ofGroup: report.group)
        slices[group]?.record(seconds: report.steps.seconds)
        let histogram = processing[group]
        for arrival in report.arrivals {
            let passedMs = Double(max(0, nowMs - arrival.timestampMs))
            histogram?.record(seconds: passedMs / 1000, count: arrival.count)
            if group == Role.engine.rawValue {
                decision.record(milliseconds: passedMs, count: arrival.count, now: SystemSources.seconds())
            }
        }
        canary.processed(report, nowMs: nowMs)
        tracer?.processed(report)
    }

    /// When the newest event of the projection's slice that ends there was accepted, milliseconds.
    func acceptedMs(before next: Int64) -> Int64? {
        state.withLock { $0.projecting.next == next && $0.projecting.newestMs > 0 ? $0.projecting.newestMs : nil }
    }

    /// Events a second over the last ten seconds or so, from totals seen whenever somebody asks.
    func rate(total: Int64, now: Double) -> Double {
        state.withLock { state in
            if state.accepted.last.map({ now - $0.seconds >= 1 }) ?? true { state.accepted.append((now, total)) }
            while state.accepted.count > 2, now - state.accepted[1].seconds > 10 { state.accepted.removeFirst() }
            guard let first = state.accepted.first, now - first.seconds > 0.5 else { return 0 }
            return Double(total - first.total) / (now - first.seconds)
        }
    }
}
