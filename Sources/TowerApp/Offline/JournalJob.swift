import TowerJournal
import TowerModel
import TowerPipeline
import TowerSQLite
import TowerStreaming

/// `towerco rebuild`: the read models anew from the log.
public struct RebuildJob: Sendable {
    private let folder: DataFolder

    public init(directory: String) { folder = DataFolder(path: directory) }

    public func run(progress: @escaping @Sendable (String) -> Void) async throws -> String {
        let journal = try await folder.openExistingJournal()
        let store = try folder.openStore()
        let report = try await Rebuild(log: journal, store: store, symbols: SymbolTable()).run { group, position, end in
            progress("\(group): \(grouped(position)) of \(grouped(end)) records")
        }
        try store.close()
        try await journal.close()
        let records = report.records.values.max() ?? 0
        return "Rebuilt from \(grouped(records)) records: \(grouped(report.incidentsVerified)) incidents, each equal to its own history in the log.\n"
            + (report.poison > 0 ? "\(grouped(report.poison)) records could not be read; they are in the dead letters.\n" : "")
    }
}
