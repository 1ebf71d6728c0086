import Synchronization
import TowerStreaming

/// Writes the footer of a segment that is full, behind the writer's back.
///
/// A segment without a footer is only slower to open, so a failure here is not the log's end: the index stays in memory
/// and the next opening tries again.
final class SegmentSealer: Sendable {
    private let catalog: Catalog
    private let cache: IndexCache
    private let housekeeper: Housekeeper

    init(catalog: Catalog, cache: IndexCache, housekeeper: Housekeeper) {
        self.catalog = catalog
        self.cache = cache
        self.housekeeper = housekeeper
    }

    func seal(_ file: SegmentFile) {
        housekeeper.submit { [self] in sealNow(file) }
    }

    private func sealNow(_ file: SegmentFile) {
        let found = catalog.read { state -> (segment: Segment, index: SectionIndex, names: TopicTable.Names)? in
            guard let segment = state.series[file.retention.series].first(where: { $0.file === file }), segment.footer == nil,
                let index = segment.index
            else { return nil }
            return (segment, index, state.topics.names)
        }
        guard let (segment, index, names) = found else { return }
        let built = SegmentFooter.build(
            dataEnd: segment.dataEnd, baseSequence: segment.baseSequence, endSequence: segment.endSequence,
            firstTimestampMs: segment.firstTimestampMs, lastTimestampMs: segment.lastTimestampMs, entries: index, names: names)
        do {
            try file.file.truncate(to: segment.dataEnd)
            try file.file.extend(from: segment.dataEnd, with: built.bytes)
            try file.file.sync()
        } catch {
            // Half a footer would look like damage later.
            try? file.file.truncate(to: segment.dataEnd)
            return
        }
        cache.insert(index, for: file)
        catalog.state.withLock { state in
            let series = file.retention.series
            guard let index = state.series[series].firstIndex(where: { $0.file === file }) else { return }
            state.series[series][index].footer = built.footer
            state.series[series][index].index = nil
        }
    }
}
