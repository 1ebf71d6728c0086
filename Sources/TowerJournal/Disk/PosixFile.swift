import Glibc

/// A descriptor that closes itself.
final class PosixFile: DiskFile {
    private let descriptor: Int32
    private let path: String

    init(descriptor: Int32, path: String) {
        self.descriptor = descriptor
        self.path = path
    }

    deinit { Glibc.close(descriptor) }

    func size() throws(DiskError) -> Int64 {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw DiskError(operation: "stat", path: path, number: errno) }
        return Int64(status.st_size)
    }

    func read(into buffer: UnsafeMutableRawBufferPointer, at position: Int64) throws(DiskError) -> Int {
        var done = 0
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
        // The kernel takes at most 1,024 pieces a call (IOV_MAX).
        var vectors = pieces.map { iovec(iov_base: UnsafeMutableRawPointer(mutating: $0.baseAddress), iov_len: $0.count) }
        var first = 0
        var at = position
        while first < vectors.count {
            let count = min(vectors.count - first, 1024)
            let written = vectors.withUnsafeBufferPointer { pwritev(descriptor, $0.baseAddress.map { $0 + first }, Int32(count), off_t(at)) }
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
