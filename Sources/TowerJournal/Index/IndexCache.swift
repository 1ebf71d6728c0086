import Synchronization

/// Indexes of sealed segments, read from their footers when needed and kept for the few used last.
final class IndexCache: Sendable {
    private struct State {
        /// The one used last is at the end.
        var held: [(file: SegmentFile, entries: [SectionEntry])] = []
    }
    private let state = Mutex(State())
    private let bound: Int

    init(bound: Int) {
        self.bound = max(bound, 1)
    }

    func find(_ file: SegmentFile) -> [SectionEntry]? {
        state.withLock { state in
            guard let index = state.held.lastIndex(where: { $0.file === file }) else { return nil }
            let found = state.held.remove(at: index)
            state.held.append(found)
            return found.entries
        }
    }

    func insert(_ entries: [SectionEntry], for file: SegmentFile) {
        state.withLock { state in
            state.held.removeAll { $0.file === file }
            if state.held.count >= bound { state.held.removeFirst() }
            state.held.append((file, entries))
        }
    }

    func remove(_ file: SegmentFile) {
        state.withLock { $0.held.removeAll { $0.file === file } }
    }
}
