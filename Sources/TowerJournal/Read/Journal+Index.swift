import Synchronization
import TowerStreaming

extension Journal {
    /// A segment's index as an array of its own.
    func withEntries<Answer>(_ file: SegmentFile, _ body: ([SectionEntry]) -> Answer) throws -> Answer {
        body(Array(try index(file)))
    }

    /// A segment's index: what is published of one that is being written, else all of it, read from the footer if it is not
    /// in memory.
    func index(_ file: SegmentFile) throws -> SectionIndex {
        if let found = cache.find(file) { return found }
        let open = catalog.read { state -> (index: SectionIndex?, footer: SegmentFooter?) in
            guard let segment = state.series[file.retention.series].last(where: { $0.file === file }) else { return (nil, nil) }
            return (segment.index, segment.footer)
        }
        if let index = open.index { return index }
        // Sealed, or retired by retention a moment ago: then its file can still be read.
        let index = SectionIndex(try loadEntries(file, footer: open.footer))
        if open.footer != nil { cache.insert(index, for: file) }
        return index
    }

    func indexed<Answer>(_ file: SegmentFile, _ body: (SectionIndex) -> Answer) throws -> Answer { body(try index(file)) }

    private func loadEntries(_ file: SegmentFile, footer: SegmentFooter?) throws -> [SectionEntry] {
        do {
            guard let read = try FooterReader.topics(file.file), let entries = try FooterReader.entries(file.file, read.footer)
            else {
                return try rebuildEntries(file)
            }
            let numbers = catalog.state.withLock { state in
                read.bytes.withUnsafeBytes { bytes in
                    (SegmentFooter.rows(bytes, count: read.footer.topicCount) ?? []).map { row, name in
                        state.topics.find(name, hint: row.number) ?? state.topics.number(of: name)
                    }
                }
            }
            return entries.map { entry in
                var entry = entry
                entry.topic = Int(entry.topic) < numbers.count ? numbers[Int(entry.topic)] : 0
                return entry
            }
        } catch let error as DiskError {
            throw EventLogError(.io, error.description)
        }
    }

    /// The index of a sealed segment whose footer is damaged, from the segment itself.
    private func rebuildEntries(_ file: SegmentFile) throws -> [SectionEntry] {
        let size = try file.file.size()
        catalog.note(
            RecoveryReport.DamagedRange(file: file.path, start: 0, end: size, reason: "index damaged; rebuilt from the records"))
        let catalog = catalog
        let scan = try SegmentScanner.scan(file.file) { name, hint in
            catalog.state.withLock { $0.topics.find(name, hint: hint) ?? $0.topics.number(of: name) }
        }
        guard let first = scan.sections.first else { return [] }
        let known = catalog.read { state in
            state.series[file.retention.series].first { $0.file === file }.map { ($0.baseSequence, $0.firstTimestampMs) }
        }
        var last: [UInt32: UInt32] = [:]
        return scan.sections.enumerated().map { index, section in
            var entry = SectionEntry(
                section, baseSequence: known?.0 ?? scan.header?.baseSequence ?? first.header.sequence,
                firstTimestampMs: known?.1 ?? first.header.timestampMs)
            entry.previous = last[entry.topic] ?? SectionEntry.none
            last[entry.topic] = UInt32(index)
            return entry
        }
    }
}
