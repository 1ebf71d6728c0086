import Synchronization

/// A segment's bytes, in whatever form they lie on disk today: readers keep this while the form changes under them.
///
/// - Concurrency: a read that began on the old form ends on it; positions mean the same in both.
final class SegmentStorage: DiskFile {
    private struct State {
        var file: any DiskFile
        /// What it takes on disk, when that is not its size.
        var storedBytes: Int64?
        var isIncompressible = false
    }
    private let state: Mutex<State>

    init(_ file: any DiskFile) {
        state = Mutex(State(file: file, storedBytes: (file as? CompressedFile)?.storedBytes))
    }

    /// Opens a segment in whichever form it is.
    static func open(_ disk: any Disk, _ path: String, _ mode: DiskOpenMode, cache: BlockCache) throws(DiskError) -> SegmentStorage {
        let file = try disk.open(path, mode)
        return SegmentStorage(try CompressedFile(file, path: path, cache: cache) ?? file)
    }

    private var file: any DiskFile { state.withLock { $0.file } }

    /// Bytes on disk; `nil` for a segment that is not compressed.
    var compressedBytes: Int64? { state.withLock { $0.storedBytes } }

    /// Compressing it was tried and saved nothing; not tried again until the journal is opened anew.
    var isIncompressible: Bool { state.withLock { $0.isIncompressible } }
    func noteIncompressible() { state.withLock { $0.isIncompressible = true } }

    /// Reads from `compressed` from now on.
    func replace(with compressed: CompressedFile) {
        state.withLock { $0 = State(file: compressed, storedBytes: compressed.storedBytes) }
    }

    /// The compressed form; `nil` when it is not compressed.
    var compressed: CompressedFile? { file as? CompressedFile }

    /// A file that lost some of the zeros that fill its last section up to a multiple of eight is as good as before: they
    /// count, and read, as if they were there.
    func size() throws(DiskError) -> Int64 { alignedUp(try file.size()) }
    func read(into buffer: UnsafeMutableRawBufferPointer, at position: Int64) throws(DiskError) -> Int {
        let count = try file.read(into: buffer, at: position)
        let end = Int(position) + count
        guard count > 0, count < buffer.count, end % 8 != 0 else { return count }
        let missing = min(8 - end % 8, buffer.count - count)
        UnsafeMutableRawBufferPointer(rebasing: buffer[count..<count + missing]).initializeMemory(as: UInt8.self, repeating: 0)
        return count + missing
    }
    func write(_ pieces: [UnsafeRawBufferPointer], at position: Int64) throws(DiskError) { try file.write(pieces, at: position) }
    func sync() throws(DiskError) { try file.sync() }
    func truncate(to size: Int64) throws(DiskError) { try file.truncate(to: size) }
}

extension SegmentFile {
    var storage: SegmentStorage? { file as? SegmentStorage }
    var isCompressed: Bool { storage?.compressedBytes != nil }
}
