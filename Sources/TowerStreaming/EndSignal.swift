import Synchronization

/// Where the readable log ends, and who waits for it to move. No reader polls.
///
/// - Concurrency: any task; waiting costs nothing until `advance`.
package final class EndSignal: Sendable {
    private struct State {
        var end: Int64
        var failure: EventLogError?
        var nextWaiter: UInt64 = 0
        var waiters: [UInt64: (sequence: Int64, continuation: CheckedContinuation<Void, any Error>)] = [:]
        var cancelled: Set<UInt64> = []
    }
    private let state: Mutex<State>

    package init(end: Int64) {
        state = Mutex(State(end: end))
    }

    package var end: Int64 { state.withLock { $0.end } }

    /// The end moved up: wakes those who waited for it.
    package func advance(to end: Int64) {
        let ready = state.withLock { state -> [CheckedContinuation<Void, any Error>] in
            state.end = max(state.end, end)
            guard !state.waiters.isEmpty else { return [] }
            let ids = state.waiters.filter { $0.value.sequence < state.end }.keys
            return ids.compactMap { state.waiters.removeValue(forKey: $0)?.continuation }
        }
        for continuation in ready { continuation.resume() }
    }

    /// The end will not move again: everyone who waits, now or later, gets `error`. The first error stays.
    package func fail(_ error: EventLogError) {
        let waiting = state.withLock { state -> [CheckedContinuation<Void, any Error>] in
            if state.failure == nil { state.failure = error }
            defer { state.waiters.removeAll() }
            return state.waiters.values.map(\.continuation)
        }
        for continuation in waiting { continuation.resume(throwing: error) }
    }

    /// Returns when the end is past `sequence`, or on cancellation; throws what `fail` was given.
    package func wait(for sequence: Int64) async throws {
        let id = state.withLock { state -> UInt64 in
            state.nextWaiter += 1
            return state.nextWaiter
        }
        defer { state.withLock { _ = $0.cancelled.remove(id) } }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
                let outcome = state.withLock { state -> Result<Void, any Error>? in
                    if let failure = state.failure { return .failure(failure) }
                    if state.end > sequence || state.cancelled.contains(id) { return .success(()) }
                    state.waiters[id] = (sequence, continuation)
                    return nil
                }
                if let outcome { continuation.resume(with: outcome) }
            }
        } onCancel: {
            let waiter = state.withLock { state -> CheckedContinuation<Void, any Error>? in
                if let waiter = state.waiters.removeValue(forKey: id) { return waiter.continuation }
                state.cancelled.insert(id)
                return nil
            }
            waiter?.resume()
        }
    }
}
