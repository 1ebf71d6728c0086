import Foundation
import TowerJournal

/// Where things lie in the data folder: `log/` is the truth, `answers.sqlite` can be rebuilt from it, and so can what the
/// files of `checkpoints/` hold, as far as the log goes back. With `store.url` the answers lie in PostgreSQL instead.
struct DataFolder: Sendable {
    let path: String

    var logDirectory: String { path + "/log" }
    /// Newest event ids, which `log/` has too.
    var keyDirectory: String { path + "/ids" }
    var storeFile: String { path + "/answers.sqlite" }
    var checkpointDirectory: String { path + "/checkpoints" }

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
