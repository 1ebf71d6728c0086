import CTower
import Glibc

/// A compressed segment, read as if it were not: positions are those of version 1.
///
/// - Damage: a block that does not match its checksum reads as bytes of 0xFF, which are no frame, no section and no untouched
///   sector; so it costs the records that lie in it and no other.
/// - Concurrency: any thread.
final class CompressedFile: DiskFile {
    let header: CompressedHeader
    /// Of the file.
    let storedBytes: Int64
    /// Whether header and table at the beginning, and those at the end, are whole.
    let isFrontIntact: Bool
    let isBackIntact: Bool
    private let stored: any DiskFile
    private let path: String
    /// Empty when both tables are damaged: then no block can be found.
    private let blocks: [CompressedBlock]
    private let cache: BlockCache
    private let identity: UInt64
    /// Stored bytes read at once.
    private static let maxRun = 1 << 20
    private static let damageFill: UInt8 = 0xFF

    /// `nil` when neither end of the file is the header of a compressed segment.
    init?(_ stored: any DiskFile, path: String, cache: BlockCache) throws(DiskError) {
        let size = try stored.size()
        let front = try stored.bytes(at: 0, count: CompressedHeader.size).withUnsafeBytes { CompressedHeader($0) }
        let tail = size - Int64(CompressedHeader.size)
        let back = tail > 0 ? try stored.bytes(at: tail, count: CompressedHeader.size).withUnsafeBytes { CompressedHeader($0) } : nil
        guard let header = front ?? back else { return nil }
        let frontTable = try Self.table(stored, header, at: Int64(CompressedHeader.size))
        let backTable = try Self.table(stored, header, at: tail - Int64(header.tableBytes))
        self.header = header
        self.stored = stored
        self.path = path
        self.cache = cache
        storedBytes = size
        isFrontIntact = front != nil && frontTable != nil
        isBackIntact = back != nil && backTable != nil
        blocks = frontTable ?? backTable ?? []
        identity = cache.newFile()
    }

    private static func table(_ stored: any DiskFile, _ header: CompressedHeader, at place: Int64) throws(DiskError)
        -> [CompressedBlock]?
    {
        guard place >= Int64(CompressedHeader.size) else { return nil }
        let bytes = try stored.bytes(at: place, count: header.tableBytes)
        return bytes.withUnsafeBytes { bytes -> [CompressedBlock]? in
            guard bytes.count == header.tableBytes, let base = bytes.baseAddress,
                base.checksum(0..<bytes.count) == header.tableChecksum
            else { return nil }
            var position = header.blocksStart
            return (0..<header.blockCount).map { index in
                let block = CompressedBlock(base + index * CompressedBlock.size, position: position)
                position += Int64(block.length)
                return block
            }
        }
    }

    func size() throws(DiskError) -> Int64 { header.logicalSize }

    func write(_ pieces: [UnsafeRawBufferPointer], at position: Int64) throws(DiskError) { throw readOnly("write") }
    func sync() throws(DiskError) {}
    func truncate(to size: Int64) throws(DiskError) { throw readOnly("truncate") }
    private func readOnly(_ operation: String) -> DiskError { DiskError(operation: operation, path: path, number: EROFS) }

    func read(into buffer: UnsafeMutableRawBufferPointer, at position: Int64) throws(DiskError) -> Int {
        let count = Int(max(0, min(Int64(buffer.count), header.logicalSize - position)))
        guard count > 0, let target = buffer.baseAddress else { return 0 }
        var done = 0
        while done < count {
            let at = position + Int64(done)
            let block = Int(at / Int64(header.blockSize))
            let offset = Int(at % Int64(header.blockSize))
            let length = header.logicalLength(of: block)
            if offset == 0, count - done >= length {
                let last = Int((at + Int64(count - done)) / Int64(header.blockSize))
                let end = position + Int64(count) == header.logicalSize ? header.blockCount : last
                done += try readWhole(block..<max(end, block + 1), to: target + done)
            } else {
                let piece = min(length - offset, count - done)
                try readPart(block, offset..<offset + piece, to: target + done)
                done += piece
            }
        }
        return count
    }

