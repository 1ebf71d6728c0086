import Synchronization

/// Memory for reading, block-aligned and reused: fresh memory for every megabyte read costs more than reading it.
final class ReadBufferPool: Sendable {
    final class Buffer: @unchecked Sendable {
        private var memory = UnsafeMutableRawBufferPointer(start: nil, count: 0)

        deinit { memory.deallocate() }

        var capacity: Int { memory.count }

        /// The range's bytes, fewer at the end of the file; valid until the next read.
        func read(_ file: SegmentFile, _ range: Range<Int64>) throws(DiskError) -> UnsafeRawBufferPointer {
            let length = Int(range.upperBound - range.lowerBound)
            if memory.count < length {
                memory.deallocate()
                memory = .allocate(byteCount: alignedUp(length, to: TailRing.blockSize), alignment: TailRing.blockSize)
            }
            let count = try file.read(into: UnsafeMutableRawBufferPointer(rebasing: memory[..<length]), at: range.lowerBound)
            return UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(memory)[..<count])
        }
    }
    private let free = Mutex<[Buffer]>([])

    func take() -> Buffer { free.withLock { $0.popLast() } ?? Buffer() }

    func giveBack(_ buffer: Buffer) {
        guard buffer.capacity <= 4 << 20 else { return }
        free.withLock { if $0.count < 8 { $0.append(buffer) } }
    }
}
