extension DiskFile {
    /// Adds bytes to the end of a file, from the front to the back, the whole blocks among them past the page cache: a footer
    /// of many sections there cost more processor time than writing the records before it.
    ///
    /// - Parameter end: the size of the file.
    func extend(from end: Int64, with bytes: [UInt8]) throws(DiskError) {
        let block = TailRing.blockSize
        let piece = 1 << 20
        let head = (block - Int(end % Int64(block))) % block
        let whole = (bytes.count - head) / block * block
        guard whole >= piece / 4 else { return try write(bytes, at: end) }
        try write(Array(bytes[..<head]), at: end)
        let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: piece, alignment: block)
        defer { memory.deallocate() }
        var at = head
        while at < head + whole {
            let count = min(piece, head + whole - at)
            bytes.withUnsafeBytes { memory.copyMemory(from: UnsafeRawBufferPointer(rebasing: $0[at..<at + count])) }
            try write([UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(memory)[..<count])], at: end + Int64(at))
            at += count
        }
        try write(Array(bytes[at...]), at: end + Int64(at))
    }
}
