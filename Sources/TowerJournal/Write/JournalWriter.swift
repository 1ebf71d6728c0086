import Synchronization
import TowerStreaming

/// The one thread that writes: takes what waits, gives it its place, writes, syncs once, publishes, answers.
///
/// Group commit needs no timer: while a sync runs, callers queue up, and the next round takes them all.
final class JournalWriter: @unchecked Sendable {
    let queue: WriteQueue
    let catalog: Catalog
    let signal: EndSignal
    let factory: SegmentFactory
    let sealer: SegmentSealer
    private let groupFile: GroupFile
    private let sideBySide: SideBySideSync?
    private let ringBytes: Int
    private let clock: @Sendable () -> Int64
    private let onSync: (@Sendable (Duration) -> Void)?
    // Below: touched by the writer's thread only.
    private var active: [ActiveSegment?]
    /// Segments that got frames in this round and are full since.
    private var rolled: [ActiveSegment] = []
    private var nextOffset: [Int64]
    private var sequence: Int64
    private var previousEnd: Int64
    /// Everything below was synced before this round.
    private var durable: Int64
    private var timestampMs: Int64

    struct Start {
        /// By class, the segment to go on in, if any, and the size of its file.
        var active: [(segment: Segment?, capacity: Int64)]
        var nextOffset: [Int64]
        /// Where the log ended, and the first sequence to give: more where recovery must not give some again.
        var end: Int64
        var nextSequence: Int64
        var lastTimestampMs: Int64
    }

    /// - Parameter sideBySide: `nil` to sync one file after another, in an order that is the same every time.
    init(
        start: Start, queue: WriteQueue, catalog: Catalog, signal: EndSignal, factory: SegmentFactory, sealer: SegmentSealer,
        groupFile: GroupFile, sideBySide: SideBySideSync?, ringBytes: Int, clock: @escaping @Sendable () -> Int64,
        onSync: (@Sendable (Duration) -> Void)? = nil
    ) throws(DiskError) {
        self.queue = queue
        self.catalog = catalog
        self.signal = signal
        self.factory = factory
        self.sealer = sealer
        self.groupFile = groupFile
        self.sideBySide = sideBySide
        self.clock = clock
        self.onSync = onSync
        self.ringBytes = ringBytes
        active = []
        for (segment, capacity) in start.active {
            guard let segment else {
                active.append(nil)
                continue
            }
            active.append(try ActiveSegment(resuming: segment, capacity: capacity, ring: TailRing(capacity: ringBytes)))
        }
        nextOffset = start.nextOffset
        sequence = start.nextSequence
        previousEnd = start.end
        durable = start.nextSequence
        timestampMs = start.lastTimestampMs
    }

    /// The thread's body: returns when the queue closed and everything was answered.
    func run() {
        while let items = queue.take() { commit(items) }
        checkpoint()
        sideBySide?.stop()
    }

    private func commit(_ items: [WriteQueue.Item]) {
        let bytes = items.reduce(0) { $0 + $1.bytes }
        timestampMs = max(timestampMs, clock())
        let before = (sequence: sequence, previousEnd: previousEnd)
        var placed: [WriteQueue.Item] = []
        placed.reserveCapacity(items.count)
        var next = 0
        do {
            while next < items.count {
                if try place(items[next]) { placed.append(items[next]) }
                next += 1
            }
            let began = onSync.map { _ in ContinuousClock.now }
            try writeAndSync()
            if let began, let onSync { onSync(.now - began) }
        } catch  where error.isFull && isUndone(error, to: before) {
            queue.finished(bytes)
            for item in placed + items[next...] { item.fail(Self.diskFull(error)) }
            return
        } catch {
            fence(error, unanswered: placed + items[next...])
            return
        }
        publish()
        queue.finished(bytes)
        // Before the answers, so that with housekeeping done inline nothing of a round runs beside its callers.
        sealRolled()
        for item in placed { item.succeed() }
    }

