import Glibc

/// Starts a thread of our own, which runs `body` and ends: a call that blocks must not hold up the few threads that tasks share.
///
/// - Parameter name: for the error of a thread that could not be started.
public func startThread(_ name: String, _ body: @escaping @Sendable () -> Void) throws(ThreadError) {
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
        throw ThreadError(name: name, number: result)
    }
    pthread_detach(thread)
}

/// The system gave no thread.
public struct ThreadError: Error, CustomStringConvertible {
    public let name: String
    /// As in errno.
    public let number: Int32

    public var description: String {
        "could not start the thread \(name): \(String(cString: strerror(number))); look at the limits of this process"
    }
}
