import Glibc

extension DiskError {
    /// No room, no quota left, or over the file size limit.
    public var isFull: Bool { number == ENOSPC || number == EDQUOT || number == EFBIG }

    static func text(_ number: Int32) -> String {
        var buffer = [UInt8](repeating: 0, count: 256)
        let result = buffer.withUnsafeMutableBytes { buffer in
            buffer.baseAddress.map { strerror_r(number, $0, buffer.count) } ?? -1
        }
        return result == 0 ? String(decoding: buffer.prefix { $0 != 0 }, as: UTF8.self) : "error \(number)"
    }
}

/// Files as POSIX has them.
public struct PosixDisk: Disk {
    public init() {}

    public func createDirectory(_ path: String) throws(DiskError) {
        var partial = path.hasPrefix("/") ? "" : "."
        for part in path.split(separator: "/") {
            partial += "/" + part
            if mkdir(partial, 0o750) != 0, errno != EEXIST {
                throw DiskError(operation: "create folder", path: partial, number: errno)
            }
        }
    }

    public func files(in directory: String) throws(DiskError) -> [String] {
        guard let stream = opendir(directory) else { throw DiskError(operation: "list", path: directory, number: errno) }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names
    }

    public func open(_ path: String, _ mode: DiskOpenMode) throws(DiskError) -> any DiskFile {
        let flags: Int32 =
            switch mode {
            case .read: O_RDONLY
            case .readWrite: O_RDWR
            case .create: O_RDWR | O_CREAT | O_TRUNC
            }
        while true {
            let descriptor = Glibc.open(path, flags | O_CLOEXEC, 0o640)
            if descriptor >= 0 { return PosixFile(descriptor: descriptor, path: path, isWritable: mode != .read) }
            guard errno == EINTR else { throw DiskError(operation: "open", path: path, number: errno) }
        }
    }

    public func remove(_ path: String) throws(DiskError) {
        guard unlink(path) == 0 else { throw DiskError(operation: "remove", path: path, number: errno) }
    }

    public func rename(_ path: String, to newPath: String) throws(DiskError) {
        guard Glibc.rename(path, newPath) == 0 else { throw DiskError(operation: "rename to \(newPath)", path: path, number: errno) }
    }

    public func syncDirectory(_ path: String) throws(DiskError) {
        let descriptor = Glibc.open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw DiskError(operation: "open folder", path: path, number: errno) }
        defer { Glibc.close(descriptor) }
        guard fsync(descriptor) == 0 else { throw DiskError(operation: "sync folder", path: path, number: errno) }
    }

    public func lock(_ path: String) throws(DiskError) -> (any DiskLock)? {
        let descriptor = Glibc.open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o640)
        guard descriptor >= 0 else { throw DiskError(operation: "open lock", path: path, number: errno) }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            let number = errno
            Glibc.close(descriptor)
            if number == EWOULDBLOCK { return nil }
            throw DiskError(operation: "lock", path: path, number: number)
        }
        return PosixLock(descriptor: descriptor)
    }
}

private final class PosixLock: DiskLock {
    private let descriptor: Int32
    init(descriptor: Int32) { self.descriptor = descriptor }
    deinit { Glibc.close(descriptor) }
}
