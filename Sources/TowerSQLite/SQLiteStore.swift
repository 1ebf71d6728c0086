import Foundation
import GRDB
import Synchronization
public import TowerStores

/// The embedded store: read models, samples and accounts in one SQLite file (GRDB, WAL).
///
/// - Durability: `synchronous = NORMAL`. A power cut may take the newest transactions, never a part of one. That is enough
///   here, because each transaction holds the log position it reached: after a restart the projection reads on from there
///   and writes the lost ones again. Accounts and keys are the exception, nothing else holds them: they are written with `synchronous = FULL`.
/// - Concurrency: one writer at a time, readers never wait for it.
/// - Errors: `StoreError`; `unavailable` may be tried again.
public final class SQLiteStore: OpenStore {
    let pool: DatabasePool
    /// Rows of `series` by the numbers of whoever stores samples.
    let seriesRows = Mutex<SeriesRows?>(nil)

    /// Opens or creates the file at `path`, and brings its schema to this version.
    ///
    /// - Errors: `StoreError.unavailable` when it cannot be opened, `.corrupt` when it is not a database of ours or written by a
    ///   newer version.
    public init(path: String, readers: Int = 4) throws {
        var configuration = Configuration()
        configuration.label = "towerco.store"
        configuration.maximumReaderCount = readers
        configuration.busyMode = .timeout(5)
        configuration.prepareDatabase { db in
            try db.execute(sql: "PRAGMA synchronous = NORMAL")
            try db.execute(sql: "PRAGMA temp_store = MEMORY")
            try db.execute(sql: "PRAGMA cache_size = -32768")
        }
        let file = path
        pool = try Self.mapped("open the store \(file)") {
            let pool = try DatabasePool(path: file, configuration: configuration)
            let migrator = Schema.migrator()
            if try pool.read({ try migrator.hasBeenSuperseded($0) }) {
                throw StoreError(
                    .corrupt, "the store \(file) was written by a newer version of towerco; use that one, or delete it and rebuild")
            }
            try migrator.migrate(pool)
            return pool
        }
    }

    /// Waits for what is in flight and closes the file. Everything fails afterwards.
    public func close() throws {
        try Self.mapped("close the store") { try pool.close() }
    }

    func read<Value: Sendable>(_ what: String, _ body: @Sendable (Database) throws -> Value) async throws -> Value {
        do { return try await pool.read(body) } catch { throw Self.storeError(error, what) }
    }

    func write<Value: Sendable>(_ what: String, _ body: @Sendable (Database) throws -> Value) async throws -> Value {
        do { return try await pool.write(body) } catch { throw Self.storeError(error, what) }
    }

    /// A transaction that survives a power cut once this returns: for what no log holds.
    func writeDurably(_ what: String, _ body: @Sendable (Database) throws -> Void) async throws {
        do {
            try await pool.writeWithoutTransaction { db in
                try db.execute(sql: "PRAGMA synchronous = FULL")
                defer { try? db.execute(sql: "PRAGMA synchronous = NORMAL") }
                try db.inTransaction {
                    try body(db)
                    return .commit
                }
            }
        } catch { throw Self.storeError(error, what) }
    }

    static func mapped<Value>(_ what: String, _ body: () throws -> Value) throws -> Value {
        do { return try body() } catch { throw storeError(error, what) }
    }

    /// SQLite's errors as ours: busy, full and I/O may pass; everything else is a broken file or a bug.
    static func storeError(_ error: any Error, _ what: String) -> any Error {
        switch error {
        case is StoreError, is CancellationError: return error
        case let error as DatabaseError:
            let detail = "could not \(what): \(error.message ?? "SQLite \(error.resultCode.rawValue)")"
            switch error.resultCode {
            case .SQLITE_BUSY, .SQLITE_LOCKED, .SQLITE_FULL, .SQLITE_IOERR, .SQLITE_CANTOPEN, .SQLITE_INTERRUPT, .SQLITE_NOMEM,
                .SQLITE_READONLY, .SQLITE_ABORT:
                return StoreError(.unavailable, detail)
            case .SQLITE_CONSTRAINT: return StoreError(.conflict, detail)
            default: return StoreError(.corrupt, detail)
            }
        default: return StoreError(.corrupt, "could not \(what): \(error)")
        }
    }
}
