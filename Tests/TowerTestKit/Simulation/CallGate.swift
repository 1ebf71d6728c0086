import Glibc

/// Holds back the thread that makes the next disk call until it is opened.
final class CallGate: @unchecked Sendable {
    private let lock = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let changed = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    private var isOpen = true
    private var held = 0

    init() {
        pthread_mutex_init(lock, nil)
        pthread_cond_init(changed, nil)
    }

    deinit {
        pthread_cond_destroy(changed)
        pthread_mutex_destroy(lock)
        changed.deallocate()
        lock.deallocate()
    }

    private func locked<Answer>(_ body: () -> Answer) -> Answer {
        pthread_mutex_lock(lock)
        defer { pthread_mutex_unlock(lock) }
        return body()
    }

    func close() { locked { isOpen = false } }

    func open() {
        locked {
            isOpen = true
            pthread_cond_broadcast(changed)
        }
    }

    var isHolding: Bool { locked { held > 0 } }

    func pass() {
        locked {
            held += 1
            while !isOpen { pthread_cond_wait(changed, lock) }
            held -= 1
        }
    }
}
