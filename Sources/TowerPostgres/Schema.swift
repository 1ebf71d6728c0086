import TowerModel
import TowerStores

/// The tables, and how older ones become them. A released migration is never edited: add the next one.
///
/// Instants are microseconds since the epoch, severities their rank. Texts sort by their bytes, whatever the database's
/// language, so that pages and reports are the same on every server. `samples` has its time in a column of its own, so that it
/// can become a hypertable; every other table has its tenant, so that row-level security can name it.
enum Schema {
    struct Migration {
        let version: Int64
        let name: String
        let sql: String
    }

    static let migrations = [
        Migration(version: 1, name: "read models, samples and accounts", sql: readModels + samples + accounts),
        Migration(version: 2, name: "forecasts", sql: forecasts),
        Migration(version: 3, name: "inventory over time", sql: inventoryVersions),
    ]

    static let version = migrations.map(\.version).max() ?? 0

    /// Everything a replay writes again. `resetReadModels` empties exactly these.
    static let readModelTables = [
        "positions", "sites", "links", "link_versions", "site_versions", "retired_sites", "latest", "alarms", "incidents", "incident_history", "incident_sites", "kpis", "forecasts", "series", "samples",
    ]

    /// Sorted by bytes.
    private static let text = "text COLLATE \"C\""

    private static let readModels = """
        CREATE TABLE positions(
            consumer_group \(text) NOT NULL, part \(text) NOT NULL, next bigint NOT NULL, PRIMARY KEY(consumer_group, part));

        CREATE TABLE sites(
            id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
            tenant \(text) NOT NULL, site \(text) NOT NULL, search \(text) NOT NULL,
            name \(text) NOT NULL,
            lat double precision, lon double precision, region \(text), timezone \(text),
            operators \(text) NOT NULL DEFAULT '', grid_class \(text), feeder \(text),
            is_hub boolean NOT NULL DEFAULT false, load_kw double precision,
            battery_strings bigint, battery_ah double precision, battery_chemistry \(text), battery_installed \(text),
            dg_kva double precision, dg_tank double precision, solar_kwp double precision,
            state \(text) NOT NULL DEFAULT 'in_service', reason \(text) NOT NULL DEFAULT '', since bigint,
            severity bigint NOT NULL DEFAULT 0, active_alarms bigint NOT NULL DEFAULT 0,
            incident uuid, incident_number \(text),
            autonomy \(text), autonomy_ends_at bigint,
            discharging_since bigint, last_event_at bigint, dependents bigint NOT NULL DEFAULT 0,
            availability double precision, availability_at bigint, power double precision, power_at bigint,
            UNIQUE(tenant, site)) WITH (fillfactor = 70);
        CREATE INDEX sites_state ON sites(tenant, state, site);
        CREATE INDEX sites_fleet ON sites(tenant, region, state, availability_at, availability, power_at, power);
        CREATE INDEX sites_autonomy ON sites(tenant, autonomy_ends_at) WHERE autonomy_ends_at IS NOT NULL;

        CREATE TABLE links(
            tenant \(text) NOT NULL, low \(text) NOT NULL, high \(text) NOT NULL, kind \(text) NOT NULL,
            a \(text) NOT NULL, b \(text) NOT NULL,
            parent \(text), frequency_ghz double precision, length_km double precision,
            PRIMARY KEY(tenant, low, high, kind));

        CREATE TABLE latest(
            tenant \(text) NOT NULL, site \(text) NOT NULL, metric \(text) NOT NULL, value double precision NOT NULL,
            at bigint NOT NULL,
            PRIMARY KEY(tenant, site, metric)) WITH (fillfactor = 70);

        CREATE TABLE alarms(
            id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
            tenant \(text) NOT NULL, alarm uuid NOT NULL, site \(text) NOT NULL, object \(text) NOT NULL, type \(text) NOT NULL,
            cause bigint,
            severity bigint NOT NULL, state \(text) NOT NULL, is_active boolean NOT NULL,
            raised_at bigint NOT NULL, changed_at bigint NOT NULL, cleared_at bigint,
            occurrences bigint NOT NULL, is_flapping boolean NOT NULL, source \(text) NOT NULL, text \(text) NOT NULL,
            incident uuid, events bytea NOT NULL,
            UNIQUE(tenant, alarm));
        CREATE INDEX alarms_time ON alarms(tenant, raised_at, alarm);
        CREATE INDEX alarms_active_time ON alarms(tenant, raised_at, alarm) WHERE is_active;
        CREATE INDEX alarms_active_site ON alarms(tenant, site, type, severity, raised_at) WHERE is_active;
        CREATE INDEX alarms_site ON alarms(tenant, site, raised_at, alarm);
        CREATE INDEX alarms_incident ON alarms(tenant, incident, raised_at, alarm) WHERE incident IS NOT NULL;

        CREATE TABLE incidents(
            id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
            tenant \(text) NOT NULL, incident uuid NOT NULL, number bigint NOT NULL, state \(text) NOT NULL,
            status \(text) NOT NULL,
            assignee \(text), severity bigint NOT NULL, needs_person boolean NOT NULL, site \(text) NOT NULL,
            opened_at bigint NOT NULL, updated_at bigint NOT NULL,
            UNIQUE(tenant, incident), UNIQUE(tenant, number));
        CREATE INDEX incidents_status ON incidents(tenant, status, number);

        CREATE TABLE incident_history(
            id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
            tenant \(text) NOT NULL, incident uuid NOT NULL, event uuid NOT NULL,
            type \(text) NOT NULL, at bigint NOT NULL,
            actor \(text) NOT NULL, text \(text) NOT NULL,
            UNIQUE(tenant, event));
        CREATE INDEX incident_history_incident ON incident_history(tenant, incident, id);

        CREATE TABLE incident_sites(
            tenant \(text) NOT NULL, site \(text) NOT NULL, incident uuid NOT NULL, impact \(text) NOT NULL,
            since bigint,
            expected_at bigint, is_active boolean NOT NULL,
            PRIMARY KEY(tenant, site, incident));
        CREATE INDEX incident_sites_active ON incident_sites(tenant, site) WHERE is_active;

        CREATE TABLE kpis(
            tenant \(text) NOT NULL, kpi \(text) NOT NULL, site \(text) NOT NULL, window_start bigint NOT NULL,
            window_end bigint NOT NULL,
            value double precision, unit \(text) NOT NULL,
            PRIMARY KEY(tenant, kpi, site, window_start, window_end));

        -- Counts the times that the read models were emptied: what a process remembers of them counts for one only.
        CREATE TABLE read_model_state(is_one boolean PRIMARY KEY DEFAULT true CHECK (is_one), generation bigint NOT NULL);
        INSERT INTO read_model_state(generation) VALUES (1);

        """

