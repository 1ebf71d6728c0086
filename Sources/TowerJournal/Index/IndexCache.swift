import Synchronization

/// Indexes of sealed segments, read from their footers when needed and kept for the few used last.
final class IndexCache: Sendable {
    private struct State {
        /// The one used last is at the end.
        var held: [(file: SegmentFile, index: SectionIndex)] = []
        var insertions = 0
    }
    private let state = Mutex(State())
    private let bound: Int

    init(bound: Int) {
        self.bound = max(bound, 1)
    }

    /// How many indexes were put in so far: what a test of work counts.
    var insertions: Int { state.withLock { $0.insertions } }

    func find(_ file: SegmentFile) -> SectionIndex? {
        state.withLock { state in
            guard let index = state.held.lastIndex(where: { $0.file === file }) else { return nil }
            let found = state.held.remove(at: index)
            state.held.append(found)
            return found.index
        }
    }

    func insert(_ entries: [SectionEntry], for file: SegmentFile) { insert(SectionIndex(entries), for: file) }

    func insert(_ index: SectionIndex, for file: SegmentFile) {
        state.withLock { state in
            state.insertions += 1
            state.held.removeAll { $0.file === file }
            if state.held.count >= bound { state.held.removeFirst().file.places.forget() }
            state.held.append((file, index))
        }
    }

    func remove(_ file: SegmentFile) {
        state.withLock { $0.held.removeAll { $0.file === file } }
        file.places.forget()
    }
}
