import TowerStreaming

/// Reads sections from disk, neighbours together, and checks every byte before anybody sees it.
struct SectionReader {
    private static let maxRead = 1 << 20
    /// Gaps up to this are read through instead of around: a frame header, or a few records of other topics.
    static let maxGap = 4096

    /// From this size on a read goes past the page cache, where replays would only push out what others need.
    static let directRead = 256 << 10

    let catalog: Catalog
    let buffers: ReadBufferPool

    /// Calls `body` with each section that is whole, in the order given; damaged ones are noted and left out.
    /// `body` returns false to stop. `body` gets the index of the section, its header, and all its bytes.
    func read(
        _ sections: [Located], _ body: (Int, SectionHeader, UnsafeRawBufferPointer) throws -> Bool
    ) throws {
        let buffer = buffers.take()
        defer { buffers.giveBack(buffer) }
        var first = 0
        while first < sections.count {
            var start = sections[first].entry.filePosition
            var last = first
            var end = start + Int64(sections[first].entry.length)
            while last + 1 < sections.count, sections[last + 1].file === sections[first].file {
                let next = sections[last + 1].entry
                let nextEnd = next.filePosition + Int64(next.length)
                guard next.filePosition >= end, next.filePosition - end <= Self.maxGap, nextEnd - start <= Self.maxRead else {
                    break
                }
                end = nextEnd
                last += 1
            }
            let bytes: UnsafeRawBufferPointer
            do {
                if end - start >= Self.directRead, !sections[first].file.isInMemory(start) {
                    let block = Int64(TailRing.blockSize)
                    start = start / block * block
                    end = alignedUp(end, to: block)
                }
                bytes = try buffer.read(sections[first].file, start..<end)
            } catch {
                throw EventLogError(.io, error.description)
            }
            let count = bytes.count
            for index in first...last {
                let offset = Int(sections[index].entry.filePosition - start)
                let section = UnsafeRawBufferPointer(
                    rebasing: bytes[min(offset, count)..<min(offset + Int(sections[index].entry.length), count)])
                guard let header = check(sections[index], section) else { continue }
                guard try body(index, header, section) else { return }
            }
            first = last + 1
        }
    }

    private func check(_ section: Located, _ bytes: UnsafeRawBufferPointer) -> SectionHeader? {
        if let header = Self.check(section.entry, sequence: section.sequence, bytes) { return header }
        Self.note(section.entry, sequence: section.sequence, file: section.file, in: catalog)
        return nil
    }

    /// The header of a section that is what the index says and whose every byte is what was written.
    @inline(__always)
    static func check(_ entry: SectionEntry, sequence: Int64, _ bytes: UnsafeRawBufferPointer) -> SectionHeader? {
        guard bytes.count == Int(entry.length), let header = SectionHeader(bytes), header.length == bytes.count,
            header.sequence == sequence, header.baseOffset == entry.baseOffset, header.recordCount == Int(entry.count),
            let base = bytes.baseAddress, header.recordsAreIntact(in: base)
        else { return nil }
        return header
    }

    /// Notes a damaged section.
    static func note(_ entry: SectionEntry, sequence: Int64, file: SegmentFile, in catalog: Catalog) {
        catalog.note(
            RecoveryReport.DamagedRange(
                file: file.path, start: entry.filePosition, end: entry.filePosition + Int64(entry.length),
                reason: "records \(sequence)..<\(sequence + Int64(entry.count)) do not match their checksum"))
    }
}

extension StoredRecord {
    /// A record taken out of a section's bytes.
    init?(_ bytes: UnsafeRawBufferPointer, _ layout: RecordCodec.Layout, header: SectionHeader, index: Int, topic: TopicName) {
        guard let headers = RecordCodec.headers(bytes, layout) else { return nil }
        let record = Record(
            topic: topic, key: layout.key.map { Array(bytes[$0]) }, value: Array(bytes[layout.value]), headers: headers)
        self.init(
            record: record, offset: header.baseOffset + Int64(index), sequence: header.sequence + Int64(index),
            timestampMs: header.timestampMs)
    }
}

extension SectionHeader {
    /// Calls `body` for each record of the section with its place in `bytes`; `body` returns false to stop.
    @inline(__always)
    func forEachRecord(_ bytes: UnsafeRawBufferPointer, _ body: (Int, RecordCodec.Layout) throws -> Bool) rethrows {
        var at = headLength
        for index in 0..<recordCount {
            guard let layout = RecordCodec.layout(bytes, at: at), layout.end <= headLength + recordsLength else { return }
            guard try body(index, layout) else { return }
            at = layout.end
        }
    }
}
