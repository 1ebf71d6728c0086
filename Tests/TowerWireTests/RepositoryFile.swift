import Foundation
import Testing

/// A file of the repository that is written from code. `TOWERCO_REGENERATE=1` writes it, otherwise it is compared.
enum RepositoryFile {
    static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()
    static let isRegenerating = ProcessInfo.processInfo.environment["TOWERCO_REGENERATE"] == "1"
    static let how: Comment =
        "write it again with TOWERCO_REGENERATE=1 swift test --filter TowerWireTests, and look at the difference"

    static func text(_ path: String) -> String? { try? String(contentsOf: root.appending(path: path), encoding: .utf8) }

    static func write(_ text: String, to path: String) throws {
        let url = root.appending(path: path)
        try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(text.utf8).write(to: url)
    }
}
