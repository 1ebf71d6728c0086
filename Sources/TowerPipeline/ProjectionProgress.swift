import Synchronization

/// How far a projection has come, for those who wait until their own event shows.
public final class ProjectionProgress: Sendable {
    private struct State {
        var position: Int64 = 0
        var next = 0
        var waiters: [Int: (position: Int64, continuation: CheckedContinuation<Void, Never>)] = [:]
    }
    private let state = Mutex(State())

    public init() {}

    /// The position after the newest slice.
    public var position: Int64 { state.withLock { $0.position } }

    public func reached(_ position: Int64) {
        let due = state.withLock { state -> [CheckedContinuation<Void, Never>] in
            state.position = max(state.position, position)
            let due = state.waiters.filter { $0.value.position <= state.position }
            for key in due.keys { state.waiters[key] = nil }
            return due.map(\.value.continuation)
        }
        for continuation in due { continuation.resume() }
    }

    /// Returns when the record of that sequence is in the read models, or on cancellation.
    public func wait(for sequence: Int64) async {
        let ticket = state.withLock { state in
            state.next += 1
            return state.next
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isDue = state.withLock { state in
                    // Cancelled before it stood in the queue: the handler ran already and found nobody.
                    if state.position > sequence || Task.isCancelled { return true }
                    state.waiters[ticket] = (position: sequence + 1, continuation: continuation)
                    return false
                }
                if isDue { continuation.resume() }
            }
        } onCancel: {
            let waiter = state.withLock { $0.waiters.removeValue(forKey: ticket) }
            waiter?.continuation.resume()
        }
    }
}
