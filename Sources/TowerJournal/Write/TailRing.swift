import Glibc
import Synchronization

/// The last bytes of the segment being written, in memory: what the writer writes from and the readers of the newest
/// records read from, so that neither goes through the page cache.
///
/// - Shape: the byte at file position `p` lies at `p % capacity`. Covers at most `capacity` bytes up to the end.
/// - Concurrency: one writer, any readers; a reader holds the lock for the copy of one slice at a time.
final class TailRing: @unchecked Sendable {
    static let blockSize = 4096
    private static let slice = 128 << 10
    private static let hugePage = 2 << 20
    /// MADV_HUGEPAGE.
    private static let adviseHuge: Int32 = 14

    private struct Coverage {
        var file: ObjectIdentifier?
        var start: Int64 = 0
        var end: Int64 = 0
    }
    let capacity: Int
    private let memory: UnsafeMutableRawPointer
    private let coverage = Mutex(Coverage())

    /// - Parameter capacity: a multiple of the block size.
    init(capacity: Int) {
        self.capacity = capacity
        let isLarge = capacity >= Self.hugePage
        memory = .allocate(byteCount: capacity, alignment: isLarge ? Self.hugePage : Self.blockSize)
        // A direct write hands the disk its memory page by page: the fewer the better. Without huge pages it is only slower.
        if isLarge { madvise(memory, capacity, Self.adviseHuge) }
    }

    deinit { memory.deallocate() }

    /// Forgets everything and begins at `position` of another file (or again of the same).
    func restart(_ file: SegmentFile, at position: Int64) {
        coverage.withLock { $0 = Coverage(file: ObjectIdentifier(file), start: position, end: position) }
    }

    /// Adds bytes at the end, at most `capacity`. Readers of what stays covered go on meanwhile.
    func append(_ bytes: UnsafeRawBufferPointer) {
        let end = coverage.withLock { coverage -> Int64 in
            // Given up before it is overwritten; nobody reads behind the end.
            coverage.start = max(coverage.start, coverage.end + Int64(bytes.count - capacity))
            return coverage.end
        }
        let place = Int(end % Int64(capacity))
        let first = min(bytes.count, capacity - place)
        if let source = bytes.baseAddress {
            (memory + place).copyMemory(from: source, byteCount: first)
            memory.copyMemory(from: source + first, byteCount: bytes.count - first)
        }
        coverage.withLock { $0.end = end + Int64(bytes.count) }
    }

    /// Calls `body` with the memory of a range that is covered, in one piece or two. For the writer, who alone adds.
    /// The bytes behind the end up to `range`'s are zeroed first.
    func pieces(_ range: Range<Int64>) -> [UnsafeRawBufferPointer] {
        let end = coverage.withLock { coverage -> Int64 in
            // Padding overwrites the oldest bytes, which are given up for it.
            coverage.start = max(coverage.start, range.upperBound - Int64(capacity))
            return coverage.end
        }
        var pad = end
        while pad < range.upperBound {
            memory.storeBytes(of: 0, toByteOffset: Int(pad % Int64(capacity)), as: UInt8.self)
            pad += 1
        }
        let place = Int(range.lowerBound % Int64(capacity))
        let count = Int(range.upperBound - range.lowerBound)
        let first = min(count, capacity - place)
        var pieces = [UnsafeRawBufferPointer(start: memory + place, count: first)]
        if first < count { pieces.append(UnsafeRawBufferPointer(start: memory, count: count - first)) }
        return pieces
    }

    func covers(_ file: SegmentFile, _ position: Int64) -> Bool {
        coverage.withLock { $0.file == ObjectIdentifier(file) && (position >= $0.start && position < $0.end) }
    }

    /// Copies a range of a file; false when it is not (or no longer) here.
    func read(_ file: SegmentFile, into buffer: UnsafeMutableRawBufferPointer, at position: Int64) -> Bool {
        var done = 0
        while done < buffer.count {
            let isCopied = coverage.withLock { coverage -> Bool in
                let at = position + Int64(done)
                let place = Int(at % Int64(capacity))
                let count = min(buffer.count - done, Self.slice, capacity - place)
                guard coverage.file == ObjectIdentifier(file), at >= coverage.start, at + Int64(count) <= coverage.end,
                    let target = buffer.baseAddress
                else { return false }
                (target + done).copyMemory(from: memory + place, byteCount: count)
                done += count
                return true
            }
            guard isCopied else { return false }
        }
        return true
    }
}
