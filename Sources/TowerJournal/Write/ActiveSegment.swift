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
    /// All sections, and how many of them readers know.
    private(set) var index: SectionIndex
    private(set) var known: Int
    private let header: SegmentHeader?
    /// Everything below is on its way to the disk; the rest is in the ring only.
    private var written: Int64
    let ring: TailRing

    /// Room that ordinary frames leave free, so that the checkpoint of a clean close always fits.
    static let reservedBytes = Int64(FrameHeader.size)
    /// Entries to make room for at first; memory that is not used yet costs nothing.
    private static let maxFirstIndex = 1 << 20

    /// A new segment on a zero-filled file. Takes over the ring; whoever had it must have written everything.
    ///
    /// - Parameter expectedSections: a guess, so that the index need not be moved while it grows.
    init(file: SegmentFile, capacity: Int64, baseSequence: Int64, createdMs: Int64, ring: TailRing, expectedSections: Int = 0) {
        self.file = file
        self.capacity = capacity
        self.baseSequence = baseSequence
        self.ring = ring
        position = 0
        written = 0
        durable = 0
        let sections = min(max(expectedSections, 4096), Self.maxFirstIndex)
        index = SectionIndex(storage: SectionIndex.Storage(capacity: sections), count: 0)
        known = 0
        header = SegmentHeader(retention: file.retention, number: file.number, baseSequence: baseSequence, createdMs: createdMs)
        restart()
    }

    /// A segment that recovery found, to go on in.
    init(resuming segment: Segment, capacity: Int64, ring: TailRing) throws(DiskError) {
        file = segment.file
        self.capacity = capacity
        self.ring = ring
        baseSequence = segment.baseSequence
        position = segment.dataEnd
        written = segment.dataEnd
        durable = segment.dataEnd
        index = segment.index ?? SectionIndex([])
        known = index.count
        header = nil
        firstTimestampMs = known > 0 ? segment.firstTimestampMs : nil
        try reload()
    }

    /// Begins with the file's header, which is written with the first frame.
    private func restart() {
        position = 0
        written = 0
        ring.restart(file, at: 0)
        file.setTail(ring)
        var bytes = [UInt8](repeating: 0, count: SegmentHeader.size)
        bytes.withUnsafeMutableBytes { buffer in
            if let base = buffer.baseAddress { header?.write(to: base) }
            ring.append(UnsafeRawBufferPointer(buffer))
        }
        position = Int64(SegmentHeader.size)
    }

    /// Begins with what the disk has of the block that the next frame shares.
    private func reload() throws(DiskError) {
        position = durable
        written = durable
        let start = durable / Int64(TailRing.blockSize) * Int64(TailRing.blockSize)
        let shared = try file.file.bytes(at: start, count: Int(durable - start))
        ring.restart(file, at: start)
        shared.withUnsafeBytes { ring.append($0) }
        file.setTail(ring)
    }

    var isDirty: Bool { position > durable && (durable > 0 || position > Int64(SegmentHeader.size)) }

    /// Whether `bytes` with `sections` sections that end at `sequence` can still be addressed here.
    func hasRoom(bytes: Int, sections: Int, endSequence: Int64, timestampMs: Int64) -> Bool {
        position + Int64(bytes) + Self.reservedBytes <= capacity && index.count + sections < Int(SectionEntry.none)
            && endSequence - baseSequence < Int64(UInt32.max)
            && timestampMs - (firstTimestampMs ?? timestampMs) < Int64(UInt32.max)
    }

    /// Takes a frame and returns where it begins. Writes when the ring is full.
    func take(_ frame: UnsafeRawBufferPointer) throws(DiskError) -> Int64 {
        let start = position
        var done = 0
        while done < frame.count {
            // A block is kept free for padding.
            let room = ring.capacity - 2 * TailRing.blockSize - Int(position - written)
            if room <= 0 {
                try write()
                continue
            }
            let count = min(room, frame.count - done)
            ring.append(UnsafeRawBufferPointer(rebasing: frame[done..<done + count]))
            position += Int64(count)
            done += count
        }
        return start
    }

    /// Makes room for the entries of `more` sections and returns where they go; `added` then counts them in.
    func reserveEntries(_ more: Int, timestampMs: Int64) -> (entries: UnsafeMutablePointer<SectionEntry>, time: UInt32) {
        let needed = index.count + more
        if needed > index.storage.capacity {
            let larger = SectionIndex.Storage(capacity: max(needed, index.storage.capacity * 2))
            larger.base.initialize(from: index.storage.base, count: index.count)
            index = SectionIndex(storage: larger, count: index.count)
        }
        let first = firstTimestampMs ?? timestampMs
        if more > 0 { firstTimestampMs = first }
        return (index.storage.base + index.count, UInt32(timestampMs - first))
    }

    func added(_ more: Int) { index.count += more }

    /// Writes whole blocks, padded with the zeros that are in the file anyway: such a write can go past the page cache.
    func write() throws(DiskError) {
        guard isDirty, position > written else { return }
        let block = Int64(TailRing.blockSize)
        let start = written / block * block
        try file.file.write(ring.pieces(start..<max(position, min(alignedUp(position, to: block), capacity))), at: start)
        written = position
    }

    /// What was written is durable; gives what readers need to know of it.
    func publish() -> Catalog.Published? {
        guard isDirty else { return nil }
        defer {
            durable = position
            known = index.count
        }
        return Catalog.Published(
            file: file, baseSequence: baseSequence, index: index, known: known, dataEnd: position,
            firstTimestampMs: firstTimestampMs ?? 0)
    }

    /// The segment is full and written: the ring goes to the next one.
    func giveUpRing() { file.setTail(nil) }

    /// Takes back what was not published, on disk too: half a frame must not be found later. Throws when that fails.
    func undo() throws(DiskError) {
        guard isDirty else { return }
        let attempted = Int(position - durable)
        index.count = known
        if known == 0 { firstTimestampMs = nil }
        try SegmentFactory.zeroFill(file.file, from: durable, count: attempted)
        try file.file.sync()
        if durable == 0 { restart() } else { try reload() }
    }
}
