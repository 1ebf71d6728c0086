import GRDB
import Synchronization
public import TowerStores

extension SQLiteStore {
    public func position(of group: String) async throws -> StorePosition {
        try await read("read the position of \(group)") { StorePosition(rows: try Positions.fetch($0, group)) }
    }

    public func apply(_ batch: ProjectionBatch) async throws -> [TenantChange] {
        try await write("write a projection of \(batch.group)") { db in
            var writer = ProjectionWriter(db, batch)
            return try writer.run()
        }
    }

    public func resetReadModels() async throws {
        try await write("empty the read models") { db in
            for table in Schema.readModelTables { try db.execute(sql: "DELETE FROM \(table)") }
        }
        seriesRows.withLock { $0 = nil }
    }
}
