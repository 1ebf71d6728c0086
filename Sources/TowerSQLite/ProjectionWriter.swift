import Foundation
import GRDB
import TowerIncidents
import TowerModel
import TowerStores

/// Writes one slice inside the transaction that holds it, and gathers what changed.
///
/// Within a slice only the last state of an alarm, a point or an incident is written: a storm costs its alarms once.
struct ProjectionWriter {
    let db: Database
    let batch: ProjectionBatch

    /// Sites whose state may have changed; `true` when their view changes in any case.
    var touched: [SiteKey: Bool] = [:]
    /// Sites that were heard, newest time.
    var heard: [SiteKey: Timestamp] = [:]
    var changedAlarms: [ItemKey] = []
    var changedAlarmSet: Set<ItemKey> = []
    var incidents = IncidentFold()
    var names: [SiteKey: String] = [:]
    /// Sites that are known to be there.
    var ensured: Set<SiteKey> = []
    /// Tenants of which the slice takes a site out of service for good, or puts one back.
    var retiring: Set<TenantID> = []

    init(_ db: Database, _ batch: ProjectionBatch) {
        self.db = db
        self.batch = batch
    }

    mutating func run() throws -> [TenantChange] {
        // A slice met again after a crash between the store's commit and the group's has been written already.
        guard try batch.move.isDue(Positions.fetch(db, batch.group)) else { return [] }

        try writeSites()
        try writeLinks()
        try writeHeard()
        try writeDischarging()
        try writeLatest()
        try writeAlarms()
        try foldIncidents()
        try writeIncidents()
        try writeAlarmLinks()
        try writeForecasts()
        try writeOutlooks()
        try writeKPIs()
        var changes = try deriveSites()
        changes += try alarmChanges()
        changes += try incidentChanges()
        try Positions.write(db, batch.move)
        return changes
    }

    mutating func touch(_ tenant: TenantID, _ site: SiteID, always: Bool = false) {
        guard !site.rawValue.isEmpty else { return }
        touched[SiteKey(tenant: tenant, site: site), default: false] = touched[SiteKey(tenant: tenant, site: site)] == true || always
    }

    mutating func ensure(_ tenant: TenantID, _ site: SiteID) throws {
        guard ensured.insert(SiteKey(tenant: tenant, site: site)).inserted else { return }
        if try SiteRows.insertBare(db, tenant: tenant, site: site) { touch(tenant, site, always: true) }
    }

    mutating func writeDependents(_ tenant: TenantID) throws {
        let counts = TopologyDependents.count(try LinkRows.fetch(db, tenant: tenant))
        let rows = try Row.fetchCursor(
            db.cachedStatement(sql: "SELECT site, dependents FROM sites WHERE tenant = ?"), arguments: [tenant.rawValue])
        var changed: [(String, Int)] = []
        while let row = try rows.next() {
            let site: String = row[0]
            let count = counts[site] ?? 0
            if row[1] as Int != count { changed.append((site, count)) }
        }
        let update = try db.cachedStatement(sql: "UPDATE sites SET dependents = ? WHERE tenant = ? AND site = ?")
        for (site, count) in changed {
            try update.execute(arguments: [count, tenant.rawValue, site])
            touch(tenant, SiteID(site), always: true)
        }
    }

    private mutating func writeHeard() throws {
        heard = SliceChoices.heard(batch.heard)
        for key in heard.keys.sorted() {
            try ensure(key.tenant, key.site)
            touch(key.tenant, key.site)
        }
    }

    private mutating func writeDischarging() throws {
        var fold = BatteryFold()
        for item in batch.latest where item.value.metric == ProjectionBatch.batteryCurrent { try ensure(item.tenant, item.site) }
        try fold.fold(batch.latest) { key in
            let row = try Row.fetchOne(
                db.cachedStatement(
                    sql: """
                        SELECT s.discharging_since, l.at FROM sites s LEFT JOIN latest l
                            ON l.tenant = s.tenant AND l.site = s.site AND l.metric = 'battery.i' WHERE s.tenant = ? AND s.site = ?
                        """), arguments: [key.tenant.rawValue, key.site.rawValue])
            return BatteryFold.Battery(since: row?[0], newest: row?[1])
        }
        let update = try db.cachedStatement(sql: "UPDATE sites SET discharging_since = ? WHERE tenant = ? AND site = ?")
        for (key, battery) in fold.batteries where battery.isChanged {
            try update.execute(arguments: [battery.since, key.tenant.rawValue, key.site.rawValue])
        }
    }

