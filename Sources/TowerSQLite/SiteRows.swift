import GRDB
import TowerModel
import TowerStores

/// Sites between columns and views.
enum SiteRows {
    /// In the order in which `view` reads them; the table is named `s`.
    static let columns = """
        s.site, s.name, s.lat, s.lon, s.region, s.timezone, s.operators, s.grid_class, s.feeder, s.is_hub, s.load_kw, \
        s.battery_strings, s.battery_ah, s.battery_chemistry, s.battery_installed, s.dg_kva, s.dg_tank, s.solar_kwp, \
        s.state, s.reason, s.since, s.severity, s.active_alarms, s.incident, s.incident_number, s.autonomy, s.last_event_at, s.dependents, \
        s.autonomy_ends_at, s.discharging_since
        """

    /// The newest forecast, whether it still says something or not.
    static func forecast(_ row: Row) throws -> AutonomyForecast? {
        let text: String? = row[25]
        return try text.map { try ColumnJSON.decode(AutonomyForecast.self, $0, "a forecast") }
    }

    static func view(_ row: Row, tenant: TenantID) throws -> SiteView {
        let operators: String = row[6]
        var site = Site(
            siteID: SiteID(row[0] as String), tenantID: tenant, name: row[1], latitude: row[2], longitude: row[3], region: row[4],
            timezone: row[5], operators: SiteColumns.operators(operators),
            gridClass: row[7], feederID: row[8], isHub: row[9], loadKilowatts: row[10], solarKilowattsPeak: row[17])
        if let strings: Int = row[11] {
            site.battery = Site.Battery(strings: strings, ampHours: row[12] ?? 0, chemistry: row[13] ?? "", installed: row[14])
        }
        if let kva: Double = row[15] { site.generator = Site.Generator(kva: kva, tankLitres: row[16] ?? 0) }
        let autonomy = (row[28] as Int64?) == nil ? nil : try forecast(row)
        return SiteView(
            site: site, state: SiteState(rawValue: row[18]) ?? .blind, stateReason: row[19], stateSince: Timestamp(column: row[20]),
            severity: Severity(rank: row[21]), activeAlarms: row[22], incidentID: EventID(optionalBlob: row[23]),
            incidentNumber: row[24], autonomy: autonomy, lastEventAt: Timestamp(column: row[26]), dependents: row[27])
    }

    /// Makes a site that somebody spoke of and no inventory knows. Answers whether it was new.
    static func insertBare(_ db: Database, tenant: TenantID, site: SiteID) throws -> Bool {
        guard !site.rawValue.isEmpty else { return false }
        let statement = try db.cachedStatement(
            sql: """
                INSERT OR IGNORE INTO sites(tenant, site, search, name) SELECT ?1, ?2, ?3, ?4
                WHERE NOT EXISTS (SELECT 1 FROM retired_sites WHERE tenant = ?1 AND site = ?2)
                """)
        let name = site.rawValue
        try statement.execute(arguments: [tenant.rawValue, name, SiteColumns.search(site, name), name])
        return db.changesCount > 0
    }

    static func upsert(_ db: Database, _ site: Site) throws {
        let statement = try db.cachedStatement(
            sql: """
                INSERT INTO sites(tenant, site, search, name, lat, lon, region, timezone, operators, grid_class, feeder, is_hub, load_kw,
                    battery_strings, battery_ah, battery_chemistry, battery_installed, dg_kva, dg_tank, solar_kwp)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                ON CONFLICT(tenant, site) DO UPDATE SET search = excluded.search, name = excluded.name, lat = excluded.lat,
                    lon = excluded.lon, region = excluded.region, timezone = excluded.timezone, operators = excluded.operators,
                    grid_class = excluded.grid_class, feeder = excluded.feeder, is_hub = excluded.is_hub, load_kw = excluded.load_kw,
                    battery_strings = excluded.battery_strings, battery_ah = excluded.battery_ah,
                    battery_chemistry = excluded.battery_chemistry, battery_installed = excluded.battery_installed,
                    dg_kva = excluded.dg_kva, dg_tank = excluded.dg_tank, solar_kwp = excluded.solar_kwp
                """)
        let values: [(any DatabaseValueConvertible)?] = [
            site.tenantID.rawValue, site.siteID.rawValue, SiteColumns.search(site.siteID, site.name), site.name, site.latitude, site.longitude,
            site.region, site.timezone, SiteColumns.operators(site.operators), site.gridClass, site.feederID, site.isHub, site.loadKilowatts,
            site.battery?.strings, site.battery?.ampHours, site.battery?.chemistry, site.battery?.installed,
            site.generator?.kva, site.generator?.tankLitres, site.solarKilowattsPeak,
        ]
        try statement.execute(arguments: StatementArguments(storable: values))
    }
}
