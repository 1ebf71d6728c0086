import Synchronization
import TowerStreaming

/// What may wait for its acknowledgement at once, so that memory is bounded while the brokers are slow or away.
final class AppendBudget: Sendable {
    private struct State {
        var bytes = 0
        var records = 0
        var isClosed = false
        var drained: CheckedContinuation<Void, Never>?
    }
    private let state = Mutex(State())
    private let maxBytes: Int
    private let maxRecords: Int

    init(maxBytes: Int, maxRecords: Int) {
        self.maxBytes = maxBytes
        self.maxRecords = maxRecords
    }

    var pending: (bytes: Int, records: Int) { state.withLock { ($0.bytes, $0.records) } }

    /// Throws `overloaded` and takes nothing when it does not fit; one that is larger than everything fits when nothing waits.
    func take(bytes: Int, records: Int) throws(EventLogError) {
        let refusal = state.withLock { state -> EventLogError? in
            if state.isClosed { return .kafkaClosed }
            let fits = state.bytes + bytes <= maxBytes && state.records + records <= maxRecords
            guard fits || state.records == 0 && records <= maxRecords else {
                return EventLogError(
                    .overloaded,
                    "could not append \(records) records: \(state.records) records of \(state.bytes) bytes wait for the brokers, at most"
                        + " \(maxRecords) and \(maxBytes) may; try again shortly")
            }
            state.bytes += bytes
            state.records += records
            return nil
        }
        if let refusal { throw refusal }
    }

    func giveBack(bytes: Int, records: Int) {
        let drained = state.withLock { state -> CheckedContinuation<Void, Never>? in
            state.bytes -= bytes
            state.records -= records
            guard state.records == 0, let drained = state.drained else { return nil }
            state.drained = nil
            return drained
        }
        drained?.resume()
    }

    /// Refuses everything from now on and returns when nothing waits any more. A second call does not wait.
    func close() async {
        await withCheckedContinuation { continuation in
            let isDone = state.withLock { state in
                defer { state.isClosed = true }
                guard !state.isClosed, state.records > 0 else { return true }
                state.drained = continuation
                return false
            }
            if isDone { continuation.resume() }
        }
    }
}
