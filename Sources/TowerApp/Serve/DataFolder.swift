import Foundation
import TowerJournal

/// Where things lie in the data folder: `log/` is the truth, `answers.sqlite` can be rebuilt from it; with `store.url` it lies in PostgreSQL instead.
struct DataFolder: Sendable {
    let path: String

    var logDirectory: String { path + "/log" }
    var storeFile: String { path + "/answers.sqlite" }

    func openJournal(_ settings: JournalConfiguration = JournalConfiguration()) async throws -> Journal {
        do { try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true) } catch {
            throw CommandFailure("Could not make the data folder \(path): \(error.localizedDescription). `towerco doctor` looks closer.")
        }
        return try await Journal.open(directory: logDirectory, configuration: settings, clock: SystemSources.nowMilliseconds)
    }

    /// For offline commands: there must be a log already.
    func openExistingJournal() async throws -> Journal {
        guard FileManager.default.fileExists(atPath: logDirectory) else {
            throw CommandFailure("\(path) holds no log. Name the data folder of a server with --data.")
        }
        return try await openJournal()
    }
}
