/// Memory at a multiple of the disk's block size, so that reads into it and writes from it can go past the page cache.
final class AlignedMemory: @unchecked Sendable {
    static let blockSize = 4096
    private(set) var bytes: UnsafeMutableRawBufferPointer

    /// - Parameter count: rounded up to whole blocks.
    init(count: Int) {
        bytes = .allocate(byteCount: alignedUp(max(count, 1), to: Self.blockSize), alignment: Self.blockSize)
    }

    deinit { bytes.deallocate() }

    /// Makes room for `count` bytes; what was there is gone if that needed more memory.
    func reserve(_ count: Int) {
        guard bytes.count < count else { return }
        bytes.deallocate()
        bytes = .allocate(byteCount: alignedUp(count, to: Self.blockSize), alignment: Self.blockSize)
    }
}