    /// The newest forecast of each site and kind, as JSON.
    private static let forecasts = """
        CREATE TABLE forecasts(
            tenant \(text) NOT NULL, kind \(text) NOT NULL, site \(text) NOT NULL, at bigint NOT NULL, forecast \(text) NOT NULL,
            PRIMARY KEY(tenant, kind, site));
        """

    /// Every version of every link and site; `links` and `sites` hold the newest. What is known already is for ever; two kinds
    /// between the same ends are two versions and need two ids.
    private static let inventoryVersions = """
        ALTER TABLE links ADD COLUMN provenance \(text);
        ALTER TABLE links ADD COLUMN valid_from bigint;
        CREATE TABLE link_versions(
            tenant \(text) NOT NULL, low \(text) NOT NULL, high \(text) NOT NULL, valid_from bigint NOT NULL, event uuid NOT NULL,
            kind \(text) NOT NULL, a \(text) NOT NULL, b \(text) NOT NULL, parent \(text), frequency_ghz double precision,
            length_km double precision, provenance \(text),
            is_removed boolean NOT NULL, is_any_kind boolean NOT NULL, is_exact boolean NOT NULL,
            PRIMARY KEY(tenant, low, high, valid_from, event, kind));
        INSERT INTO link_versions SELECT tenant, low, high, \(Timestamp.distantPast.microseconds), md5(kind)::uuid, kind, a, b, parent,
            frequency_ghz, length_km, NULL, false, false, false FROM links;
        CREATE TABLE site_versions(
            tenant \(text) NOT NULL, site \(text) NOT NULL, valid_from bigint NOT NULL, event uuid NOT NULL,
            inventory \(text) NOT NULL, is_removed boolean NOT NULL, is_exact boolean NOT NULL,
            PRIMARY KEY(tenant, site, valid_from, event));
        CREATE TABLE retired_sites(tenant \(text) NOT NULL, site \(text) NOT NULL, PRIMARY KEY(tenant, site));
        """

    /// A sample costs its two integers and a double: the names stand once, in `series`.
    private static let samples = """
        CREATE TABLE series(
            id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
            tenant \(text) NOT NULL, site \(text) NOT NULL, metric \(text) NOT NULL, UNIQUE(tenant, site, metric));
        CREATE TABLE samples(series bigint NOT NULL, at bigint NOT NULL, value double precision NOT NULL, PRIMARY KEY(series, at));

        """

    private static let accounts = """
        CREATE TABLE tenants(tenant \(text) PRIMARY KEY, name \(text) NOT NULL, created_at bigint NOT NULL);
        CREATE TABLE users(
            name \(text) PRIMARY KEY, tenant \(text) NOT NULL REFERENCES tenants(tenant), role \(text) NOT NULL,
            password_hash \(text) NOT NULL);
        CREATE TABLE tokens(
            hash \(text) PRIMARY KEY, tenant \(text) NOT NULL REFERENCES tenants(tenant), name \(text) NOT NULL, role \(text) NOT NULL,
            is_session boolean NOT NULL, expires_at bigint);
        """
}
