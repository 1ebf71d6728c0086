import TowerStreaming

/// Writes what is to stay of a segment into a new file, in the form of version 1: whole sections as they are, parts of sections
/// with their records numbered anew from 0. Offsets, sequences and times do not change.
///
/// Where something was left out, the next frame says so in its `previousEnd`: a reader without a footer then knows that the
/// hole is meant.
struct SegmentRewriter {
    /// A section that stays, or the part of one.
    struct Kept {
        var position: Int64
        var header: SectionHeader
        /// Journal-wide number of its topic.
        var topic: UInt32
        /// Records that stay, rising; `nil` for all.
        var runs: [Range<Int>]?
    }

    private let target: any DiskFile
    private let segment: SegmentHeader
    private let endSequence: Int64
    private var bytes: [UInt8] = []
    /// Where the first byte of `bytes` goes.
    private var start: Int64 = 0
    private var frameStart = -1
    private var frame: (sequence: Int64, previousEnd: Int64, timestampMs: Int64, sections: Int, end: Int64) = (0, 0, 0, 0, 0)
    private var previousEnd: Int64
    private var entries: [SectionEntry] = []
    private var last: [UInt32: UInt32] = [:]
    private var firstTimestampMs: Int64?
    private var lastTimestampMs: Int64 = 0
    private static let frameBound = 1 << 20

    /// - Parameter endSequence: where the segment ends, also when its last records are left out.
    init(target: any DiskFile, segment: SegmentHeader, endSequence: Int64) {
        self.target = target
        self.segment = segment
        self.endSequence = endSequence
        previousEnd = segment.baseSequence
        bytes = [UInt8](repeating: 0, count: SegmentHeader.size)
        bytes.withUnsafeMutableBytes { if let base = $0.baseAddress { segment.write(to: base) } }
    }

    /// Adds a section; `section` are its bytes in the old file, checked.
    mutating func add(_ kept: Kept, _ section: UnsafeRawBufferPointer) throws(DiskError) {
        guard let runs = kept.runs else {
            try append(kept.header, kept.topic, section)
            return
        }
        var piece: [UInt8] = []
        for run in runs where !run.isEmpty {
            guard let header = Self.part(of: kept.header, section, run, into: &piece) else { continue }
            let result = piece.withUnsafeBytes { piece in
                Result { () throws(DiskError) in try append(header, kept.topic, piece) }
            }
            try result.get()
        }
    }

    /// Closes the last frame, writes the footer and syncs.
    ///
    /// - Parameter names: by journal-wide topic number.
    mutating func finish(names: TopicTable.Names) throws(DiskError) -> (entries: [SectionEntry], footer: SegmentFooter) {
        closeFrame()
        let dataEnd = start + Int64(bytes.count)
        let built = SegmentFooter.build(
            dataEnd: dataEnd, baseSequence: segment.baseSequence, endSequence: endSequence,
            firstTimestampMs: firstTimestampMs ?? 0, lastTimestampMs: lastTimestampMs, entries: entries, names: names)
        try flush()
        try target.extend(from: dataEnd, with: built.bytes)
        try target.sync()
        return (entries, built.footer)
    }

    private mutating func append(_ header: SectionHeader, _ topic: UInt32, _ section: UnsafeRawBufferPointer) throws(DiskError) {
        let isHole = header.sequence != previousEnd
        if frameStart >= 0, isHole || bytes.count - frameStart > Self.frameBound { closeFrame() }
        if frameStart < 0 {
            if bytes.count > Self.frameBound { try flush() }
            frameStart = bytes.count
            frame = (header.sequence, min(previousEnd, header.sequence), header.timestampMs, 0, header.sequence)
            bytes.append(contentsOf: repeatElement(0, count: FrameHeader.size))
        }
        let first = firstTimestampMs ?? header.timestampMs
        firstTimestampMs = first
        lastTimestampMs = max(lastTimestampMs, header.timestampMs)
        let place = start + Int64(bytes.count)
        entries.append(
            SectionEntry(
                position: UInt32(place / 8), length: UInt32(header.length), topic: topic, previous: last[topic] ?? SectionEntry.none,
                sequence: UInt32(header.sequence - segment.baseSequence), time: UInt32(clamping: header.timestampMs - first),
                count: UInt32(header.recordCount), flags: UInt32(header.flags.rawValue), baseOffset: header.baseOffset))
        last[topic] = UInt32(entries.count - 1)
        bytes.append(contentsOf: section)
        previousEnd = header.sequence + Int64(header.recordCount)
        frame.sections += 1
        frame.end = previousEnd
    }

