import TowerStreaming

/// The end of a series as its writer sees it. Touched by the writer's thread only.
final class ActiveSegment {
    let file: SegmentFile
    let capacity: Int64
    let baseSequence: Int64
    /// Append time of the first section; entries count from it.
    private(set) var firstTimestampMs: Int64?
    /// Where the next frame goes.
    private(set) var position: Int64
    /// Everything below is synced and published.
    private(set) var durable: Int64
    /// Sections since the last publication, and of all time.
    private(set) var entries: [SectionEntry] = []
    private(set) var entryCount: Int
    private var pieces: [UnsafeRawBufferPointer] = []
    /// The file header, written with the first frame.
    private let header = UnsafeMutableRawBufferPointer.allocate(byteCount: SegmentHeader.size, alignment: 8)

    /// Room that ordinary frames leave free, so that the checkpoint of a clean close always fits.
    static let reservedBytes = Int64(FrameHeader.size)

    /// A new segment on a zero-filled file.
    init(file: SegmentFile, capacity: Int64, baseSequence: Int64, createdMs: Int64) {
        self.file = file
        self.capacity = capacity
        self.baseSequence = baseSequence
        position = Int64(SegmentHeader.size)
        durable = 0
        entryCount = 0
        let fields = SegmentHeader(retention: file.retention, number: file.number, baseSequence: baseSequence, createdMs: createdMs)
        if let base = header.baseAddress { fields.write(to: base) }
    }

    /// A segment that recovery found, to go on in.
    init(resuming segment: Segment, capacity: Int64) {
        file = segment.file
        self.capacity = capacity
        baseSequence = segment.baseSequence
        position = segment.dataEnd
        durable = segment.dataEnd
        entryCount = segment.entries?.count ?? 0
        firstTimestampMs = entryCount > 0 ? segment.firstTimestampMs : nil
    }

    deinit { header.deallocate() }

    var isDirty: Bool { position > durable && !pieces.isEmpty }

    /// Whether `bytes` with `sections` sections that end at `sequence` can still be addressed here.
    func hasRoom(bytes: Int, sections: Int, endSequence: Int64, timestampMs: Int64) -> Bool {
        position + Int64(bytes) + Self.reservedBytes <= capacity && entryCount + sections < Int(SectionEntry.none)
            && endSequence - baseSequence < Int64(UInt32.max)
            && timestampMs - (firstTimestampMs ?? timestampMs) < Int64(UInt32.max)
    }

    /// Takes a frame whose memory stays valid until `clearPending`. Returns where it begins.
    func take(_ frame: UnsafeRawBufferPointer) -> Int64 {
        if durable == 0, pieces.isEmpty { pieces.append(UnsafeRawBufferPointer(header)) }
        let start = position
        pieces.append(frame)
        position += Int64(frame.count)
        return start
    }

    func note(_ section: SectionHeader, at place: Int64) {
        let first = firstTimestampMs ?? section.timestampMs
        firstTimestampMs = first
        entries.append(
            SectionEntry(
                position: UInt32(place / 8), length: UInt32(section.length), topic: section.topicNumber, previous: SectionEntry.none,
                sequence: UInt32(section.sequence - baseSequence), time: UInt32(section.timestampMs - first),
                count: UInt32(section.recordCount), flags: UInt32(section.flags.rawValue), baseOffset: section.baseOffset))
        entryCount += 1
    }

    func write() throws(DiskError) {
        guard isDirty else { return }
        try file.file.write(pieces, at: durable)
    }

    func sync() throws(DiskError) {
        guard isDirty else { return }
        try file.file.sync()
    }

    /// What was written is durable; gives what readers need to know of it.
    func publish() -> Catalog.Published? {
        guard isDirty else { return nil }
        defer {
            durable = position
            pieces.removeAll(keepingCapacity: true)
            entries.removeAll(keepingCapacity: true)
        }
        return Catalog.Published(
            file: file, baseSequence: baseSequence, entries: entries, dataEnd: position, firstTimestampMs: firstTimestampMs ?? 0)
    }

    /// Takes back what was not published, on disk too: half a frame must not be found later. Throws when that fails.
    func undo() throws(DiskError) {
        guard isDirty else { return }
        let attempted = Int(position - durable)
        entryCount -= entries.count
        if entryCount == 0 { firstTimestampMs = nil }
        entries.removeAll(keepingCapacity: true)
        pieces.removeAll(keepingCapacity: true)
        position = max(durable, Int64(SegmentHeader.size))
        try SegmentFactory.zeroFill(file.file, from: durable, count: attempted)
        try file.file.sync()
    }
}