    /// Gives an item its place; answers it itself and returns false when there is no room for it on the disk.
    private func place(_ item: WriteQueue.Item) throws(DiskError) -> Bool {
        switch item.work {
        case .group(let group):
            try groupFile.write(group)
        case .append(let buffer):
            var made: [SegmentFactory.Made] = []
            do {
                try reserve(buffer, &made)
            } catch  where error.isFull {
                item.fail(Self.diskFull(error))
                return false
            }
            for segment in made { try roll(to: segment) }
            try patch(buffer)
        }
        return true
    }

    /// Finds a new segment for every class the buffer has frames for and no room.
    private func reserve(_ buffer: FrameBuffer, _ made: inout [SegmentFactory.Made]) throws(DiskError) {
        for series in 0..<active.count {
            var bytes = 0
            var sections = 0
            for frame in buffer.frames where frame.retention.series == series {
                bytes += frame.length
                sections += frame.sectionCount
            }
            guard bytes > 0, let retention = RetentionClass(series: series) else { continue }
            let end = sequence + Int64(buffer.recordCount)
            if let segment = active[series],
                segment.hasRoom(bytes: bytes, sections: sections, endSequence: end, timestampMs: timestampMs)
            {
                if segment.position > segment.capacity / 2 { factory.prepare(retention, after: segment.capacity) }
                continue
            }
            made.append(try factory.take(retention, after: active[series]?.capacity, bytes: bytes))
        }
    }

    /// Goes on in a new segment. What the full one has is written now and synced with the rest of the round.
    private func roll(to made: SegmentFactory.Made) throws(DiskError) {
        let series = made.file.retention.series
        let full = active[series]
        if let full {
            try full.write()
            full.giveUpRing()
            rolled.append(full)
        }
        active[series] = ActiveSegment(
            file: made.file, capacity: made.capacity, baseSequence: sequence, createdMs: timestampMs,
            ring: full?.ring ?? TailRing(capacity: ringBytes),
            expectedSections: full.map { $0.index.count / max(Int($0.capacity >> 10), 1) * Int(made.capacity >> 10) * 9 / 8 } ?? 0)
    }

    /// Writes sequences, offsets and times into the frames and closes their headers.
    private func patch(_ buffer: FrameBuffer) throws(DiskError) {
        buffer.sequence = sequence
        buffer.timestampMs = timestampMs
        let unit = sequence
        var section = 0
        for frame in buffer.frames {
            guard let segment = active[frame.retention.series] else { continue }
            let base = buffer.base + frame.start
            FrameHeader(
                length: frame.length, sectionCount: frame.sectionCount, sequence: sequence, durable: durable, unitSequence: unit,
                unitCount: buffer.recordCount, previousEnd: previousEnd, timestampMs: timestampMs
            ).write(to: base)
            place(section..<section + frame.sectionCount, of: buffer, from: frame.start + FrameHeader.size, in: segment)
            section += frame.sectionCount
            _ = try segment.take(UnsafeRawBufferPointer(start: base, count: frame.length))
            previousEnd = sequence
        }
    }