    /// Decompresses the first of some whole blocks, as many as are read at once, straight to `target`.
    private func readWhole(_ range: Range<Int>, to target: UnsafeMutableRawPointer) throws(DiskError) -> Int {
        guard range.upperBound <= blocks.count else { return fill(target, blocks: range.lowerBound..<range.lowerBound + 1) }
        var end = range.lowerBound + 1
        let start = blocks[range.lowerBound].position
        while end < range.upperBound, blocks[end].position + Int64(blocks[end].length) - start <= Int64(Self.maxRun) { end += 1 }
        let memory = cache.takeMemory(Self.maxRun + 2 * AlignedMemory.blockSize)
        defer { cache.giveBack(memory) }
        let bytes = try load(range.lowerBound..<end, into: memory)
        var done = 0
        for block in range.lowerBound..<end {
            let length = header.logicalLength(of: block)
            decode(block, bytes, from: start, to: target + done)
            done += length
        }
        return done
    }

    private func readPart(_ block: Int, _ range: Range<Int>, to target: UnsafeMutableRawPointer) throws(DiskError) {
        guard block < blocks.count else {
            target.initializeMemory(as: UInt8.self, repeating: Self.damageFill, count: range.count)
            return
        }
        if cache.copy(range, file: identity, block: block, to: target) { return }
        let memory = cache.takeMemory(blocks[block].length + 2 * AlignedMemory.blockSize)
        defer { cache.giveBack(memory) }
        let bytes = try load(block..<block + 1, into: memory)
        let plain = cache.takeMemory(header.blockSize)
        guard let base = plain.bytes.baseAddress else { return }
        decode(block, bytes, from: blocks[block].position, to: base)
        target.copyMemory(from: base + range.lowerBound, byteCount: range.count)
        cache.insert(plain, count: header.logicalLength(of: block), file: identity, block: block)
    }

    /// The stored bytes of some blocks; fewer where the file ends too early. Whole disk blocks are read, past the page cache
    /// where that goes.
    private func load(_ range: Range<Int>, into memory: AlignedMemory) throws(DiskError) -> UnsafeRawBufferPointer {
        let start = blocks[range.lowerBound].position
        let end = blocks[range.upperBound - 1].position + Int64(blocks[range.upperBound - 1].length)
        let alignment = Int64(AlignedMemory.blockSize)
        let from = start / alignment * alignment
        let length = Int(alignedUp(end, to: alignment) - from)
        memory.reserve(length)
        let got = try stored.read(into: UnsafeMutableRawBufferPointer(rebasing: memory.bytes[..<length]), at: from)
        let skip = Int(start - from)
        return UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(memory.bytes)[min(skip, got)..<min(Int(end - from), got)])
    }

    /// Takes a block out of `bytes`, which begin at `start` of the file. A damaged one becomes 0xFF.
    private func decode(_ block: Int, _ bytes: UnsafeRawBufferPointer, from start: Int64, to target: UnsafeMutableRawPointer) {
        let row = blocks[block]
        let length = header.logicalLength(of: block)
        let offset = Int(row.position - start)
        if let base = bytes.baseAddress, offset + row.length <= bytes.count,
            base.checksum(offset..<offset + row.length) == row.checksum
        {
            if row.isRaw, row.length == length {
                target.copyMemory(from: base + offset, byteCount: length)
                return
            }
            if !row.isRaw, tower_lz4_decompress(base + offset, row.length, target, length) == Int64(length) { return }
        }
        target.initializeMemory(as: UInt8.self, repeating: Self.damageFill, count: length)
    }

    private func fill(_ target: UnsafeMutableRawPointer, blocks range: Range<Int>) -> Int {
        let count = range.reduce(0) { $0 + header.logicalLength(of: $1) }
        target.initializeMemory(as: UInt8.self, repeating: Self.damageFill, count: count)
        return count
    }

    /// Blocks whose stored bytes do not match their checksums: reads all of the file.
    func damagedBlocks() throws(DiskError) -> [Int] {
        guard !blocks.isEmpty else { return Array(0..<header.blockCount) }
        let memory = cache.takeMemory(Self.maxRun)
        defer { cache.giveBack(memory) }
        var damaged: [Int] = []
        var first = 0
        while first < blocks.count {
            var end = first + 1
            let start = blocks[first].position
            while end < blocks.count, blocks[end].position + Int64(blocks[end].length) - start <= Int64(Self.maxRun) { end += 1 }
            let bytes = try load(first..<end, into: memory)
            for block in first..<end {
                let offset = Int(blocks[block].position - start)
                let stop = offset + blocks[block].length
                let isWhole = stop <= bytes.count && bytes.baseAddress?.checksum(offset..<stop) == blocks[block].checksum
                if !isWhole { damaged.append(block) }
            }
            first = end
        }
        return damaged
    }

    /// Where a block's bytes lie in the file.
    func storedRange(of block: Int) -> Range<Int64> {
        guard block < blocks.count else { return 0..<storedBytes }
        return blocks[block].position..<blocks[block].position + Int64(blocks[block].length)
    }
}
