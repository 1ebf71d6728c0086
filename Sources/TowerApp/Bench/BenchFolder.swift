import Foundation
import TowerJournal
import TowerStreaming

/// Where a measurement keeps its data: a folder named by the caller, or a temporary one that goes with this value.
final class BenchFolder {
    let path: String
    private let isTemporary: Bool

    init(_ named: String?) throws {
        isTemporary = named == nil
        path =
            named ?? FileManager.default.temporaryDirectory.path + "/towerco-bench.\(getpid()).\(UInt32.random(in: 0 ... .max))"
        do { try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true) } catch {
            throw CommandFailure("Could not make the folder \(path): \(error.localizedDescription). --dir names another.")
        }
        if isTemporary { BenchCleanup.add(folder: path) }
    }

    deinit {
        guard isTemporary else { return }
        try? FileManager.default.removeItem(atPath: path)
        BenchCleanup.remove(folder: path)
    }

    /// An empty folder inside, whatever was there before.
    func fresh(_ name: String) throws -> String {
        let inner = path + "/" + name
        try? FileManager.default.removeItem(atPath: inner)
        do { try FileManager.default.createDirectory(atPath: inner, withIntermediateDirectories: true) } catch {
            throw CommandFailure("Could not make the folder \(inner): \(error.localizedDescription).")
        }
        return inner
    }

    func remove(_ name: String) { try? FileManager.default.removeItem(atPath: path + "/" + name) }
}
