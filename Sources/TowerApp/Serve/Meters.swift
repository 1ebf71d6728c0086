import Synchronization
import TowerModel
import TowerPipeline

/// What the process measures of itself, for `/metrics` and the platform page.
final class Meters: Sendable {
    /// Door to acknowledgement: check, append, sync.
    let append = LatencyHistogram()
    /// Event accepted → decision written to the log.
    let decision = LatencyHistogram()
    let startedAt: Timestamp

    private struct State {
        var retries: [String: Int] = [:]
        var deadLetters: [String: Int] = [:]
        /// Accepted in total at the start of each of the last seconds, newest last.
        var accepted: [(seconds: Double, total: Int64)] = []
    }
    private let state = Mutex(State())

    init(startedAt: Timestamp) { self.startedAt = startedAt }

    var observe: @Sendable (ProcessorEvent) -> Void {
        { [self] event in
            switch event {
            case .processed(let group, let records, let newestMs, _):
                guard group == "aiops-engine" else { return }
                let passed = Double(SystemSources.nowMilliseconds() - newestMs)
                decision.record(milliseconds: max(0, passed), count: records, now: SystemSources.seconds())
            case .retry(let group, _, _): state.withLock { $0.retries[group, default: 0] += 1 }
            case .deadLetter(let group, _): state.withLock { $0.deadLetters[group, default: 0] += 1 }
            case .failed: break
            }
        }
    }

    func retries() -> [String: Int] { state.withLock { $0.retries } }
    func deadLetters() -> [String: Int] { state.withLock { $0.deadLetters } }

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
