/// A sliding piece of a file for reading it from front to back.
final class FileWindow {
    private let file: any DiskFile
    let size: Int64
    private var buffer: UnsafeMutableRawBufferPointer
    private var start: Int64 = 0
    private var count = 0
    private static let chunk = 4 << 20
    /// Reads are whole blocks, so that they need not go through the page cache.
    private static let block = 4096

    init(_ file: any DiskFile) throws(DiskError) {
        self.file = file
        size = try file.size()
        buffer = .allocate(byteCount: alignedUp(Int(min(size, Int64(Self.chunk))), to: Self.block), alignment: Self.block)
    }

    deinit { buffer.deallocate() }

    /// At least `wanted` bytes from `position` on, fewer only at the end of the file. Valid until the next call.
    func bytes(at position: Int64, atLeast wanted: Int) throws(DiskError) -> UnsafeRawBufferPointer {
        let available = Int(max(0, min(size - position, Int64(wanted))))
        if position < start || position + Int64(available) > start + Int64(count) {
            start = position / Int64(Self.block) * Int64(Self.block)
            let length = alignedUp(Int(min(size - start, Int64(max(wanted + Self.block, Self.chunk)))), to: Self.block)
            if length > buffer.count {
                buffer.deallocate()
                buffer = .allocate(byteCount: length, alignment: Self.block)
            }
            count = length <= 0 ? 0 : try file.read(into: UnsafeMutableRawBufferPointer(rebasing: buffer[..<length]), at: start)
        }
        let offset = Int(position - start)
        guard offset < count else { return UnsafeRawBufferPointer(start: nil, count: 0) }
        return UnsafeRawBufferPointer(rebasing: buffer[offset..<count])
    }

    /// Where the last byte that is not zero ends; `from` when there is none.
    func lastNonZero(from: Int64) throws(DiskError) -> Int64 {
        var end = from
        var position = from
        while position < size {
            let piece = try bytes(at: position, atLeast: 1)
            if piece.isEmpty { break }
            if let last = Self.lastNonZeroIndex(piece) { end = position + Int64(last + 1) }
            position += Int64(piece.count)
        }
        return end
    }

    private static func lastNonZeroIndex(_ bytes: UnsafeRawBufferPointer) -> Int? {
        guard let base = bytes.baseAddress else { return nil }
        var end = bytes.count
        while end % 8 != 0 {
            end -= 1
            if bytes[end] != 0 { return end }
        }
        while end >= 8 {
            if base.integer(end - 8, as: UInt64.self) != 0 {
                return (end - 8..<end).last { bytes[$0] != 0 }
            }
            end -= 8
        }
        return nil
    }

    /// Whether the part of the range in its first sector, which may hold older data before it, reads as zeros. A header never
    /// begins with eight of them.
    func beginsEmpty(_ range: Range<Int64>) throws(DiskError) -> Bool {
        let count = Int(min(range.lowerBound / 512 * 512 + 512, range.upperBound) - range.lowerBound)
        return try bytes(at: range.lowerBound, atLeast: count).prefix(count).allSatisfy { $0 == 0 }
    }

    /// Whether a disk sector of the range reads as it was before the write: as zeros, since files are zero-filled. The mark
    /// of a write that never reached the disk; a changed bit leaves the rest of its sector as it was.
    func hasEmptySector(_ range: Range<Int64>) throws(DiskError) -> Bool {
        if try beginsEmpty(range) { return true }
        var sector = range.lowerBound / 512 * 512
        while sector < range.upperBound {
            let bytes = try bytes(at: sector, atLeast: 512).prefix(512)
            if bytes.allSatisfy({ $0 == 0 }) { return true }
            sector += 512
        }
        return false
    }
}
