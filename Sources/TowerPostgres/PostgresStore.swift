import Synchronization
import TowerModel
public import TowerStores

/// The store of several processes: read models, samples and accounts in PostgreSQL 15 or newer, over libpq.
///
/// - Durability: PostgreSQL's own; a commit that was answered is on its disk. A commit whose answer was lost is found out by the
///   position that it wrote: the same slice again changes nothing.
/// - Fencing: a projection is written only while its group stands where the slice began (`PositionMove`). Of two processes
///   that believe they write for a group one is refused.
/// - Concurrency: any task. One connection writes read models, one samples, the others read; none of them blocks a task's thread.
/// - Errors: `StoreError`; `unavailable` while the server is away, restarting, out of connections or disk.
public final class PostgresStore: OpenStore {
    public struct Options: Sendable {
        /// At least 3: one for read models, one for samples, the rest for readers.
        public var connections: Int
        public var connectTimeoutMs: Int64
        /// For one statement, at the server; a little more until an answer is given up.
        public var statementTimeoutMs: Int64
        public init(connections: Int = 8, connectTimeoutMs: Int64 = 5000, statementTimeoutMs: Int64 = 30_000) {
            self.connections = connections
            self.connectTimeoutMs = connectTimeoutMs
            self.statementTimeoutMs = statementTimeoutMs
        }
    }

    /// What server this is, for people and for features that not every one has.
    public struct Facts: Sendable, Hashable {
        /// `15.18`.
        public var serverVersion: String
        public var schemaVersion: Int64
        /// Host, port and database; never the password.
        public var name: String
        /// Version of the TimescaleDB extension in this database, if it is there, and its licence: `apache` lacks continuous
        /// aggregates and compression.
        public var timescaleVersion: String?
        public var timescaleLicense: String?
    }

    public let facts: Facts
    let pool: PGPool
    /// Rows of `series` by the numbers of whoever stores samples.
    let seriesRows = Mutex<SeriesRows?>(nil)
    /// Sites that have a row.
    let knownSites = Mutex<KnownSites?>(nil)

    /// Connects and brings the schema to this version; of several processes that start at once one does and the others wait.
    ///
    /// - Parameter url: `postgres://user:password@host:port/database?sslmode=…`, all that libpq takes.
    /// - Errors: `StoreError.unavailable` when it cannot be reached, `.corrupt` when the server is too old, does not speak UTF-8 or
    ///   has a schema newer than this program.
    public static func open(url: String, options: Options = Options()) async throws -> PostgresStore {
        let target = try PGTarget(url: url, connectMs: options.connectTimeoutMs, statementMs: options.statementTimeoutMs)
        let pool = try PGPool(target, connections: options.connections)
        do {
            let facts = try await pool.run(.shared, "open the store \(target.name)", isRepeatable: true) { connection in
                try Migrator.migrate(connection, target)
                return try Migrator.facts(connection, target)
            }
            return PostgresStore(pool, facts)
        } catch {
            await pool.close()
            throw error
        }
    }

    /// Looks at a server and changes nothing. `schemaVersion` is 0 where there is no schema yet.
    public static func look(url: String, options: Options = Options()) async throws -> Facts {
        let target = try PGTarget(url: url, connectMs: options.connectTimeoutMs, statementMs: options.statementTimeoutMs)
        let pool = try PGPool(target, connections: 1)
        do {
            let facts = try await pool.run(.shared, "look at the store \(target.name)", isRepeatable: true) { try Migrator.facts($0, target) }
            await pool.close()
            return facts
        } catch {
            await pool.close()
            throw error
        }
    }

    /// The schema that this program writes.
    public static let schemaVersion = Schema.version

    private init(_ pool: PGPool, _ facts: Facts) {
        self.pool = pool
        self.facts = facts
    }

    public func close() async { await pool.close() }

    func read<Value: Sendable>(_ what: String, _ body: @escaping @Sendable (PGConnection) throws -> Value) async throws -> Value {
        try await pool.run(.shared, what, isRepeatable: true, body)
    }

    /// A write whose repetition has no further effect.
    func write<Value: Sendable>(_ what: String, _ body: @escaping @Sendable (PGConnection) throws -> Value) async throws -> Value {
        try await pool.run(.shared, what, isRepeatable: true) { try $0.transaction(body) }
    }
}
