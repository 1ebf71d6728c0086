import TowerStores

/// Brings a database to this program's schema, and looks at what it is.
enum Migrator {
    /// Chosen once; whoever migrates holds it until the end of its transaction.
    private static let lock: Int64 = 0x746f_7765_7263_6f01
    /// A migration may rewrite tables.
    private static let timeoutMs: Int64 = 600_000
    static let oldestServer = 150_000

    static func migrate(_ connection: PGConnection, _ target: PGTarget) throws {
        guard connection.serverVersion >= oldestServer else {
            throw StoreError(
                .corrupt, "\(target.name) is PostgreSQL \(version(connection.serverVersion)); towerco needs 15 or newer")
        }
        let encoding = try connection.run("SELECT current_setting('server_encoding')").first?.text(0) ?? ""
        guard encoding == "UTF8" else {
            throw StoreError(.corrupt, "the database \(target.name) keeps \(encoding); make one with ENCODING 'UTF8' for towerco")
        }
        // Without rights to make tables a database that is ready is still good.
        if try schemaVersion(connection, target) == Schema.version { return }
        try connection.transaction { connection in
            try connection.execute("SET LOCAL statement_timeout = \(timeoutMs); SET LOCAL lock_timeout = \(timeoutMs)")
            try connection.execute("SELECT pg_advisory_xact_lock(\(lock))", timeoutMs: timeoutMs)
            let reached = try schemaVersion(connection, target)
            if reached == 0 {
                try connection.execute(
                    """
                    CREATE TABLE IF NOT EXISTS towerco_schema(
                        version bigint PRIMARY KEY, name text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now())
                    """)
            }
            for migration in Schema.migrations where migration.version > reached {
                try connection.execute(migration.sql, timeoutMs: timeoutMs)
                _ = try connection.run(
                    "INSERT INTO towerco_schema(version, name) VALUES ($1, $2)", .int(migration.version), .text(migration.name))
            }
        }
    }

    /// 0 where there is none.
    private static func schemaVersion(_ connection: PGConnection, _ target: PGTarget) throws -> Int64 {
        guard try hasSchema(connection) else { return 0 }
        let version = try connection.run("SELECT COALESCE(max(version), 0) FROM towerco_schema").first?.int(0) ?? 0
        guard version <= Schema.version else {
            throw StoreError(
                .corrupt,
                "the schema of \(target.name) has version \(version) and this towerco knows \(Schema.version): it was written by a newer "
                    + "one. Use that, or name another database and rebuild")
        }
        return version
    }

    /// Reads the catalogue itself: `to_regclass` would go on saying what this session knew before it waited for the lock.
    private static func hasSchema(_ connection: PGConnection) throws -> Bool {
        try connection.run(
            "SELECT EXISTS (SELECT FROM pg_catalog.pg_class WHERE relname = 'towerco_schema' AND pg_catalog.pg_table_is_visible(oid))"
        ).first?.bool(0) ?? false
    }

    static func facts(_ connection: PGConnection, _ target: PGTarget) throws -> PostgresStore.Facts {
        let version = try hasSchema(connection) ? try connection.run("SELECT COALESCE(max(version), 0) FROM towerco_schema").first?.int(0) ?? 0 : 0
        var facts = PostgresStore.Facts(
            serverVersion: Self.version(connection.serverVersion), schemaVersion: version, name: target.name, timescaleVersion: nil,
            timescaleLicense: nil)
        let probe = try connection.run(
            "SELECT extversion, current_setting('timescaledb.license', true) FROM pg_extension WHERE extname = 'timescaledb'")
        facts.timescaleVersion = probe.first?.optionalText(0)
        facts.timescaleLicense = probe.first?.optionalText(1)
        return facts
    }

    /// 150018 → `15.18`.
    private static func version(_ number: Int) -> String { "\(number / 10_000).\(number % 10_000)" }
}
