import CTower

/// Writes a sealed segment anew as blocks of LZ4. Nothing is removed here: the answer is a second file, whole and synced.
struct SegmentCompressor {
    /// Read, compressed and written at once.
    private static let chunk = 1 << 20

    let disk: any Disk
    /// Asked between chunks: whether to leave off.
    let isCancelled: @Sendable () -> Bool

    /// - Returns: the size of the new file; `nil` when it was left off, or when compressing did not save an eighth. Then, as
    ///   after an error, no new file is left.
    func compress(_ source: any DiskFile, _ header: CompressedHeader, to path: String) throws(DiskError) -> Int64? {
        let target = try disk.open(path, .create)
        do throws(DiskError) {
            if let size = try write(source, header, to: target), size <= header.logicalSize - header.logicalSize / 8 {
                return size
            }
        } catch {
            try? disk.remove(path)
            throw error
        }
        try disk.remove(path)
        return nil
    }

    private func write(_ source: any DiskFile, _ plan: CompressedHeader, to target: any DiskFile) throws(DiskError) -> Int64? {
        var header = plan
        let input = AlignedMemory(count: Self.chunk)
        var output = Output(target, start: header.blocksStart, blockSize: header.blockSize)
        var table = [UInt8](repeating: 0, count: header.tableBytes)
        var at: Int64 = 0
        while at < header.logicalSize {
            if isCancelled() { return nil }
            let wanted = Int(min(Int64(Self.chunk), header.logicalSize - at))
            // Whole blocks, so that the read can go past the page cache; the file may end before.
            let got = try source.read(
                into: UnsafeMutableRawBufferPointer(rebasing: input.bytes[..<alignedUp(wanted, to: AlignedMemory.blockSize)]), at: at)
            // A file shorter than its footer says is not to be touched.
            guard got >= wanted, let base = input.bytes.baseAddress else { return nil }
            var offset = 0
            while offset < wanted {
                let block = Int(at / Int64(header.blockSize)) + offset / header.blockSize
                let row = output.append(UnsafeRawPointer(base + offset), count: header.logicalLength(of: block))
                table.withUnsafeMutableBytes { $0.baseAddress.map { row.write(to: $0 + block * CompressedBlock.size) } }
                offset += header.logicalLength(of: block)
            }
            try output.flush()
            at += Int64(wanted)
        }
        header.tableChecksum = table.withUnsafeBytes { $0.baseAddress?.checksum(0..<$0.count) ?? 0 }
        header.fileSize = output.end + Int64(table.count + CompressedHeader.size)
        var head = [UInt8](repeating: 0, count: CompressedHeader.size)
        head.withUnsafeMutableBytes { if let base = $0.baseAddress { header.write(to: base) } }
        try output.finish(with: table + head)
        try target.write(head + table, at: 0)
        try target.sync()
        return header.fileSize
    }

    /// Compressed blocks on their way to the file, written in whole disk blocks.
    private struct Output {
        private let file: any DiskFile
        private let memory: AlignedMemory
        private var count = 0
        /// Where the first byte of `memory` goes.
        private var position: Int64

        init(_ file: any DiskFile, start: Int64, blockSize: Int) {
            self.file = file
            position = start
            // What one chunk can give at most, and what is left of the one before.
            let blocks = (SegmentCompressor.chunk + blockSize - 1) / blockSize
            memory = AlignedMemory(count: blocks * max(tower_lz4_bound(blockSize), blockSize) + AlignedMemory.blockSize)
        }

        var end: Int64 { position + Int64(count) }

        mutating func append(_ bytes: UnsafeRawPointer, count length: Int) -> CompressedBlock {
            guard let base = memory.bytes.baseAddress else {
                return CompressedBlock(position: end, length: 0, isRaw: true, checksum: 0)
            }
            let room = memory.bytes.count - count
            var stored = tower_lz4_compress(bytes, length, base + count, room)
            // A block that hardly shrinks is faster to read as it is.
            let isRaw = stored == 0 || stored > length - length / 8
            if isRaw {
                (base + count).copyMemory(from: bytes, byteCount: length)
                stored = length
            }
            let row = CompressedBlock(
                position: end, length: stored, isRaw: isRaw, checksum: UnsafeRawPointer(base).checksum(count..<count + stored))
            count += stored
            return row
        }

        /// Writes the whole disk blocks there are.
        mutating func flush() throws(DiskError) {
            let whole = count / AlignedMemory.blockSize * AlignedMemory.blockSize
            guard whole > 0, let base = memory.bytes.baseAddress else { return }
            try file.write([UnsafeRawBufferPointer(start: base, count: whole)], at: position)
            base.copyMemory(from: base + whole, byteCount: count - whole)
            count -= whole
            position += Int64(whole)
        }

        mutating func finish(with tail: [UInt8]) throws(DiskError) {
            let rest = UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(memory.bytes)[..<count])
            try file.write(Array(rest) + tail, at: position)
        }
    }
}
