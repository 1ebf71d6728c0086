import Synchronization

/// Spans on their way to the collector: bounded, and whoever adds one never waits.
final class SpanQueue: Sendable {
    struct Counts: Sendable {
        var exported = 0
        /// The queue was full.
        var overflowed = 0
        /// The collector did not take them.
        var refused = 0
    }
    private struct State {
        var spans: [Span] = []
        var counts = Counts()
    }
    private let state = Mutex(State())
    let capacity: Int

    init(capacity: Int = 8192) { self.capacity = capacity }

    var counts: Counts { state.withLock { $0.counts } }

    func add(_ span: Span) {
        state.withLock { state in
            guard state.spans.count < capacity else {
                state.counts.overflowed += 1
                return
            }
            state.spans.append(span)
        }
    }

    /// The oldest, at most `max`.
    func take(max: Int) -> [Span] {
        state.withLock { state in
            let taken = Array(state.spans.prefix(max))
            state.spans.removeFirst(taken.count)
            return taken
        }
    }

    func exported(_ count: Int) { state.withLock { $0.counts.exported += count } }
    func refused(_ count: Int) { state.withLock { $0.counts.refused += count } }
}
