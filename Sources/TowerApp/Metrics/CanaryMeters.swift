import Synchronization
import TowerPipeline
import TowerStreaming

/// How the platform's own probes fare.
final class CanaryMeters: Sendable {
    enum Stage: String, CaseIterable { case projected, visible }
    let latency = HistogramFamily(Stage.allCases.map(\.rawValue))

    struct Counts: Sendable {
        var sent = 0
        var failed = 0
        /// Milliseconds since the epoch.
        var lastSuccessMs: Int64
    }
    private let state: Mutex<Counts>
    /// Canaries that were projected and wait to be seen through the store; the oldest give way.
    let projected: AsyncStream<StoredPosition>
    private let projecting: AsyncStream<StoredPosition>.Continuation

    init(startedMs: Int64) {
        state = Mutex(Counts(lastSuccessMs: startedMs))
        (projected, projecting) = AsyncStream.makeStream(of: StoredPosition.self, bufferingPolicy: .bufferingNewest(256))
    }

    var counts: Counts { state.withLock { $0 } }
    func sent() { state.withLock { $0.sent += 1 } }
    func failed() { state.withLock { $0.failed += 1 } }

    func processed(_ report: SliceReport, nowMs: Int64) {
        for canary in report.canaries {
            latency[Stage.projected.rawValue]?.record(seconds: Double(max(0, nowMs - canary.timestampMs)) / 1000)
            projecting.yield(canary)
        }
    }

    /// None is expected here for the time being.
    func waits(nowMs: Int64) { state.withLock { $0.lastSuccessMs = max($0.lastSuccessMs, nowMs) } }

    func visible(_ canary: StoredPosition, nowMs: Int64) {
        latency[Stage.visible.rawValue]?.record(seconds: Double(max(0, nowMs - canary.timestampMs)) / 1000)
        state.withLock { $0.lastSuccessMs = max($0.lastSuccessMs, nowMs) }
    }
}
