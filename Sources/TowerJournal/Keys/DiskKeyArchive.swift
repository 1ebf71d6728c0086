import Synchronization
public import TowerStreaming
import TowerThreads

/// Key files in a folder of their own, written by a thread of their own.
///
/// - Concurrency: `append` puts a chunk in a queue; a disk that does not keep up ends the chain rather than hold anybody up.
/// - Ownership: one a folder; whoever opens it holds the lock of the log beside it.
/// - Source: docs/formats/key-files.md, ADR-026.
public final class DiskKeyArchive: KeyArchive {
    /// Chunks that may wait for the disk.
    public static let maxWaiting = 64

    private struct Queue {
        var chunks: [KeyChunk] = []
        var isClosing = false
        var isDone = false
        var isCut = false
    }
    public let secret: WideKey
    private let disk: any Disk
    private let directory: String
    private let keysPerFile: Int
    private let isInline: Bool
    private let chain: Mutex<KeyChain>
    private let writer = Mutex<KeyFileWriter?>(nil)
    private let queue = Monitor(Queue())
    private let ended = Latch()

    /// - Parameters:
    ///   - newSecret: taken when there is no chain to go on with.
    ///   - keysPerFile: once as many are in a file the next one begins, and of those before only one is kept.
    ///   - isInline: writes in the caller's thread, so that the order of disk calls is the same every time.
    /// - Throws: `EventLogError` when the folder cannot be read or made.
    public init(
        directory: String, newSecret: WideKey, keysPerFile: Int, isInline: Bool = false, disk: any Disk = PosixDisk()
    ) throws(EventLogError) {
        self.disk = disk
        self.directory = directory
        self.keysPerFile = keysPerFile
        self.isInline = isInline
        do throws(DiskError) {
            try disk.createDirectory(directory)
            let chain = try KeyChain(disk, directory: directory)
            secret = chain.files.first?.header.secret ?? newSecret
            self.chain = Mutex(chain)
        } catch {
            throw EventLogError(error.isFull ? .diskFull : .io, "could not open the key files in \(directory): \(error.description)")
        }
    }

    deinit { queue.update { $0.isClosing = true } }

    public var extent: KeyExtent? { chain.withLock { $0.extent } }

    public var trouble: String? {
        let failure = writer.withLock { $0?.failure }
        if let failure { return failure.description }
        if queue.read({ $0.isCut }) { return "the disk did not keep up with the keys" }
        return chain.withLock { $0.trouble }
    }

    public func read(newest: Int, _ body: (UnsafeBufferPointer<UInt64>) -> Void) -> KeyExtent? {
        chain.withLock { chain in
            chain.read(newest: newest, body)
            return chain.extent
        }
    }

    public func restart(from sequence: Int64) { begin(restartingFrom: sequence) }

    public func append(_ chunk: KeyChunk) {
        begin(restartingFrom: nil)
        guard !isInline else { return writer.withLock { $0?.write(chunk) } }
        queue.update { queue in
            if queue.chunks.count >= Self.maxWaiting { queue.isCut = true }
            guard !queue.isCut, !queue.isClosing else { return }
            queue.chunks.append(chunk)
        }
    }

    public func close() async {
        let isRunning = writer.withLock { writer in
            if isInline { writer?.sync() }
            return writer != nil && !isInline
        }
        guard isRunning else { return }
        queue.update { $0.isClosing = true }
        await ended.wait()
    }

    /// Ends the reading: what was found is what will be gone on with, or forgotten.
    private func begin(restartingFrom sequence: Int64?) {
        let started = writer.withLock { writer -> KeyFileWriter? in
            guard writer == nil else { return nil }
            let made = chain.withLock { chain in
                KeyFileWriter(disk, directory: directory, chain: chain, secret: secret, keysPerFile: keysPerFile)
            }
            if let sequence { made.restart(from: sequence) }
            writer = made
            return made
        }
        guard let started, !isInline else { return }
        let (queue, ended) = (queue, ended)
        do throws(DiskError) {
            try startWorker("key-archive") {
                while let chunks = queue.wait({ queue -> [KeyChunk]?? in
                    if queue.chunks.isEmpty { return queue.isClosing ? .some(nil) : nil }
                    defer { queue.chunks = [] }
                    return .some(queue.chunks)
                }) {
                    for chunk in chunks { started.write(chunk) }
                }
                started.sync()
                ended.open()
            }
        } catch {
            queue.update { $0.isCut = true }
            ended.open()
        }
    }
}
