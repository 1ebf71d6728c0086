import Foundation
import Glibc

/// Files that are there whole or not at all, also after a power cut.
enum DurableFile {
    static let temporarySuffix = ".tmp"

    /// All bytes of a file; `nil` where there is none. A file that is there and cannot be read is an error.
    ///
    /// - Parameter most: a longer file is an error as well.
    static func bytes(of path: String, most: Int = .max) throws(Failure) -> [UInt8]? {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else {
            if errno == ENOENT { return nil }
            throw Failure("open", path)
        }
        defer { close(file) }
        let size = Int(lseek(file, 0, SEEK_END))
        guard size >= 0, lseek(file, 0, SEEK_SET) == 0 else { throw Failure("look at", path) }
        guard size <= most else { throw Failure("read", path, reason: "it has \(size) bytes, \(most) are the most") }
        var bytes = [UInt8](repeating: 0, count: size)
        var count = 0
        while count < size {
            let got = bytes.withUnsafeMutableBytes { Glibc.read(file, $0.baseAddress! + count, size - count) }
            guard got > 0 || (got < 0 && errno == EINTR) else {
                if got == 0 { break }
                throw Failure("read", path)
            }
            count += max(got, 0)
        }
        bytes.removeLast(size - count)
        return bytes
    }

    /// Writes a file beside its place, syncs it, gives it its name and syncs the folder.
    static func put(_ bytes: [UInt8], at path: String, mode: mode_t) throws(Failure) {
        let temporary = path + temporarySuffix
        do throws(Failure) {
            // A leftover could have other permissions.
            guard unlink(temporary) == 0 || errno == ENOENT else { throw Failure("remove", temporary) }
            let file = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode)
            guard file >= 0 else { throw Failure("make", temporary) }
            defer { close(file) }
            var written = 0
            while written < bytes.count {
                let put = bytes.withUnsafeBytes { Glibc.write(file, $0.baseAddress! + written, bytes.count - written) }
                guard put > 0 || (put < 0 && errno == EINTR) else { throw Failure("write", temporary) }
                written += max(put, 0)
            }
            guard fsync(file) == 0 else { throw Failure("sync", temporary) }
            guard rename(temporary, path) == 0 else { throw Failure("rename", temporary) }
        } catch {
            unlink(temporary)
            throw error
        }
        let directory = path.contains("/") ? String(path[..<(path.lastIndex(of: "/") ?? path.startIndex)]) : "."
        let folder = open(directory.isEmpty ? "/" : directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard folder >= 0 else { throw Failure("open", directory) }
        defer { close(folder) }
        guard fsync(folder) == 0 else { throw Failure("sync", directory) }
    }

    /// A call on a file that failed: which, on what, and the system's reason.
    struct Failure: Error, CustomStringConvertible {
        let description: String

        init(_ action: String, _ path: String, reason: String = String(cString: strerror(errno))) {
            description = "could not \(action) \(path): \(reason)"
        }
    }
}
