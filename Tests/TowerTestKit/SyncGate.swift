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

    /// Returns when a thread is held back. Called from a test's own thread, while it has nothing else to do.
    public func waitUntilHeld() {
        pthread_mutex_lock(lock)
        while held == 0 { pthread_cond_wait(changed, lock) }
        pthread_mutex_unlock(lock)
    }

    func pass() {
        pthread_mutex_lock(lock)
        held += 1
        pthread_cond_broadcast(changed)
        while !isOpen { pthread_cond_wait(changed, lock) }
        held -= 1
        pthread_mutex_unlock(lock)
    }
}
