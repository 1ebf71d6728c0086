import TowerIncidents
import TowerModel
import TowerStores

/// Writes one slice inside the transaction that holds it, and gathers what changed.
///
/// PostgreSQL is a round trip away: what a slice needs to know is asked at once, folded here, and written in sets. What the
/// fold means is `TowerStores`' and the same for every store.
struct ProjectionWriter {
    let connection: PGConnection
    let batch: ProjectionBatch
    /// Sites that have a row; told again when the transaction has ended well.
    var known: PostgresStore.KnownSites?

    /// Sites whose state may have changed; `true` when their view changes in any case.
    var touched: [SiteKey: Bool] = [:]
    var heard: [SiteKey: Timestamp] = [:]
    var changedAlarms: [ItemKey] = []
    private var changedAlarmSet: Set<ItemKey> = []
    var incidents = IncidentFold()
    /// Answers to what was asked ahead.
    private var batteries: [SiteKey: BatteryFold.Battery] = [:]
    private var alarmStates: [ItemKey: (changedAt: Timestamp, isCleared: Bool)] = [:]

    init(_ connection: PGConnection, _ batch: ProjectionBatch, known: PostgresStore.KnownSites?) {
        self.connection = connection
        self.batch = batch
        self.known = known
    }

    mutating func run() throws -> [TenantChange] {
        // Two processes may project one tenant, say from different partitions: they take turns, a slice at a time, so that what
        // is read here is what is written upon.
        let tenants = PGStatement(
            """
            SELECT pg_advisory_xact_lock(7651, number) FROM
                (SELECT DISTINCT hashtext(tenant) & 63 AS number FROM unnest($1) AS t(tenant) ORDER BY 1) AS numbers
            """, [.texts(Set(batch.tenants).map(\.rawValue))])
        guard let generation = try Positions.begin(connection, batch.move, and: [tenants]) else { return [] }
        if known?.generation != generation { known = PostgresStore.KnownSites(generation: generation) }

        let alarms = SliceChoices.alarms(batch.alarms)
        heard = SliceChoices.heard(batch.heard)
        try writePlaces(alarms)
        try foldIncidents()

        var statements: [PGStatement] = []
        statements += try stageLatest()
        statements += batteryStatements()
        statements += alarmStatements(alarms)
        statements += try incidentStatements()
        statements += try forecastStatements()
        statements += try outlookStatements()
        statements += kpiStatements()
        let links = statements.count
        if let link = alarmLinkStatement() { statements.append(link) }
        let facts = statements.count
        let keys = touched.keys.sorted()
        statements += factStatements(keys)
        let answers = try connection.run(statements)
        if links < facts { noteLinked(answers[links]) }

        var changes = try deriveSites(keys, Array(answers[facts...]))
        changes.statements.append(Positions.write(batch.move))
        let alarmViews = changes.statements.count
        if !changedAlarms.isEmpty { changes.statements.append(alarmViewStatement()) }
        let names = changes.statements.count
        if !incidents.order.isEmpty { changes.statements.append(incidentNameStatement()) }
        let written = try connection.run(changes.statements)
        var told = changes.told
        if alarmViews < names { told += alarmChanges(written[alarmViews]) }
        if names < written.count { told += incidentChanges(written[names]) }
        return told
    }

    mutating func touch(_ tenant: TenantID, _ site: SiteID, always: Bool = false) {
        guard !site.rawValue.isEmpty else { return }
        let key = SiteKey(tenant: tenant, site: site)
        touched[key] = touched[key] == true || always
    }

    mutating func changed(_ alarm: ItemKey) {
        if changedAlarmSet.insert(alarm).inserted { changedAlarms.append(alarm) }
    }

    // MARK: Places

