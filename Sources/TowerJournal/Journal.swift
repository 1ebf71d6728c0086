import Synchronization
public import TowerStreaming

/// The embedded log: all topics in one order, in checksummed segments, synced before every answer.
///
/// - Durability: what `append` and `commit` answered survives a power cut. The first failed write or sync fences the
///   journal: nothing more is acknowledged until it is opened anew.
/// - Concurrency: any task. One thread of its own writes; readers never wait for it.
/// - Ownership: one `Journal` per folder, held by a file lock; `close` it, or the last writes lack the mark of a clean end.
/// - Source: docs/formats/journal.md, ADR-013.
public final class Journal: EventLog {
    /// What opening found.
    public let recovery: RecoveryReport
    let disk: any Disk
    let directory: String
    let configuration: JournalConfiguration
    let catalog: Catalog
    /// The catalog's names, for looking them up without its lock.
    let topicNames: TopicNames
    let signal: EndSignal
    /// Moves with every pause, resumption and change of members.
    let groupSignal = EndSignal(end: 0)
    let clock: @Sendable () -> Int64
    let queue: WriteQueue
    let cache: IndexCache
    let housekeeper: Housekeeper
    /// Of compressed segments.
    let blocks: BlockCache
    let readBuffers = ReadBufferPool()
    /// Which topics are compacted.
    let policies: Mutex<TopicPolicies>
    let lagCache = LagCache()
    /// Opened when the writer's thread is done and the folder is free.
    private let ended = Latch()
    /// Encoding memory that is free.
    private let buffers = Mutex<[FrameBuffer]>([])

    /// Opens the journal in `directory`, which is made if it is not there.
    ///
    /// - Parameter clock: milliseconds since the epoch, the append time of records; never taken backwards.
    /// - Throws: `EventLogError`: `locked` when another process has it open, `io`, `disk_full`, `corrupt` for a newer format.
    public static func open(
        directory: String, configuration: JournalConfiguration = JournalConfiguration(), disk: any Disk = PosixDisk(),
        clock: @escaping @Sendable () -> Int64
    ) async throws -> Journal {
        do {
            return try openNow(directory: directory, configuration: configuration, disk: disk, clock: clock)
        } catch let error as DiskError {
            throw EventLogError(error.isFull ? .diskFull : .io, "could not open the log in \(directory): \(error.description)")
        }
    }

    private static func openNow(
        directory: String, configuration: JournalConfiguration, disk: any Disk, clock: @escaping @Sendable () -> Int64
    ) throws -> Journal {
        let began = ContinuousClock.now
        try disk.createDirectory(directory)
        guard let lock = try disk.lock(directory + "/LOCK") else {
            throw EventLogError(
                .locked, "could not open the log in \(directory): another process has it open; stop that one first")
        }
        let blocks = BlockCache()
        var outcome = try Recovery.run(disk, directory: directory, blocks: blocks)
        guard let groupFile = outcome.groupFile else { throw EventLogError(.io, "could not open groups.tbl in \(directory)") }
        let spent = ContinuousClock.now - began
        outcome.report.milliseconds = Double(spent.components.attoseconds) / 1e15 + Double(spent.components.seconds) * 1000
        let housekeeper = try Housekeeper(isInline: configuration.isHousekeepingInline)
        let topicNames = outcome.state.topics.index
        let catalog = Catalog(outcome.state)
        let journal = Journal(
            recovery: outcome.report, disk: disk, directory: directory, configuration: configuration, catalog: catalog,
            topicNames: topicNames, end: outcome.start.nextSequence, housekeeper: housekeeper, blocks: blocks,
            policies: outcome.policies, clock: clock)
        let sealer = SegmentSealer(catalog: catalog, cache: journal.cache, housekeeper: housekeeper)
        let factory = SegmentFactory(
            disk: disk, directory: directory, configuration: configuration, housekeeper: housekeeper, numbers: outcome.numbers)
        for file in outcome.unsealed { sealer.seal(file) }
        let writer = try JournalWriter(
            start: outcome.start, queue: journal.queue, catalog: catalog, signal: journal.signal, factory: factory,
            sealer: sealer,
            groupFile: groupFile, sideBySide: configuration.isHousekeepingInline ? nil : SideBySideSync(),
            ringBytes: max(alignedUp(configuration.tailBytes, to: TailRing.blockSize), 4 * TailRing.blockSize),
            clock: clock, onSync: configuration.onSync)
        // The thread must not hold the journal, or one that is dropped without `close` would never end. It holds the folder's
        // lock until nothing of this journal writes any more.
        let held = HeldLock(lock)
        let ended = journal.ended
        try startWorker("journal-writer") {
            writer.run()
            housekeeper.stop()
            held.release()
            ended.open()
        }
        return journal
    }

    private init(
        recovery: RecoveryReport, disk: any Disk, directory: String, configuration: JournalConfiguration, catalog: Catalog,
        topicNames: TopicNames, end: Int64, housekeeper: Housekeeper, blocks: BlockCache, policies: TopicPolicies,
        clock: @escaping @Sendable () -> Int64
    ) {
        self.recovery = recovery
        self.disk = disk
        self.directory = directory
        self.configuration = configuration
        self.catalog = catalog
        self.topicNames = topicNames
        self.housekeeper = housekeeper
        self.blocks = blocks
        self.policies = Mutex(policies)
        self.clock = clock
        signal = EndSignal(end: end)
        queue = WriteQueue(maxBytesInFlight: configuration.maxBytesInFlight, maxGroupBytes: configuration.maxGroupBytes)
        cache = IndexCache(bound: configuration.cachedIndexes)
    }

    deinit { queue.close(EventLogError(.closed, "the log was dropped without being closed")) }

    /// Bytes that wait for their sync.
    public var bytesInFlight: Int { queue.bytesInFlight }

    /// Damage found since the journal was opened, recovery included. At most 10,000 ranges are kept.
    public var damage: [RecoveryReport.DamagedRange] { catalog.read { $0.damage } }

    /// Whether appends can succeed: `nil`, or why not.
    public var refusal: EventLogError? { queue.refusal }

    /// Sequence of the next record.
    public var endSequence: Int64 { signal.end }

    public func end() async -> LogCursor { LogCursor(sequence: signal.end) }

    public func waitForRecords(at cursor: LogCursor) async throws {
        try await signal.wait(for: cursor.sequence)
    }

    /// Waits for what is in flight, marks the clean end, gives the folder free. Calling it again does nothing.
    public func close() async throws {
        let closed = EventLogError(.closed, "the log was closed")
        queue.close(closed)
        signal.fail(closed)
        groupSignal.fail(closed)
        await ended.wait()
    }

    func checkOpen() throws(EventLogError) {
        if let refusal = queue.refusal, refusal.code == .closed { throw refusal }
    }

    func takeBuffer() -> FrameBuffer {
        let free = buffers.withLock { $0.popLast() }
        return free ?? FrameBuffer(capacity: 256 << 10)
    }

    func giveBack(_ buffer: FrameBuffer) {
        // A huge append's memory is not kept, nor more buffers than callers are likely at once.
        guard buffer.capacity <= 4 << 20 else { return }
        buffer.reset()
        buffers.withLock { if $0.count < 64 { $0.append(buffer) } }
    }
}
