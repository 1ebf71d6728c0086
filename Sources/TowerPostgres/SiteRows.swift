import TowerModel
import TowerStores

/// Sites between columns and views.
enum SiteRows {
    /// In the order in which `view` reads them; the table is named `s`.
    static let columns = """
        s.site, s.name, s.lat, s.lon, s.region, s.timezone, s.operators, s.grid_class, s.feeder, s.is_hub, s.load_kw, \
        s.battery_strings, s.battery_ah, s.battery_chemistry, s.battery_installed, s.dg_kva, s.dg_tank, s.solar_kwp, \
        s.state, s.reason, s.since, s.severity, s.active_alarms, s.incident, s.incident_number, s.autonomy, s.last_event_at, s.dependents, \
        s.autonomy_ends_at, s.discharging_since, s.tenant
        """
    static let dischargingSince = 29
    static let tenant = 30

    /// The newest forecast, whether it still says something or not.
    static func forecast(_ row: PGRow) throws -> AutonomyForecast? {
        try row.optionalText(25).map { try ColumnJSON.decode(AutonomyForecast.self, $0, "a forecast") }
    }

    static func view(_ row: PGRow, tenant: TenantID) throws -> SiteView {
        var site = Site(
            siteID: SiteID(row.text(0)), tenantID: tenant, name: row.text(1), latitude: row.optionalDouble(2),
            longitude: row.optionalDouble(3), region: row.optionalText(4), timezone: row.optionalText(5),
            operators: SiteColumns.operators(row.text(6)), gridClass: row.optionalText(7), feederID: row.optionalText(8),
            isHub: row.bool(9), loadKilowatts: row.optionalDouble(10), solarKilowattsPeak: row.optionalDouble(17))
        if let strings = row.optionalInt(11) {
            site.battery = Site.Battery(
                strings: Int(strings), ampHours: row.double(12), chemistry: row.text(13), installed: row.optionalText(14))
        }
        if let kva = row.optionalDouble(15) { site.generator = Site.Generator(kva: kva, tankLitres: row.double(16)) }
        let autonomy = row.optionalInt(28) == nil ? nil : try forecast(row)
        return SiteView(
            site: site, state: SiteState(rawValue: row.text(18)) ?? .blind, stateReason: row.text(19), stateSince: row.optionalTime(20),
            severity: Severity(rank: Int(row.int(21))), activeAlarms: Int(row.int(22)), incidentID: row.optionalID(23),
            incidentNumber: row.optionalText(24), autonomy: autonomy, lastEventAt: row.optionalTime(26), dependents: Int(row.int(27)))
    }
}