    /// Inventory, links and the bare rows of sites that somebody spoke of; and everything that is asked ahead.
    private mutating func writePlaces(_ alarms: [Alarm]) throws {
        let inventory = try inventoryStatements()
        var statements = inventory.statements
        let mentioned = mentionedSites(alarms)
        let bare = statements.count
        let unknown = mentioned.filter { known?.keys.contains($0) != true }.sorted()
        statements.append(
            PGStatement(
                """
                INSERT INTO sites(tenant, site, search, name) SELECT * FROM unnest($1, $2, $3, $2) AS n(tenant, site, search, name)
                WHERE NOT EXISTS (SELECT FROM retired_sites r WHERE r.tenant = n.tenant AND r.site = n.site) ORDER BY tenant, site ON CONFLICT DO NOTHING RETURNING tenant, site
                """, unknown.columns + [.texts(unknown.map { SiteColumns.search($0.site, $0.site.rawValue) })]))
        let batteryKeys = Set(
            batch.latest.lazy.filter { $0.value.metric == ProjectionBatch.batteryCurrent }.map { SiteKey(tenant: $0.tenant, site: $0.site) })
        statements.append(
            PGStatement(
                """
                SELECT k.tenant, k.site, s.discharging_since, l.at FROM unnest($1, $2) AS k(tenant, site)
                JOIN sites s ON s.tenant = k.tenant AND s.site = k.site
                LEFT JOIN latest l ON l.tenant = k.tenant AND l.site = k.site AND l.metric = 'battery.i'
                """, batteryKeys.sorted().columns))
        statements.append(
            PGStatement(
                """
                SELECT a.tenant, a.alarm, a.changed_at, a.state FROM unnest($1, $2) AS k(tenant, alarm)
                JOIN alarms a ON a.tenant = k.tenant AND a.alarm = k.alarm
                """, [.texts(alarms.map(\.tenantID.rawValue)), .ids(alarms.map(\.alarmID))]))
        let tenantsWithLinks = inventory.tenants.sorted()
        for tenant in tenantsWithLinks {
            statements.append(LinkRows.select(tenant))
            statements.append(PGStatement("SELECT site, dependents FROM sites WHERE tenant = $1", [.text(tenant.rawValue)]))
        }
        let answers = try connection.run(statements)
        for site in batch.sites { touch(site.tenantID, site.siteID, always: true) }
        answers[bare].forEach { touch(TenantID($0.text(0)), SiteID($0.text(1)), always: true) }
        for key in heard.keys { touch(key.tenant, key.site) }
        for item in batch.latest { touch(item.tenant, item.site) }
        answers[bare + 1].forEach {
            let key = SiteKey(tenant: TenantID($0.text(0)), site: SiteID($0.text(1)))
            batteries[key] = BatteryFold.Battery(since: $0.optionalInt(2), newest: $0.optionalInt(3))
        }
        answers[bare + 2].forEach {
            let key = ItemKey(tenant: TenantID($0.text(0)), id: $0.id(1))
            alarmStates[key] = ($0.time(2), $0.text(3) == Alarm.State.cleared.rawValue)
        }
        if known.map({ $0.keys.count + unknown.count > PostgresStore.KnownSites.maxCount }) == true { known?.keys.removeAll() }
        known?.keys.formUnion(unknown)
        for (index, tenant) in tenantsWithLinks.enumerated() {
            try writeDependents(tenant, links: answers[bare + 3 + index * 2], sites: answers[bare + 4 + index * 2])
        }
    }

    private func mentionedSites(_ alarms: [Alarm]) -> Set<SiteKey> {
        var keys = Set(heard.keys)
        for version in batch.linkVersions where version.link.kind != .feeder && !version.isRemoved {
            let link = version.link
            keys.insert(SiteKey(tenant: link.tenantID, site: SiteID(link.a)))
            keys.insert(SiteKey(tenant: link.tenantID, site: SiteID(link.b)))
        }
        for item in batch.latest { keys.insert(SiteKey(tenant: item.tenant, site: item.site)) }
        for alarm in alarms { keys.insert(SiteKey(tenant: alarm.tenantID, site: alarm.siteID)) }
        for item in batch.forecasts { keys.insert(SiteKey(tenant: item.tenant, site: item.forecast.siteID)) }
        return keys.filter { !$0.site.rawValue.isEmpty }
    }

