import Glibc
import Synchronization
import TowerStreaming

/// A thread of our own for calls that block: librdkafka must never hold up the few threads that tasks share.
///
/// - Concurrency: work runs in the order of the calls, one at a time. After `stop` what waits is still done, later work refused.
final class WorkThread: @unchecked Sendable {
    private struct State {
        var work: [@Sendable () -> Void] = []
        var isStopped = false
    }
    private var state = State()
    private let lock = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let changed = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)

    /// Throws `io` when the system gives no thread.
    init(_ name: String) throws(EventLogError) {
        pthread_mutex_init(lock, nil)
        pthread_cond_init(changed, nil)
        try startThread(name) { self.loop() }
    }

    deinit {
        pthread_cond_destroy(changed)
        pthread_mutex_destroy(lock)
        changed.deallocate()
        lock.deallocate()
    }

    /// False when the thread is stopped.
    @discardableResult
    func submit(_ body: @escaping @Sendable () -> Void) -> Bool {
        pthread_mutex_lock(lock)
        defer { pthread_mutex_unlock(lock) }
        guard !state.isStopped else { return false }
        state.work.append(body)
        pthread_cond_signal(changed)
        return true
    }

    /// Runs `body` there and gives its answer. Throws `closed` when the thread is stopped.
    func run<Answer: Sendable>(_ body: @escaping @Sendable () throws -> Answer) async throws -> Answer {
        try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Answer, any Error>) in
            let isTaken = submit { continuation.resume(with: Result(catching: body)) }
            if !isTaken { continuation.resume(throwing: EventLogError.kafkaClosed) }
        }
    }

    /// The thread ends after what waits is done; does not wait for it.
    func stop() {
        pthread_mutex_lock(lock)
        state.isStopped = true
        pthread_cond_signal(changed)
        pthread_mutex_unlock(lock)
    }

    private func loop() {
        while true {
            pthread_mutex_lock(lock)
            while state.work.isEmpty, !state.isStopped { pthread_cond_wait(changed, lock) }
            let work = state.work
            state.work = []
            pthread_mutex_unlock(lock)
            if work.isEmpty { return }
            for body in work { body() }
        }
    }
}

/// Starts a thread that runs `body` and ends.
func startThread(_ name: String, _ body: @escaping @Sendable () -> Void) throws(EventLogError) {
    final class Box {
        let body: @Sendable () -> Void
        init(_ body: @escaping @Sendable () -> Void) { self.body = body }
    }
    var thread = pthread_t()
    let box = Unmanaged.passRetained(Box(body))
    let result = pthread_create(
        &thread, nil,
        { argument in
            guard let argument else { return nil }
            Unmanaged<Box>.fromOpaque(argument).takeRetainedValue().body()
            return nil
        }, box.toOpaque())
    guard result == 0 else {
        box.release()
        throw EventLogError(.io, "could not start thread \(name): \(String(cString: strerror(result))); look at the limits of this process")
    }
    pthread_detach(thread)
}

extension EventLogError {
    static var kafkaClosed: EventLogError { EventLogError(.closed, "the log is closed; open it again") }
}
