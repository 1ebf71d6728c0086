import Synchronization

/// A topic's sections out of a sealed segment's index without the rest of it.
///
/// An index has 40 bytes for every section of every topic: 13 MB for 128 MiB of small records. Whoever reads one topic after
/// another through more segments than the cache holds would read all of them again for each topic. A topic with few sections
/// in a segment is therefore followed link by link, 40 bytes each, and nothing is kept but that the index was whole.
enum IndexLinks {
    /// Topics with more sections than this in a segment are looked up in the whole index, which is then kept for the next call.
    static let maxSteps = 256

    /// The sections with records from `offset` on, rising, their topic being a row of the footer; `nil` when the whole index has
    /// to be asked.
    static func read(_ file: SegmentFile, _ footer: SegmentFooter, last: UInt32, from offset: Int64) throws(DiskError)
        -> [SectionEntry]?
    {
        guard try isWhole(file, footer) else { return nil }
        var found: [SectionEntry] = []
        var at = last
        var steps = 0
        while at != SectionEntry.none {
            guard steps < maxSteps, Int(at) < footer.entryCount else { return nil }
            steps += 1
            let bytes = try file.file.bytes(at: footer.entriesPosition + Int64(at) * Int64(SectionEntry.size), count: SectionEntry.size)
            guard bytes.count == SectionEntry.size,
                let entry = bytes.withUnsafeBytes({ bytes in bytes.baseAddress.map { SectionEntry($0) } }),
                entry.previous == SectionEntry.none || entry.previous < at
            else { return nil }
            guard entry.endOffset > offset else { break }
            if entry.count > 0 { found.append(entry) }
            at = entry.previous
        }
        return found.reversed()
    }

    /// Whether the index matches its checksum: read once for each segment, a piece at a time.
    private static func isWhole(_ file: SegmentFile, _ footer: SegmentFooter) throws(DiskError) -> Bool {
        if file.isIndexWhole.load(ordering: .relaxed) { return true }
        var checksum: UInt32 = 0
        var done = 0
        while done < footer.entryBytes {
            let bytes = try file.file.bytes(at: footer.entriesPosition + Int64(done), count: min(1 << 20, footer.entryBytes - done))
            guard !bytes.isEmpty else { return false }
            checksum = bytes.withUnsafeBytes { $0.baseAddress?.checksum(0..<bytes.count, after: checksum) ?? checksum }
            done += bytes.count
        }
        guard checksum == footer.entriesChecksum else { return false }
        file.isIndexWhole.store(true, ordering: .relaxed)
        return true
    }
}
