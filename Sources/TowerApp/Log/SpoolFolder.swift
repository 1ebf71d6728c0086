import Foundation
import TowerJournal
import TowerStreaming

/// The folder of the spools of a host: one folder for each process that runs, held by its journal's lock.
///
/// A process takes the first that nobody holds, or makes one. What else is there unheld is of processes that died: it is
/// adopted and brought to the brokers. Empty folders stay: removing one could race its next owner.
struct SpoolFolder: Sendable {
    let path: String
    let maxBytes: Int64
    /// Folders looked at; more processes than that on one host are not expected to share one.
    private static let foldersMax = 1024

    struct Claimed: Sendable {
        var own: Journal
        var orphans: [(journal: Journal, path: String)]
    }

    func claim() async throws -> Claimed {
        do { try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true) } catch {
            throw CommandFailure("Could not make the folder of spools \(path): \(error.localizedDescription).")
        }
        var own: Journal?
        var orphans: [(journal: Journal, path: String)] = []
        let present = try FileManager.default.contentsOfDirectory(atPath: path).compactMap { Int($0) }.sorted().map(String.init)
        for name in present.prefix(Self.foldersMax) {
            guard let journal = try await open(name) else { continue }
            if own == nil { own = journal } else { orphans.append((journal, path + "/" + name)) }
        }
        var next = 0
        while own == nil {
            guard next < Self.foldersMax else {
                throw CommandFailure("\(Self.foldersMax) spools in \(path) are in use. Name another folder with spool.directory.")
            }
            if !present.contains(String(next)) { own = try await open(String(next)) }
            next += 1
        }
        guard let own else { throw CommandFailure("No spool could be made in \(path).") }
        return Claimed(own: own, orphans: orphans)
    }

    /// `nil` while another process holds it.
    private func open(_ name: String) async throws -> Journal? {
        var settings = JournalConfiguration()
        // Small segments: what has reached the brokers goes by whole ones.
        settings.maxSegmentBytes = Int(min(max(maxBytes / 8, 4 << 20), 64 << 20))
        settings.firstSegmentBytes = 1 << 20
        settings.retentionMs = [:]
        settings.compression = .none
        do {
            return try await Journal.open(directory: path + "/" + name, configuration: settings, clock: SystemSources.nowMilliseconds)
        } catch let error as EventLogError where error.code == .locked {
            return nil
        }
    }
}
