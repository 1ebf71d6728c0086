import TowerPostgres
import TowerSQLite
import TowerStores

/// Which store the settings name, and opening it.
public struct StoreChoice: Sendable {
    /// Empty: SQLite in the data folder. Holds a password and is never printed.
    let url: String
    let options: PostgresStore.Options

    public init(_ configuration: Configuration) {
        url = configuration.text("store.url")
        options = PostgresStore.Options(
            connections: configuration.integer("store.pool.connections"),
            connectTimeoutMs: Int64(configuration.integer("store.connect.timeout_seconds")) * 1000,
            statementTimeoutMs: Int64(configuration.integer("store.statement.timeout_seconds")) * 1000)
    }

    public var isEmbedded: Bool { url.isEmpty }

    /// Asks so often for a server that may be starting too, a second apart.
    private static let attempts = 60

    /// - Parameter announce: told once when the server has to be waited for.
    func open(_ folder: DataFolder, _ announce: @Sendable (String) -> Void = { _ in }) async throws -> any OpenStore {
        guard !isEmbedded else { return try SQLiteStore(path: folder.storeFile) }
        guard url.hasPrefix("postgres://") || url.hasPrefix("postgresql://") else {
            throw CommandFailure("store.url is empty for the embedded store, or begins with postgres://.", isUsage: true)
        }
        for attempt in 1... {
            do { return try await PostgresStore.open(url: url, options: options) } catch let error as StoreError {
                guard error.isRetriable, attempt < Self.attempts else { throw error }
                if attempt == 1 { announce("Waiting for the store: \(error.message)\n") }
                try await Task.sleep(for: .seconds(1))
            }
        }
        throw CommandFailure("The store did not open.")
    }
}