    private mutating func writeDependents(_ tenant: TenantID, links: PGRows, sites: PGRows) throws {
        let counts = TopologyDependents.count(LinkRows.links(links, tenant: tenant))
        var changed: [(site: String, count: Int)] = []
        sites.forEach { row in
            let site = row.text(0)
            let count = counts[site] ?? 0
            if Int(row.int(1)) != count { changed.append((site, count)) }
        }
        guard !changed.isEmpty else { return }
        _ = try connection.run(
            """
            UPDATE sites s SET dependents = n.dependents FROM unnest($2, $3) AS n(site, dependents)
            WHERE s.tenant = $1 AND s.site = n.site
            """, .text(tenant.rawValue), .texts(changed.map(\.site)), .ints(changed.map { Int64($0.count) }))
        for item in changed { touch(tenant, SiteID(item.site), always: true) }
    }

    // MARK: Values

    /// The newest reading of each point, in the order of the table.
    private func newestReadings() -> [(key: SiteKey, value: LatestValue)] {
        struct Point: Hashable {
            let site: SiteKey
            let metric: String
        }
        var places: [Point: Int] = [:]
        var newest: [(key: SiteKey, value: LatestValue)] = []
        for item in batch.latest {
            let key = SiteKey(tenant: item.tenant, site: item.site)
            if let place = places[Point(site: key, metric: item.value.metric)] {
                if item.value.at >= newest[place].value.at { newest[place].value = item.value }
            } else {
                places[Point(site: key, metric: item.value.metric)] = newest.count
                newest.append((key, item.value))
            }
        }
        return newest.sorted { ($0.key, $0.value.metric) < ($1.key, $1.value.metric) }
    }

    /// Stages the newest readings by COPY and answers the statement that merges them.
    private func stageLatest() throws -> [PGStatement] {
        let newest = newestReadings()
        guard !newest.isEmpty else { return [] }
        let merge = """
            ON CONFLICT(tenant, site, metric) DO UPDATE SET value = excluded.value, at = excluded.at WHERE excluded.at >= latest.at
            """
        guard newest.count > 500 else {
            return [
                PGStatement(
                    "INSERT INTO latest(tenant, site, metric, value, at) SELECT * FROM unnest($1, $2, $3, $4, $5) \(merge)",
                    newest.map(\.key).columns + [
                        .texts(newest.map(\.value.metric)), .doubles(newest.map(\.value.value)), .ints(newest.map(\.value.at.microseconds)),
                    ])
            ]
        }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(newest.count * 80)
        for (key, value) in newest {
            bytes.append(value: Int16(5))
            bytes.append(field: key.tenant.rawValue) { $0.append(text: $1) }
            bytes.append(field: key.site.rawValue) { $0.append(text: $1) }
            bytes.append(field: value.metric) { $0.append(text: $1) }
            bytes.append(field: value.value) { $0.append(value: $1) }
            bytes.append(field: value.at.microseconds) { $0.append(value: $1) }
        }
        try connection.execute(
            """
            CREATE TEMP TABLE IF NOT EXISTS staged_latest(
                tenant text COLLATE "C", site text COLLATE "C", metric text COLLATE "C", value double precision, at bigint)
                ON COMMIT DELETE ROWS
            """)
        try connection.copy(into: "staged_latest(tenant, site, metric, value, at)", bytes)
        return [
            PGStatement(
                "INSERT INTO latest(tenant, site, metric, value, at) SELECT tenant, site, metric, value, at FROM staged_latest \(merge)")
        ]
    }

    private func batteryStatements() -> [PGStatement] {
        var fold = BatteryFold()
        fold.fold(batch.latest) { batteries[$0] ?? BatteryFold.Battery(since: nil, newest: nil) }
        let changed = fold.batteries.filter(\.value.isChanged).sorted { $0.key < $1.key }
        guard !changed.isEmpty else { return [] }
        return [
            PGStatement(
                """
                UPDATE sites s SET discharging_since = n.since FROM unnest($1, $2, $3) AS n(tenant, site, since)
                WHERE s.tenant = n.tenant AND s.site = n.site
                """, changed.map(\.key).columns + [.ints(changed.map(\.value.since))])
        ]
    }

