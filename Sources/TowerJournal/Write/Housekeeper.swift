/// Does what need not be done before an append is answered: footers of sealed segments, zero-filling of the next one.
///
/// - Concurrency: one thread, jobs in order; or, for tests that count disk calls, at once in the caller's thread.
final class Housekeeper: Sendable {
    private struct State {
        var jobs: [@Sendable () -> Void] = []
        var isStopping = false
        var isDone = false
    }
    private let monitor: Monitor<State>?

    init(isInline: Bool) throws(DiskError) {
        guard !isInline else {
            monitor = nil
            return
        }
        let monitor = Monitor(State())
        self.monitor = monitor
        try startThread("journal-keeper") {
            while let job = monitor.wait({ state -> (@Sendable () -> Void)?? in
                if !state.jobs.isEmpty { return .some(state.jobs.removeFirst()) }
                return state.isStopping ? .some(nil) : nil
            }) { job() }
            monitor.update { $0.isDone = true }
        }
    }

    func submit(_ job: @escaping @Sendable () -> Void) {
        guard let monitor else { return job() }
        monitor.update { $0.jobs.append(job) }
    }

    /// Does what is queued, ends the thread, then returns. For a thread of our own: it waits.
    func stop() {
        guard let monitor else { return }
        monitor.update { $0.isStopping = true }
        monitor.wait { $0.isDone ? () : nil }
    }
}
