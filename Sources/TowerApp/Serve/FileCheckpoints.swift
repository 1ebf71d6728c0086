import Dispatch
import Foundation
import Glibc
import TowerPipeline
import TowerStreaming

/// Checkpoints as files of one folder: `<group>-<sequence, 20 digits>.ckp` (docs/formats/checkpoint.md).
///
/// A file gets its name when its bytes are on disk: temporary name, sync, rename, sync of the folder. Reading and writing
/// wait on a thread of their own, not on one that the groups share.
struct FileCheckpoints: CheckpointStore {
    let directory: String
    private let queue = DispatchQueue(label: "towerco.checkpoints", qos: .utility)

    private static let suffix = ".ckp"
    private static let temporarySuffix = ".tmp"

    /// A temporary file of that age is of an interrupted write; a younger one may be another process's at work.
    private static let abandonedSeconds = 600.0

    /// Makes the folder and removes what interrupted writes left.
    init(directory: String) throws {
        self.directory = directory
        do {
            try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
            let names = try FileManager.default.contentsOfDirectory(atPath: directory)
            for name in names where name.hasSuffix(Self.temporarySuffix) {
                let path = directory + "/" + name
                guard let changed = try? FileManager.default.attributesOfItem(atPath: path)[.modificationDate] as? Date else { continue }
                if -changed.timeIntervalSinceNow > Self.abandonedSeconds { try? FileManager.default.removeItem(atPath: path) }
            }
        } catch {
            throw CommandFailure("Could not make the folder of checkpoints \(directory): \(error.localizedDescription).")
        }
    }

    func positions(group: String) async throws -> [LogCursor] {
        try await waiting {
            try FileManager.default.contentsOfDirectory(atPath: directory).compactMap { Self.position(of: $0, group: group) }
        }
    }

    func read(group: String, at position: LogCursor) async throws -> [UInt8] {
        let path = path(group, position)
        return try await waiting { try Self.bytes(of: path) }
    }

    func write(_ bytes: [UInt8], group: String, at position: LogCursor) async throws {
        let path = path(group, position)
        try await waiting { try Self.put(bytes, at: path, in: directory) }
    }

    func remove(group: String, at position: LogCursor) async throws {
        let path = path(group, position)
        try await waiting {
            guard unlink(path) == 0 || errno == ENOENT else { throw FileFailure("remove", path) }
        }
    }

    // MARK: Names

    private func path(_ group: String, _ position: LogCursor) -> String {
        let digits = String(position.sequence)
        return "\(directory)/\(group)-\(String(repeating: "0", count: 20 - digits.count))\(digits)\(Self.suffix)"
    }

    private static func position(of name: String, group: String) -> LogCursor? {
        guard name.hasPrefix(group + "-"), name.hasSuffix(suffix) else { return nil }
        let digits = name.dropFirst(group.count + 1).dropLast(suffix.count)
        guard digits.count == 20, let sequence = Int64(digits), sequence >= 0 else { return nil }
        return LogCursor(sequence: sequence)
    }

    // MARK: Files

    private func waiting<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            queue.async { continuation.resume(with: Result(catching: body)) }
        }
    }

    private static func bytes(of path: String) throws -> [UInt8] {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { throw FileFailure("open", path) }
        defer { close(file) }
        let size = Int(lseek(file, 0, SEEK_END))
        guard size >= 0, lseek(file, 0, SEEK_SET) == 0 else { throw FileFailure("look at", path) }
        return try [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
            while count < size {
                let got = Glibc.read(file, buffer.baseAddress! + count, size - count)
                guard got > 0 || (got < 0 && errno == EINTR) else {
                    if got == 0 { break }
                    throw FileFailure("read", path)
                }
                count += max(got, 0)
            }
        }
    }

    private static func put(_ bytes: [UInt8], at path: String, in directory: String) throws {
        let temporary = path + temporarySuffix
        do {
            let file = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o640)
            guard file >= 0 else { throw FileFailure("make", temporary) }
            defer { close(file) }
            var written = 0
            while written < bytes.count {
                let put = bytes.withUnsafeBytes { Glibc.write(file, $0.baseAddress! + written, bytes.count - written) }
                guard put > 0 || (put < 0 && errno == EINTR) else { throw FileFailure("write", temporary) }
                written += max(put, 0)
            }
            guard fsync(file) == 0 else { throw FileFailure("sync", temporary) }
            guard rename(temporary, path) == 0 else { throw FileFailure("rename", temporary) }
        } catch {
            unlink(temporary)
            throw error
        }
        let folder = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard folder >= 0 else { throw FileFailure("open", directory) }
        defer { close(folder) }
        guard fsync(folder) == 0 else { throw FileFailure("sync", directory) }
    }
}

/// A call on a file that failed: which, on what, and the system's reason.
private struct FileFailure: Error, CustomStringConvertible {
    let description: String

    init(_ action: String, _ path: String) { description = "could not \(action) \(path): \(String(cString: strerror(errno)))" }
}