    private mutating func alarmStatements(_ alarms: [Alarm]) -> [PGStatement] {
        let due = alarms.filter { alarm in
            guard let known = alarmStates[ItemKey(tenant: alarm.tenantID, id: alarm.alarmID)] else { return true }
            return AlarmRevision.supersedes(alarm, changedAt: known.changedAt, isCleared: known.isCleared)
        }
        guard !due.isEmpty else { return [] }
        for alarm in due {
            changed(ItemKey(tenant: alarm.tenantID, id: alarm.alarmID))
            touch(alarm.tenantID, alarm.siteID)
        }
        return [AlarmRows.upsert(due)]
    }

    private mutating func forecastStatements() throws -> [PGStatement] {
        let newest = SliceChoices.forecasts(batch.forecasts).filter { !$0.key.site.rawValue.isEmpty }.sorted { $0.key < $1.key }
        guard !newest.isEmpty else { return [] }
        for (key, _) in newest { touch(key.tenant, key.site, always: true) }
        return [
            PGStatement(
                """
                UPDATE sites s SET autonomy = n.autonomy FROM unnest($1, $2, $3) AS n(tenant, site, autonomy)
                WHERE s.tenant = n.tenant AND s.site = n.site
                """, newest.map(\.key).columns + [.texts(try newest.map { try ColumnJSON.encode($0.value) })])
        ]
    }

    private func noteKPIs() -> [(tenant: TenantID, kpi: KPIView)] {
        struct Key: Hashable {
            let tenant: TenantID
            let kpi: String
            let site: String
            let start: Timestamp
            let end: Timestamp
        }
        var places: [Key: Int] = [:]
        var last: [(tenant: TenantID, kpi: KPIView)] = []
        for (tenant, kpi) in batch.kpis {
            let key = Key(tenant: tenant, kpi: kpi.kpi, site: kpi.siteID ?? "", start: kpi.windowStart, end: kpi.windowEnd)
            if let place = places[key] {
                last[place].kpi = kpi
            } else {
                places[key] = last.count
                last.append((tenant, kpi))
            }
        }
        return last
    }

    private func outlookStatements() throws -> [PGStatement] {
        let newest = SliceChoices.outlooks(batch.outlooks)
        guard !newest.isEmpty else { return [] }
        return [
            PGStatement(
                """
                INSERT INTO forecasts(tenant, kind, site, at, forecast) SELECT * FROM unnest($1, $2, $3, $4, $5) ORDER BY 1, 2, 3
                ON CONFLICT(tenant, kind, site) DO UPDATE SET at = excluded.at, forecast = excluded.forecast
                WHERE excluded.at >= forecasts.at
                """,
                [
                    .texts(newest.map(\.tenant.rawValue)), .texts(newest.map(\.forecast.kind.rawValue)),
                    .texts(newest.map(\.forecast.siteID.rawValue)), .ints(newest.map(\.forecast.at.microseconds)),
                    .texts(try newest.map { try ColumnJSON.encode($0.forecast) }),
                ])
        ]
    }

    private func kpiStatements() -> [PGStatement] {
        let kpis = noteKPIs()
        guard !kpis.isEmpty else { return [] }
        var statements = [
            PGStatement(
                """
                INSERT INTO kpis(tenant, kpi, site, window_start, window_end, value, unit)
                SELECT * FROM unnest($1, $2, $3, $4, $5, $6, $7) ORDER BY 1, 2, 3, 4, 5
                ON CONFLICT(tenant, kpi, site, window_start, window_end) DO UPDATE SET value = excluded.value, unit = excluded.unit
                """,
                [
                    .texts(kpis.map(\.tenant.rawValue)), .texts(kpis.map(\.kpi.kpi)), .texts(kpis.map { $0.kpi.siteID ?? "" }),
                    .ints(kpis.map(\.kpi.windowStart.microseconds)), .ints(kpis.map(\.kpi.windowEnd.microseconds)),
                    .doubles(kpis.map(\.kpi.value)), .texts(kpis.map(\.kpi.unit)),
                ])
        ]
        let day = Int64(SiteAvailability.daySeconds * 1_000_000)
        for (kpi, column) in SiteAvailability.columns.sorted(by: { $0.key < $1.key }) {
            var keys: Set<SiteKey> = []
            for item in kpis where item.kpi.kpi == kpi {
                if let site = item.kpi.siteID { keys.insert(SiteKey(tenant: item.tenant, site: SiteID(site))) }
            }
            guard !keys.isEmpty else { continue }
            // Windows of several lengths tell of the same time: only the finest count.
            statements.append(
                PGStatement(
                    """
                    UPDATE sites s SET \(column)_at = n.newest, \(column) = (
                        SELECT avg(w.value ORDER BY w.window_start) FROM (
                            SELECT k.value, k.window_start, k.window_end - k.window_start AS length,
                                min(k.window_end - k.window_start) OVER () AS shortest
                            FROM kpis k WHERE k.tenant = n.tenant AND k.kpi = $3 AND k.site = n.site
                                AND k.window_start >= n.newest - $4 AND k.value IS NOT NULL) AS w
                        WHERE w.length = w.shortest)
                    FROM (
                        SELECT d.tenant, d.site, (
                            SELECT k.window_end FROM kpis k WHERE k.tenant = d.tenant AND k.kpi = $3 AND k.site = d.site
                            ORDER BY k.window_start DESC, k.window_end DESC LIMIT 1) AS newest
                        FROM unnest($1, $2) AS d(tenant, site)) AS n
                    WHERE s.tenant = n.tenant AND s.site = n.site AND n.newest IS NOT NULL
                    """, keys.sorted().columns + [.text(kpi), .int(day)]))
        }
        return statements
    }

