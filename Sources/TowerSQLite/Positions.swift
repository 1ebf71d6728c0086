import GRDB
import TowerStores

/// The positions of consumer groups, read and moved inside the transaction that writes what lies between.
enum Positions {
    static func fetch(_ db: Database, _ group: String) throws -> [String: Int64] {
        let statement = try db.cachedStatement(sql: "SELECT part, next FROM positions WHERE consumer_group = ?")
        var rows: [String: Int64] = [:]
        let cursor = try Row.fetchCursor(statement, arguments: [group])
        while let row = try cursor.next() { rows[row[0]] = row[1] }
        return rows
    }

    static func write(_ db: Database, _ move: PositionMove) throws {
        let statement = try db.cachedStatement(
            sql: """
                INSERT INTO positions(consumer_group, part, next) VALUES (?, ?, ?)
                ON CONFLICT(consumer_group, part) DO UPDATE SET next = excluded.next
                """)
        for row in move.rows { try statement.execute(arguments: [move.group, row.part, row.to]) }
    }
}
