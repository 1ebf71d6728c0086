import Glibc

/// Holds threads back until it is opened: to look at a journal while a sync is under way.
public final class SyncGate: @unchecked Sendable {
    private let lock = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let changed = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    private var isOpen = true
    private var held = 0

    public init() {
        pthread_mutex_init(lock, nil)
        pthread_cond_init(changed, nil)
    }

    deinit {
        pthread_cond_destroy(changed)
        pthread_mutex_destroy(lock)
        changed.deallocate()
        lock.deallocate()
    }

    public func close() {
        pthread_mutex_lock(lock)
        isOpen = false
        pthread_mutex_unlock(lock)
    }

    public func open() {
        pthread_mutex_lock(lock)
        isOpen = true
        pthread_cond_broadcast(changed)
        pthread_mutex_unlock(lock)
    }

    /// Returns when a thread is held back. Gives way meanwhile: the tasks' few threads must not wait here.
    public func waitUntilHeld() async {
        while !isHolding { await Task.yield() }
    }

    private var isHolding: Bool {
        pthread_mutex_lock(lock)
        defer { pthread_mutex_unlock(lock) }
        return held > 0
    }

    func pass() {
        pthread_mutex_lock(lock)
        held += 1
        while !isOpen { pthread_cond_wait(changed, lock) }
        held -= 1
        pthread_mutex_unlock(lock)
    }
}
