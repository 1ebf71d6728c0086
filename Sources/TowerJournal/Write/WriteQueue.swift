import TowerStreaming
import TowerThreads

/// What waits for the writer, bounded in bytes: above the bound callers are told at once to come back.
final class WriteQueue: Sendable {
    /// One caller's work and the place to answer it. Answered exactly once, by the writer's thread.
    struct Item: @unchecked Sendable {
        enum Work {
            case append(FrameBuffer)
            case group(GroupTable.Group)
        }
        var work: Work
        var bytes: Int
        var continuation: UnsafeContinuation<Void, any Error>

        func succeed() { continuation.resume() }
        func fail(_ error: EventLogError) { continuation.resume(throwing: error) }
    }

    private struct State {
        var items: [Item] = []
        var bytesInFlight = 0
        var refusal: EventLogError?
        var isClosing = false
    }
    private let monitor = Monitor(State())
    private let maxBytesInFlight: Int
    private let maxGroupBytes: Int

    init(maxBytesInFlight: Int, maxGroupBytes: Int) {
        self.maxBytesInFlight = maxBytesInFlight
        self.maxGroupBytes = maxGroupBytes
    }

    var bytesInFlight: Int { monitor.read { $0.bytesInFlight } }
    /// Why nothing is taken any more, if so.
    var refusal: EventLogError? { monitor.read { $0.refusal } }

    /// Queues work and returns, or throws `overloaded`, `fenced`, `closed`; the item is then not taken.
    func submit(_ item: Item) throws(EventLogError) {
        try monitor.update { state throws(EventLogError) in
            if let refusal = state.refusal { throw refusal }
            // One item always passes, so that a bound below a single append does not refuse it for ever.
            guard state.bytesInFlight == 0 || state.bytesInFlight + item.bytes <= maxBytesInFlight else {
                throw EventLogError(
                    .overloaded, "could not queue \(item.bytes) bytes: \(state.bytesInFlight) wait for their sync; retry shortly")
            }
            state.bytesInFlight += item.bytes
            state.items.append(item)
        }
    }

    /// Waits for work and takes up to a group of it; `nil` after closing, when all is done.
    func take() -> [Item]? {
        monitor.wait { state -> [Item]?? in
            guard !state.items.isEmpty else { return state.isClosing ? .some(nil) : nil }
            var bytes = 0
            var count = 0
            while count < state.items.count, count == 0 || bytes + state.items[count].bytes <= maxGroupBytes {
                bytes += state.items[count].bytes
                count += 1
            }
            var group: [Item] = []
            if count == state.items.count {
                group.reserveCapacity(count)
                swap(&group, &state.items)
            } else {
                group = Array(state.items[..<count])
                state.items.removeFirst(count)
            }
            return group
        }
    }

    /// The items were answered: their bytes no longer count.
    func finished(_ bytes: Int) {
        monitor.update { $0.bytesInFlight -= bytes }
    }

    /// Refuses everything from now on; what is queued is still done.
    func close(_ error: EventLogError) {
        monitor.update { state in
            if state.refusal == nil { state.refusal = error }
            state.isClosing = true
        }
    }

    /// Refuses everything from now on and gives back what was queued, for the writer to fail.
    func fence(_ error: EventLogError) -> [Item] {
        monitor.update { state in
            state.refusal = error
            defer {
                state.items.removeAll()
                state.bytesInFlight = 0
            }
            return state.items
        }
    }
}