    private mutating func closeFrame() {
        guard frameStart >= 0 else { return }
        let header = FrameHeader(
            length: bytes.count - frameStart, sectionCount: frame.sections, sequence: frame.sequence, durable: endSequence,
            unitSequence: frame.sequence, unitCount: Int(frame.end - frame.sequence), previousEnd: frame.previousEnd,
            timestampMs: frame.timestampMs)
        let place = frameStart
        bytes.withUnsafeMutableBytes { if let base = $0.baseAddress { header.write(to: base + place) } }
        frameStart = -1
    }

    private mutating func flush() throws(DiskError) {
        try target.write(bytes, at: start)
        start += Int64(bytes.count)
        bytes.removeAll(keepingCapacity: true)
    }

    /// The records of `run` as a section of their own in `piece`; `nil` when the records do not read.
    private static func part(
        of header: SectionHeader, _ section: UnsafeRawBufferPointer, _ run: Range<Int>, into piece: inout [UInt8]
    ) -> SectionHeader? {
        piece.removeAll(keepingCapacity: true)
        piece.append(contentsOf: section[..<header.headLength])
        var isWhole = true
        header.forEachRecord(section) { index, layout in
            guard run.contains(index) else { return index < run.lowerBound }
            isWhole = isWhole && RecordCodec.renumber(section, layout, to: index - run.lowerBound, into: &piece)
            return true
        }
        guard isWhole else { return nil }
        let recordsLength = piece.count - header.headLength
        piece.append(contentsOf: repeatElement(0, count: alignedUp(piece.count) - piece.count))
        return piece.withUnsafeMutableBytes { bytes -> SectionHeader? in
            guard let base = bytes.baseAddress else { return nil }
            let part = SectionHeader(
                nameLength: header.nameLength, flags: header.flags,
                recordsChecksum: UnsafeRawPointer(base).checksum(header.headLength..<header.headLength + recordsLength),
                recordsLength: recordsLength, recordCount: run.count, topicNumber: header.topicNumber,
                baseOffset: header.baseOffset + Int64(run.lowerBound), sequence: header.sequence + Int64(run.lowerBound),
                timestampMs: header.timestampMs)
            part.writeFields(to: base)
            SectionHeader.place(
                base, nameLength: part.nameLength, baseOffset: part.baseOffset, sequence: part.sequence, timestampMs: part.timestampMs)
            return part
        }
    }
}

extension RecordCodec {
    /// Appends a record with another offset delta; false when it does not read.
    static func renumber(_ bytes: UnsafeRawBufferPointer, _ layout: Layout, to delta: Int, into output: inout [UInt8]) -> Bool {
        // From the key's length on nothing changes.
        let afterKeyLength = layout.key?.lowerBound ?? layout.value.lowerBound - Varint.size(layout.value.count)
        let rest = afterKeyLength - Varint.size(layout.key?.count ?? -1)
        guard rest > 0, rest < layout.end else { return false }
        let body = 2 + Varint.size(delta) + layout.end - rest
        let start = output.count
        output.append(contentsOf: repeatElement(0, count: Varint.size(body) + 2 + Varint.size(delta)))
        output.withUnsafeMutableBytes { buffer in
            guard let base = buffer.baseAddress else { return }
            let at = Varint.write(body, to: base, at: start)
            base.put(UInt8(0), at)
            base.put(UInt8(0), at + 1)
            _ = Varint.write(delta, to: base, at: at + 2)
        }
        output.append(contentsOf: bytes[rest..<layout.end])
        return true
    }
}