    private mutating func writeLatest() throws {
        let statement = try db.cachedStatement(
            sql: """
                INSERT INTO latest(tenant, site, metric, value, at) VALUES (?, ?, ?, ?, ?)
                ON CONFLICT(tenant, site, metric) DO UPDATE SET value = excluded.value, at = excluded.at WHERE excluded.at >= latest.at
                """)
        var sites: Set<SiteKey> = []
        let rows = RowWriter(db, statement)
        defer { rows.finish() }
        for item in batch.latest {
            // In log order, and the statement itself keeps the newest.
            rows.bind(1, item.tenant.rawValue)
            rows.bind(2, item.site.rawValue)
            rows.bind(3, item.value.metric)
            rows.bind(4, item.value.value)
            rows.bind(5, item.value.at.microseconds)
            try rows.write()
            sites.insert(SiteKey(tenant: item.tenant, site: item.site))
        }
        for key in sites.sorted() {
            try ensure(key.tenant, key.site)
            touch(key.tenant, key.site)
        }
    }

    private mutating func writeAlarms() throws {
        for alarm in SliceChoices.alarms(batch.alarms) {
            try ensure(alarm.tenantID, alarm.siteID)
            guard try AlarmRows.upsert(db, alarm) else { continue }
            changed(ItemKey(tenant: alarm.tenantID, id: alarm.alarmID))
            touch(alarm.tenantID, alarm.siteID)
        }
    }

    mutating func changed(_ alarm: ItemKey) {
        if changedAlarmSet.insert(alarm).inserted { changedAlarms.append(alarm) }
    }

    private mutating func writeForecasts() throws {
        let newest = SliceChoices.forecasts(batch.forecasts)
        let statement = try db.cachedStatement(sql: "UPDATE sites SET autonomy = ? WHERE tenant = ? AND site = ?")
        for key in newest.keys.sorted() {
            guard let forecast = newest[key] else { continue }
            try ensure(key.tenant, key.site)
            try statement.execute(arguments: [try ColumnJSON.encode(forecast), key.tenant.rawValue, key.site.rawValue])
            touch(key.tenant, key.site, always: true)
        }
    }

    private func writeOutlooks() throws {
        guard !batch.outlooks.isEmpty else { return }
        let statement = try db.cachedStatement(
            sql: """
                INSERT INTO forecasts(tenant, kind, site, at, forecast) VALUES (?, ?, ?, ?, ?)
                ON CONFLICT(tenant, kind, site) DO UPDATE SET at = excluded.at, forecast = excluded.forecast
                WHERE excluded.at >= forecasts.at
                """)
        for item in SliceChoices.outlooks(batch.outlooks) {
            let forecast = item.forecast
            try statement.execute(arguments: [
                item.tenant.rawValue, forecast.kind.rawValue, forecast.siteID.rawValue, forecast.at.microseconds,
                try ColumnJSON.encode(forecast),
            ])
        }
    }

    private func writeKPIs() throws {
        guard !batch.kpis.isEmpty else { return }
        let statement = try db.cachedStatement(
            sql: """
                INSERT INTO kpis(tenant, kpi, site, window_start, window_end, value, unit) VALUES (?, ?, ?, ?, ?, ?, ?)
                ON CONFLICT(tenant, kpi, site, window_start, window_end) DO UPDATE SET value = excluded.value, unit = excluded.unit
                """)
        for (tenant, kpi) in batch.kpis {
            let values: [(any DatabaseValueConvertible)?] = [
                tenant.rawValue, kpi.kpi, kpi.siteID ?? "", kpi.windowStart.microseconds, kpi.windowEnd.microseconds, kpi.value, kpi.unit,
            ]
            try statement.execute(arguments: StatementArguments(storable: values))
        }
        try SiteAvailability.refresh(db, batch.kpis)
    }

    mutating func siteName(_ key: SiteKey) throws -> String {
        if let known = names[key] { return known }
        let statement = try db.cachedStatement(sql: "SELECT name FROM sites WHERE tenant = ? AND site = ?")
        let name = try String.fetchOne(statement, arguments: [key.tenant.rawValue, key.site.rawValue]) ?? key.site.rawValue
        names[key] = name
        return name
    }

    private func alarmChanges() throws -> [TenantChange] {
        var changes: [TenantChange] = []
        changes.reserveCapacity(changedAlarms.count)
        for key in changedAlarms {
            guard let view = try AlarmRows.fetch(db, tenant: key.tenant, id: key.id) else { continue }
            changes.append(TenantChange(tenantID: key.tenant, change: .alarm(view)))
        }
        return changes
    }

    private mutating func incidentChanges() throws -> [TenantChange] {
        var changes: [TenantChange] = []
        for key in incidents.order {
            guard let folded = incidents.incidents[key], folded.isChanged else { continue }
            let name = try siteName(SiteKey(tenant: key.tenant, site: folded.state.snapshot.siteID))
            let view = IncidentColumns.view(number: folded.number, state: folded.state, siteName: name)
            changes.append(TenantChange(tenantID: key.tenant, change: .incident(view)))
        }
        return changes
    }
}
