extension DiskFile {
    /// Up to `count` bytes from `position` on; fewer at the end of the file.
    func bytes(at position: Int64, count: Int) throws(DiskError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        let result = bytes.withUnsafeMutableBytes { buffer in
            Result { () throws(DiskError) in try read(into: buffer, at: position) }
        }
        let done = try result.get()
        if done < count { bytes.removeLast(count - done) }
        return bytes
    }

    func write(_ bytes: [UInt8], at position: Int64) throws(DiskError) {
        let result = bytes.withUnsafeBytes { buffer in
            Result { () throws(DiskError) in try write([buffer], at: position) }
        }
        try result.get()
    }
}
