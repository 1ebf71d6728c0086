public import Glibc

/// State behind a lock on which threads can wait: what `Mutex` lacks. Only for our own threads; tasks never wait here.
public final class Monitor<State>: @unchecked Sendable {
    @usableFromInline var state: State
    @usableFromInline let lock = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    @usableFromInline let changed = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)

    public init(_ state: State) {
        self.state = state
        pthread_mutex_init(lock, nil)
        pthread_cond_init(changed, nil)
    }

    deinit {
        pthread_cond_destroy(changed)
        pthread_mutex_destroy(lock)
        changed.deallocate()
        lock.deallocate()
    }

    /// Runs `body` alone and wakes the waiting threads.
    @inlinable
    public func update<Answer, Failure: Error>(_ body: (inout State) throws(Failure) -> Answer) throws(Failure) -> Answer {
        pthread_mutex_lock(lock)
        defer {
            pthread_cond_broadcast(changed)
            pthread_mutex_unlock(lock)
        }
        return try body(&state)
    }

    /// Runs `body` alone; it changes nothing that somebody waits for.
    @inlinable
    public func read<Answer>(_ body: (State) -> Answer) -> Answer {
        pthread_mutex_lock(lock)
        defer { pthread_mutex_unlock(lock) }
        return body(state)
    }

    /// Waits until `body` gives an answer.
    @inlinable
    public func wait<Answer>(_ body: (inout State) -> Answer?) -> Answer {
        pthread_mutex_lock(lock)
        defer { pthread_mutex_unlock(lock) }
        while true {
            if let answer = body(&state) { return answer }
            pthread_cond_wait(changed, lock)
        }
    }
}
