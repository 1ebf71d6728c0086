import TowerStreaming
import TowerThreads

/// A thread of our own for calls that block: librdkafka must never hold up the few threads that tasks share.
///
/// - Concurrency: work runs in the order of the calls, one at a time. After `stop` what waits is still done, later work refused.
final class WorkThread: Sendable {
    private struct State {
        var work: [@Sendable () -> Void] = []
        var isStopped = false
    }
    private let monitor = Monitor(State())

    /// Throws `io` when the system gives no thread.
    init(_ name: String) throws(EventLogError) {
        try startWorker(name) { [monitor] in Self.loop(monitor) }
    }

    /// False when the thread is stopped.
    @discardableResult
    func submit(_ body: @escaping @Sendable () -> Void) -> Bool {
        monitor.update { state in
            guard !state.isStopped else { return false }
            state.work.append(body)
            return true
        }
    }

    /// Runs `body` there and gives its answer. Throws `closed` when the thread is stopped.
    func run<Answer: Sendable>(_ body: @escaping @Sendable () throws -> Answer) async throws -> Answer {
        try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Answer, any Error>) in
            let isTaken = submit { continuation.resume(with: Result(catching: body)) }
            if !isTaken { continuation.resume(throwing: EventLogError.kafkaClosed) }
        }
    }

    /// The thread ends after what waits is done; does not wait for it.
    func stop() { monitor.update { $0.isStopped = true } }

    private static func loop(_ monitor: Monitor<State>) {
        while true {
            let work = monitor.wait { state -> [@Sendable () -> Void]? in
                guard !state.work.isEmpty || state.isStopped else { return nil }
                defer { state.work = [] }
                return state.work
            }
            if work.isEmpty { return }
            for body in work { body() }
        }
    }
}

/// A thread of this room: what the log tells of one that could not be started.
func startWorker(_ name: String, _ body: @escaping @Sendable () -> Void) throws(EventLogError) {
    do { try startThread(name, body) } catch { throw EventLogError(.io, error.description) }
}

extension EventLogError {
    static var kafkaClosed: EventLogError { EventLogError(.closed, "the log is closed; open it again") }
}