    /// Gives the sections of one frame their offsets and sequences and notes them in the segment's index.
    private func place(_ range: Range<Int>, of buffer: FrameBuffer, from start: Int, in segment: ActiveSegment) {
        let base = buffer.base
        let timestampMs = timestampMs
        let baseSequence = segment.baseSequence
        // Sections and the segment's frames lie on the 8-byte grid, but the frame's place in the buffer is not its place there.
        let shift = segment.position - Int64(start - FrameHeader.size)
        let (entries, time) = segment.reserveEntries(range.count, timestampMs: timestampMs)
        let topics = buffer.sections[range].reduce(0) { max($0, Int($1.topic) + 1) }
        if topics > nextOffset.count { nextOffset.append(contentsOf: repeatElement(0, count: topics - nextOffset.count)) }
        var sequence = sequence
        var at = start
        buffer.sections.withUnsafeMutableBufferPointer { sections in
            nextOffset.withUnsafeMutableBufferPointer { nextOffset in
                for index in range {
                    let section = sections[index]
                    let offset = nextOffset[Int(section.topic)]
                    nextOffset[Int(section.topic)] = offset + Int64(section.count)
                    sections[index].baseOffset = offset
                    SectionHeader.place(
                        base + at, nameLength: Int(section.nameLength), baseOffset: offset, sequence: sequence,
                        timestampMs: timestampMs)
                    entries[index - range.lowerBound] = SectionEntry(
                        position: UInt32((Int64(at) + shift) / 8), length: section.length, topic: section.topic,
                        previous: SectionEntry.none, sequence: UInt32(sequence - baseSequence), time: time, count: section.count,
                        flags: UInt32(section.flags), baseOffset: offset)
                    sequence += Int64(section.count)
                    at += Int(section.length)
                }
            }
        }
        self.sequence = sequence
        segment.added(range.count)
    }

    private func writeAndSync() throws(DiskError) {
        for segment in rolled { try segment.write() }
        for case let segment? in active { try segment.write() }
        let dirty = (rolled + active.compactMap { $0 }).filter(\.isDirty).map(\.file.file)
        if let sideBySide {
            try sideBySide.sync(dirty)
        } else {
            for file in dirty { try file.sync() }
        }
        try groupFile.sync()
    }

    private func publish() {
        let published = (rolled + active.compactMap { $0 }).compactMap { $0.publish() }
        durable = sequence
        guard !published.isEmpty else { return }
        catalog.state.withLock { $0.publish(published, end: sequence, timestampMs: timestampMs) }
        signal.advance(to: sequence)
    }

    private func sealRolled() {
        for segment in rolled { sealer.seal(segment.file) }
        rolled.removeAll()
    }

    /// After a write that found no room: takes the round back. False when even that fails; then nothing is known any more.
    private func isUndone(_ error: DiskError, to before: (sequence: Int64, previousEnd: Int64)) -> Bool {
        guard error.operation != "sync" else { return false }
        do {
            for segment in rolled { try segment.undo() }
            for case let segment? in active { try segment.undo() }
        } catch {
            return false
        }
        // A segment that was begun in this round stays and takes no sequence below its own beginning.
        sequence = active.reduce(before.sequence) { max($0, $1?.baseSequence ?? 0) }
        previousEnd = before.previousEnd
        nextOffset = catalog.read { state in state.topics.states.map(\.next) }
        sealRolled()
        return true
    }

    /// The first failed write or sync is final: nothing more is acknowledged until the journal is opened anew.
    private func fence(_ error: DiskError, unanswered: [WriteQueue.Item]) {
        let fenced = EventLogError(
            .fenced, "the log refuses writes since it \(error.description); check the disk, then restart to reopen and verify")
        let waiting = queue.fence(fenced)
        for item in unanswered + waiting { item.fail(fenced) }
        signal.fail(fenced)
    }

    /// The last frame of a clean close: tells the next opening that everything before it was acknowledged.
    private func checkpoint() {
        guard queue.refusal?.code != .fenced, let series = active.firstIndex(where: { $0 != nil }), let segment = active[series]
        else { return }
        let buffer = FrameBuffer(capacity: FrameHeader.size)
        var encoder = FrameEncoder(buffer)
        encoder.addCheckpoint(retention: segment.file.retention)
        encoder.finish()
        timestampMs = max(timestampMs, clock())
        guard segment.position + Int64(FrameHeader.size) <= segment.capacity else { return }
        // Nobody waits for this one: if it fails, the next opening only knows a little less.
        do {
            try patch(buffer)
            try writeAndSync()
        } catch {
            return
        }
    }

    private static func diskFull(_ error: DiskError) -> EventLogError {
        EventLogError(
            .diskFull, "\(error.description); nothing of this append was kept, earlier ones are safe; make room and retry")
    }
}
