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

    /// A temporary file of that age is of an interrupted write; a younger one may be another process's at work.
    private static let abandonedSeconds = 600.0

    /// Makes the folder and removes what interrupted writes left.
    init(directory: String) throws {
        self.directory = directory
        do {
            try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
            let names = try FileManager.default.contentsOfDirectory(atPath: directory)
            for name in names where name.hasSuffix(DurableFile.temporarySuffix) {
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
        return try await waiting {
            guard let bytes = try DurableFile.bytes(of: path) else { throw DurableFile.Failure("open", path, reason: "it is gone") }
            return bytes
        }
    }

    func write(_ bytes: [UInt8], group: String, at position: LogCursor) async throws {
        let path = path(group, position)
        try await waiting { try DurableFile.put(bytes, at: path, mode: 0o640) }
    }

    func remove(group: String, at position: LogCursor) async throws {
        let path = path(group, position)
        try await waiting {
            guard unlink(path) == 0 || errno == ENOENT else { throw DurableFile.Failure("remove", path) }
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
}
