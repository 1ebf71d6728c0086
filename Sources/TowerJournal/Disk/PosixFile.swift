import Glibc

/// A descriptor that closes itself, and a second one past the page cache for whole blocks.
///
/// Filling fresh pages cost more processor time here than everything else about an append together (2.4 s a GB against
/// 0.1), so writes and reads whose memory, place and length are whole blocks bypass the cache where the file system can.
final class PosixFile: DiskFile {
    private static let blockSize = 4096
    /// O_DIRECT, which the Glibc module does not show.
    #if arch(arm64)
        private static let directFlag: Int32 = 0x10000
    #else
        private static let directFlag: Int32 = 0x4000
    #endif
    private let descriptor: Int32
    /// -1 where the file system has no direct access (tmpfs).
    private let direct: Int32
    private let path: String

    init(descriptor: Int32, path: String, isWritable: Bool) {
        self.descriptor = descriptor
        self.path = path
        direct = Glibc.open(path, (isWritable ? O_RDWR : O_RDONLY) | Self.directFlag | O_CLOEXEC)
    }

    deinit {
        Glibc.close(descriptor)
        if direct >= 0 { Glibc.close(direct) }
    }

    private static func isAligned(_ address: UnsafeRawPointer?, _ count: Int, _ position: Int64) -> Bool {
        Int(bitPattern: address) % blockSize == 0 && count % blockSize == 0 && position % Int64(blockSize) == 0
    }

    func size() throws(DiskError) -> Int64 {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw DiskError(operation: "stat", path: path, number: errno) }
        return Int64(status.st_size)
    }

    func read(into buffer: UnsafeMutableRawBufferPointer, at position: Int64) throws(DiskError) -> Int {
        var done = 0
        if direct >= 0, Self.isAligned(buffer.baseAddress, buffer.count, position) {
            // Whatever this does not give, the end of the file included, is asked for again below.
            done = max(0, pread(direct, buffer.baseAddress, buffer.count, off_t(position)))
        }
        while done < buffer.count {
            let count = pread(descriptor, buffer.baseAddress.map { $0 + done }, buffer.count - done, off_t(position) + done)
            if count == 0 { break }
            if count < 0 {
                if errno == EINTR { continue }
                throw DiskError(operation: "read", path: path, number: errno)
            }
            done += count
        }
        return done
    }

    func write(_ pieces: [UnsafeRawBufferPointer], at position: Int64) throws(DiskError) {
        let isDirect =
            direct >= 0 && position % Int64(Self.blockSize) == 0
            && pieces.allSatisfy { Self.isAligned($0.baseAddress, $0.count, 0) }
        let descriptor = isDirect ? direct : descriptor
        // The kernel takes at most 1,024 pieces a call (IOV_MAX).
        var vectors = pieces.map { iovec(iov_base: UnsafeMutableRawPointer(mutating: $0.baseAddress), iov_len: $0.count) }
        var first = 0
        var at = position
        while first < vectors.count {
            let count = min(vectors.count - first, 1024)
            let written = vectors.withUnsafeBufferPointer {
                pwritev(descriptor, $0.baseAddress.map { $0 + first }, Int32(count), off_t(at))
            }
            if written < 0 {
                if errno == EINTR { continue }
                throw DiskError(operation: "write", path: path, number: errno)
            }
            at += Int64(written)
            var left = written
            while first < vectors.count, left >= vectors[first].iov_len {
                left -= vectors[first].iov_len
                first += 1
            }
            if left % Self.blockSize != 0, isDirect {
                // A direct write that ended inside a block cannot go on from there.
                throw DiskError(operation: "write", path: path, number: EIO)
            }
            if left > 0 {
                vectors[first].iov_base += left
                vectors[first].iov_len -= left
            } else if written == 0, first < vectors.count {
                throw DiskError(operation: "write", path: path, number: EIO)
            }
        }
    }

    func sync() throws(DiskError) {
        // Not repeated on EINTR or any other error: the kernel may have dropped the dirty pages already.
        guard fdatasync(descriptor) == 0 else { throw DiskError(operation: "sync", path: path, number: errno) }
    }

    func truncate(to size: Int64) throws(DiskError) {
        guard ftruncate(descriptor, off_t(size)) == 0 else { throw DiskError(operation: "truncate", path: path, number: errno) }
    }
}
