import GRDB
import TowerModel

/// The tables, and how older files become them. A released migration is never edited: add the next one.
///
/// Instants are microseconds since the epoch, ids 16-byte blobs (`lower(hex(id))` reads them), severities their rank.
enum Schema {
    static func migrator() -> DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("1 read models") { try $0.execute(sql: readModels) }
        migrator.registerMigration("1 samples") { try $0.execute(sql: samples) }
        migrator.registerMigration("1 accounts") { try $0.execute(sql: accounts) }
        migrator.registerMigration("2 positions by part") { try $0.execute(sql: positionsByPart) }
        migrator.registerMigration("3 forecasts") { try $0.execute(sql: forecasts) }
        migrator.registerMigration("4 inventory over time") { db in
            try db.execute(sql: inventoryVersions)
            // Two kinds between the same ends are two versions: they need two ids.
            for kind in TopologyLink.Kind.allCases {
                try db.execute(
                    sql: "UPDATE link_versions SET event = ? WHERE kind = ?",
                    arguments: [EventID.derived(from: .platformNamespace, kind.rawValue).blob, kind.rawValue])
            }
        }
        return migrator
    }

    /// Everything a replay writes again. `resetReadModels` empties exactly these.
    static let readModelTables = [
        "positions", "sites", "links", "link_versions", "site_versions", "retired_sites", "latest", "alarms", "incidents", "incident_history", "incident_sites", "kpis", "forecasts", "series", "samples",
    ]

    /// Every version of every link and site; `links` and `sites` hold the newest. What is known already is for ever.
    private static let inventoryVersions = """
        ALTER TABLE links ADD COLUMN provenance TEXT;
        ALTER TABLE links ADD COLUMN valid_from INTEGER;
        CREATE TABLE link_versions(
            tenant TEXT NOT NULL, low TEXT NOT NULL, high TEXT NOT NULL, valid_from INTEGER NOT NULL, event BLOB NOT NULL,
            kind TEXT NOT NULL, a TEXT NOT NULL, b TEXT NOT NULL, parent TEXT, frequency_ghz REAL, length_km REAL, provenance TEXT,
            is_removed INTEGER NOT NULL, is_any_kind INTEGER NOT NULL, is_exact INTEGER NOT NULL,
            PRIMARY KEY(tenant, low, high, valid_from, event, kind)) WITHOUT ROWID;
        INSERT INTO link_versions SELECT tenant, low, high, \(Timestamp.distantPast.microseconds), zeroblob(16), kind, a, b, parent,
            frequency_ghz, length_km, NULL, 0, 0, 0 FROM links;
        CREATE TABLE site_versions(
            tenant TEXT NOT NULL, site TEXT NOT NULL, valid_from INTEGER NOT NULL, event BLOB NOT NULL,
            inventory TEXT NOT NULL, is_removed INTEGER NOT NULL, is_exact INTEGER NOT NULL,
            PRIMARY KEY(tenant, site, valid_from, event)) WITHOUT ROWID;
        CREATE TABLE retired_sites(tenant TEXT NOT NULL, site TEXT NOT NULL, PRIMARY KEY(tenant, site)) WITHOUT ROWID;

        """

    private static let readModels = """
        CREATE TABLE positions(consumer_group TEXT PRIMARY KEY, position INTEGER NOT NULL) WITHOUT ROWID;

        CREATE TABLE sites(
            id INTEGER PRIMARY KEY,
            tenant TEXT NOT NULL, site TEXT NOT NULL, search TEXT NOT NULL, name TEXT NOT NULL,
            lat REAL, lon REAL, region TEXT, timezone TEXT, operators TEXT NOT NULL DEFAULT '', grid_class TEXT, feeder TEXT,
            is_hub INTEGER NOT NULL DEFAULT 0, load_kw REAL,
            battery_strings INTEGER, battery_ah REAL, battery_chemistry TEXT, battery_installed TEXT,
            dg_kva REAL, dg_tank REAL, solar_kwp REAL,
            state TEXT NOT NULL DEFAULT 'in_service', reason TEXT NOT NULL DEFAULT '', since INTEGER,
            severity INTEGER NOT NULL DEFAULT 0, active_alarms INTEGER NOT NULL DEFAULT 0,
            incident BLOB, incident_number TEXT,
            autonomy TEXT, autonomy_ends_at INTEGER, discharging_since INTEGER, last_event_at INTEGER, dependents INTEGER NOT NULL DEFAULT 0,
            availability REAL, availability_at INTEGER, power REAL, power_at INTEGER,
            UNIQUE(tenant, site));
        CREATE INDEX sites_state ON sites(tenant, state, site);
        -- Covers the fleet view: it reads this and no row.
        CREATE INDEX sites_fleet ON sites(tenant, region, state, availability_at, availability, power_at, power);
        CREATE INDEX sites_autonomy ON sites(tenant, autonomy_ends_at) WHERE autonomy_ends_at IS NOT NULL;

        CREATE TABLE links(
            tenant TEXT NOT NULL, low TEXT NOT NULL, high TEXT NOT NULL, kind TEXT NOT NULL,
            a TEXT NOT NULL, b TEXT NOT NULL, parent TEXT, frequency_ghz REAL, length_km REAL,
            PRIMARY KEY(tenant, low, high, kind)) WITHOUT ROWID;

        CREATE TABLE latest(
            tenant TEXT NOT NULL, site TEXT NOT NULL, metric TEXT NOT NULL, value REAL NOT NULL, at INTEGER NOT NULL,
            PRIMARY KEY(tenant, site, metric)) WITHOUT ROWID;

        CREATE TABLE alarms(
            id INTEGER PRIMARY KEY,
            tenant TEXT NOT NULL, alarm BLOB NOT NULL, site TEXT NOT NULL, object TEXT NOT NULL, type TEXT NOT NULL, cause INTEGER,
            severity INTEGER NOT NULL, state TEXT NOT NULL, is_active INTEGER NOT NULL,
            raised_at INTEGER NOT NULL, changed_at INTEGER NOT NULL, cleared_at INTEGER,
            occurrences INTEGER NOT NULL, is_flapping INTEGER NOT NULL, source TEXT NOT NULL, text TEXT NOT NULL,
            incident BLOB, events BLOB NOT NULL,
            UNIQUE(tenant, alarm));
        CREATE INDEX alarms_time ON alarms(tenant, raised_at, alarm);
        CREATE INDEX alarms_active_time ON alarms(tenant, raised_at, alarm) WHERE is_active = 1;
        CREATE INDEX alarms_active_site ON alarms(tenant, site, type, severity, raised_at) WHERE is_active = 1;
        CREATE INDEX alarms_site ON alarms(tenant, site, raised_at, alarm);
        CREATE INDEX alarms_incident ON alarms(tenant, incident, raised_at, alarm) WHERE incident IS NOT NULL;

        CREATE TABLE incidents(
            id INTEGER PRIMARY KEY,
            tenant TEXT NOT NULL, incident BLOB NOT NULL, number INTEGER NOT NULL, state TEXT NOT NULL, status TEXT NOT NULL,
            assignee TEXT, severity INTEGER NOT NULL, needs_person INTEGER NOT NULL, site TEXT NOT NULL,
            opened_at INTEGER NOT NULL, updated_at INTEGER NOT NULL,
            UNIQUE(tenant, incident), UNIQUE(tenant, number));
        CREATE INDEX incidents_status ON incidents(tenant, status, number);

        CREATE TABLE incident_history(
            id INTEGER PRIMARY KEY,
            tenant TEXT NOT NULL, incident BLOB NOT NULL, event BLOB NOT NULL, type TEXT NOT NULL, at INTEGER NOT NULL,
            actor TEXT NOT NULL, text TEXT NOT NULL,
            UNIQUE(tenant, event));
        CREATE INDEX incident_history_incident ON incident_history(tenant, incident, id);

        CREATE TABLE incident_sites(
            tenant TEXT NOT NULL, site TEXT NOT NULL, incident BLOB NOT NULL, impact TEXT NOT NULL, since INTEGER,
            expected_at INTEGER, is_active INTEGER NOT NULL,
            PRIMARY KEY(tenant, site, incident)) WITHOUT ROWID;
        CREATE INDEX incident_sites_active ON incident_sites(tenant, site) WHERE is_active = 1;

        CREATE TABLE kpis(
            tenant TEXT NOT NULL, kpi TEXT NOT NULL, site TEXT NOT NULL, window_start INTEGER NOT NULL, window_end INTEGER NOT NULL,
            value REAL, unit TEXT NOT NULL,
            PRIMARY KEY(tenant, kpi, site, window_start, window_end)) WITHOUT ROWID;
        """

    /// The newest forecast of each site and kind, as JSON.
    private static let forecasts = """
        CREATE TABLE forecasts(
            tenant TEXT NOT NULL, kind TEXT NOT NULL, site TEXT NOT NULL, at INTEGER NOT NULL, forecast TEXT NOT NULL,
            PRIMARY KEY(tenant, kind, site)) WITHOUT ROWID;
        """

    /// A log of partitions has a position in each; one with a single order has the part without a name.
    private static let positionsByPart = """
        CREATE TABLE positions_by_part(
            consumer_group TEXT NOT NULL, part TEXT NOT NULL, next INTEGER NOT NULL, PRIMARY KEY(consumer_group, part)) WITHOUT ROWID;
        INSERT INTO positions_by_part(consumer_group, part, next) SELECT consumer_group, '', position FROM positions;
        DROP TABLE positions;
        ALTER TABLE positions_by_part RENAME TO positions;
        """

    /// A sample costs its two integers and a double: the names stand once, in `series`.
    private static let samples = """
        CREATE TABLE series(
            id INTEGER PRIMARY KEY, tenant TEXT NOT NULL, site TEXT NOT NULL, metric TEXT NOT NULL, UNIQUE(tenant, site, metric));
        CREATE TABLE samples(series INTEGER NOT NULL, at INTEGER NOT NULL, value REAL NOT NULL, PRIMARY KEY(series, at)) WITHOUT ROWID;
        """

    private static let accounts = """
        CREATE TABLE tenants(tenant TEXT PRIMARY KEY, name TEXT NOT NULL, created_at INTEGER NOT NULL) WITHOUT ROWID;
        CREATE TABLE users(
            name TEXT PRIMARY KEY, tenant TEXT NOT NULL REFERENCES tenants(tenant), role TEXT NOT NULL, password_hash TEXT NOT NULL)
            WITHOUT ROWID;
        CREATE TABLE tokens(
            hash TEXT PRIMARY KEY, tenant TEXT NOT NULL REFERENCES tenants(tenant), name TEXT NOT NULL, role TEXT NOT NULL,
            is_session INTEGER NOT NULL, expires_at INTEGER) WITHOUT ROWID;
        """
}
