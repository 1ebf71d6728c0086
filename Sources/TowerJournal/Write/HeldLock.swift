import Synchronization

/// The folder's lock, to be let go at a moment of our choosing.
final class HeldLock: Sendable {
    private let lock: Mutex<(any DiskLock)?>

    init(_ lock: any DiskLock) { self.lock = Mutex(lock) }

    func release() { lock.withLock { $0 = nil } }
}