    // MARK: What changed

    private func alarmViewStatement() -> PGStatement {
        PGStatement(
            """
            SELECT \(AlarmRows.columns) FROM unnest($1, $2) WITH ORDINALITY AS k(tenant, alarm, place)
            JOIN alarms a ON a.tenant = k.tenant AND a.alarm = k.alarm
            LEFT JOIN sites s ON s.tenant = a.tenant AND s.site = a.site
            LEFT JOIN incidents i ON i.tenant = a.tenant AND i.incident = a.incident ORDER BY k.place
            """, [.texts(changedAlarms.map(\.tenant.rawValue)), .ids(changedAlarms.map(\.id))])
    }

    private func alarmChanges(_ rows: PGRows) -> [TenantChange] {
        rows.map { row in
            let tenant = TenantID(row.text(AlarmRows.tenant))
            return TenantChange(tenantID: tenant, change: .alarm(AlarmRows.view(row, tenant: tenant)))
        }
    }

    private func incidentNameStatement() -> PGStatement {
        let keys = Set(
            incidents.order.compactMap { key in
                incidents.incidents[key].map { SiteKey(tenant: key.tenant, site: $0.state.snapshot.siteID) }
            })
        return PGStatement(
            """
            SELECT s.tenant, s.site, s.name FROM unnest($1, $2) AS k(tenant, site)
            JOIN sites s ON s.tenant = k.tenant AND s.site = k.site
            """, keys.sorted().columns)
    }

    private func incidentChanges(_ rows: PGRows) -> [TenantChange] {
        var names: [SiteKey: String] = [:]
        rows.forEach { names[SiteKey(tenant: TenantID($0.text(0)), site: SiteID($0.text(1)))] = $0.text(2) }
        return incidents.order.compactMap { key in
            guard let folded = incidents.incidents[key], folded.isChanged else { return nil }
            let site = folded.state.snapshot.siteID
            let name = names[SiteKey(tenant: key.tenant, site: site)] ?? site.rawValue
            let view = IncidentColumns.view(number: folded.number, state: folded.state, siteName: name)
            return TenantChange(tenantID: key.tenant, change: .incident(view))
        }
    }
}

extension [SiteKey] {
    /// Two columns: tenants and sites.
    var columns: [PGValue] { [.texts(map(\.tenant.rawValue)), .texts(map(\.site.rawValue))] }
}

extension ProjectionBatch {
    /// Everybody whom the slice speaks of, with repeats.
    var tenants: [TenantID] {
        var all = sites.map(\.tenantID) + links.map(\.tenantID) + alarms.map(\.tenantID)
        all += heard.map(\.tenantID) + latest.map(\.tenant)
        all += incidents.map(\.tenantID) + forecasts.map(\.tenant) + outlooks.map(\.tenant) + kpis.map(\.tenant)
        return all
    }
}
