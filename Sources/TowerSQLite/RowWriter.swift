import GRDB
import GRDBSQLite
import TowerStores

/// Writes many rows with one statement, straight through SQLite's calls: an argument list a row costs as much again as the
/// row itself.
struct RowWriter {
    private let db: Database
    private let sql: String
    private let statement: OpaquePointer

    /// - Parameter statement: a cached one that answers nothing. Nobody else uses it until `finish`.
    init(_ db: Database, _ statement: Statement) {
        self.db = db
        sql = statement.sql
        self.statement = statement.sqliteStatement
        finish()
    }

    func bind(_ index: Int32, _ value: Int64) { sqlite3_bind_int64(statement, index, value) }

    func bind(_ index: Int32, _ value: Double) { sqlite3_bind_double(statement, index, value) }

    func bind(_ index: Int32, _ value: String) {
        var value = value.storable
        // SQLite copies the text while it lies still.
        let transient = unsafeBitCast(-1, to: sqlite3_destructor_type.self)
        _ = value.withUTF8 { text in
            text.withMemoryRebound(to: CChar.self) { text in
                guard let start = text.baseAddress else { return sqlite3_bind_text(statement, index, "", 0, transient) }
                return sqlite3_bind_text(statement, index, start, Int32(truncatingIfNeeded: text.count), transient)
            }
        }
    }

    /// Writes the row that was bound and makes ready for the next.
    func write() throws {
        let code = sqlite3_step(statement)
        sqlite3_reset(statement)
        guard code == SQLITE_DONE else { throw DatabaseError(resultCode: ResultCode(rawValue: code), message: db.lastErrorMessage, sql: sql) }
    }

    /// Leaves the statement as it was found.
    func finish() {
        sqlite3_reset(statement)
        sqlite3_clear_bindings(statement)
    }
}
