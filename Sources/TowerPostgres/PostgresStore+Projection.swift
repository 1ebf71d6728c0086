import Synchronization
public import TowerStores

extension PostgresStore {
    /// Sites that have a row, for one generation of the read models.
    struct KnownSites: Sendable {
        let generation: Int64
        var keys: Set<SiteKey> = []
        /// Beyond that it begins anew.
        static let maxCount = 1 << 20
    }

    public func position(of group: String) async throws -> StorePosition {
        try await read("read the position of \(group)") { try Positions.fetch($0, group) }
    }

    public func apply(_ batch: ProjectionBatch) async throws -> [TenantChange] {
        let known = knownSites.withLock { $0 }
        let (changes, sites) = try await pool.run(.projection, "write a projection of \(batch.group)", isRepeatable: true) { connection in
            try connection.transaction { connection -> ([TenantChange], KnownSites?) in
                var writer = ProjectionWriter(connection, batch, known: known)
                return (try writer.run(), writer.known)
            }
        }
        if let sites { knownSites.withLock { $0 = sites } }
        return changes
    }

    public func resetReadModels() async throws {
        try await write("empty the read models") { connection in
            let tables = Schema.readModelTables.joined(separator: ", ")
            try connection.execute("TRUNCATE \(tables); UPDATE read_model_state SET generation = generation + 1")
        }
        seriesRows.withLock { $0 = nil }
        knownSites.withLock { $0 = nil }
    }
}
