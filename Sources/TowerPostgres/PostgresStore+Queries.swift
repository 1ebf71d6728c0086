public import TowerModel
public import TowerStores

extension PostgresStore {
    /// Lists count themselves up to here; a longer one has no `total`.
    private static let maxCounted = 100_000

    private static func total(from tables: String, _ conditions: Conditions) -> PGStatement {
        PGStatement(
            "SELECT count(*) FROM (SELECT 1 FROM \(tables) WHERE \(conditions.clause) LIMIT \(maxCounted + 1)) AS counted", conditions.values)
    }

    private static func total(_ rows: PGRows) -> Int? {
        let count = rows.first?.int(0) ?? 0
        return count > maxCounted ? nil : Int(count)
    }

    // MARK: Sites

    public func sites(tenant: TenantID, filter: SiteFilter, limit: Int, cursor: String?) async throws -> Page<SiteView> {
        let limit = max(limit, 1)
        let after = try PageCursor.read(cursor, list: "sites", count: 1)
        return try await read("list sites") { connection in
            var conditions = Conditions()
            conditions.add("s.tenant = ?", .text(tenant.rawValue))
            if let state = filter.state { conditions.add("s.state = ?", .text(state.rawValue)) }
            if let region = filter.region { conditions.add("s.region = ?", .text(region)) }
            if let text = filter.text, !text.isEmpty { conditions.add("strpos(s.search, ?) > 0", .text(text.lowercased())) }
            let total = Self.total(from: "sites s", conditions)
            if let after { conditions.add("s.site > ?", .text(after[0])) }
            let sql = "SELECT \(SiteRows.columns) FROM sites s WHERE \(conditions.clause) ORDER BY s.site LIMIT \(limit + 1)"
            let answers = try connection.run([total, PGStatement(sql, conditions.values)])
            let rows = answers[1]
            let items = try (0..<min(rows.count, limit)).map { try SiteRows.view(rows[$0], tenant: tenant) }
            let next = rows.count > limit ? items.last.map { PageCursor("sites", [$0.site.siteID.rawValue]).text } : nil
            return Page(items: items, nextCursor: next, total: Self.total(answers[0]))
        }
    }

    public func site(tenant: TenantID, id: SiteID) async throws -> SiteView? {
        try await read("read a site") { connection in
            let key: [PGValue] = [.text(tenant.rawValue), .text(id.rawValue)]
            let answers = try connection.run([
                PGStatement("SELECT \(SiteRows.columns) FROM sites s WHERE s.tenant = $1 AND s.site = $2", key),
                PGStatement("SELECT metric, value, at FROM latest WHERE tenant = $1 AND site = $2 ORDER BY metric", key),
            ])
            guard let row = answers[0].first else { return nil }
            var view = try SiteRows.view(row, tenant: tenant)
            view.latest = answers[1].map { LatestValue(metric: $0.text(0), value: $0.double(1), at: $0.time(2)) }
            return view
        }
    }

    public func topology(tenant: TenantID) async throws -> TopologyView {
        try await read("read the topology") { connection in
            let answers = try connection.run([
                PGStatement("SELECT \(SiteRows.columns) FROM sites s WHERE s.tenant = $1 ORDER BY s.site", [.text(tenant.rawValue)]),
                LinkRows.select(tenant),
            ])
            return TopologyView(
                sites: try answers[0].map { try SiteRows.view($0, tenant: tenant) }, links: LinkRows.links(answers[1], tenant: tenant))
        }
    }

    public func topology(tenant: TenantID, at: Timestamp) async throws -> TopologyView {
        try await read("read the topology as of an instant") { connection in
            let answers = try connection.run([
                PGStatement(
                    """
                    SELECT \(SiteRows.columns) FROM sites s WHERE s.tenant = $1
                    AND NOT EXISTS (SELECT FROM site_versions v WHERE v.tenant = $1 AND v.site = s.site)
                    """, [.text(tenant.rawValue)]),
                PGStatement(
                    """
                    SELECT site, type, max(severity), min(raised_at), count(*) FROM alarms
                    WHERE tenant = $1 AND raised_at <= $2 AND (cleared_at IS NULL OR cleared_at > $2) GROUP BY site, type
                    """, [.text(tenant.rawValue), .int(at.microseconds)]),
                VersionRows.links(tenant), VersionRows.sites(tenant),
            ])
            var alarms: [SiteID: [SiteFacts.AlarmGroup]] = [:]
            answers[1].forEach { row in
                alarms[SiteID(row.text(0)), default: []].append(
                    SiteFacts.AlarmGroup(
                        alarmType: row.text(1), severity: Severity(rank: Int(row.int(2))), raisedAt: row.time(3), count: Int(row.int(4))))
            }
            var history = NetworkHistory()
            answers[2].forEach { history.insert(VersionRows.link($0)) }
            for version in try answers[3].map({ try VersionRows.site($0) }) { history.insert(version) }
            let unversioned = try answers[0].map { try SiteRows.view($0, tenant: tenant).site }
            return PastTopology.view(of: history, unversioned: unversioned, alarms: alarms, at: at)
        }
    }

    // MARK: Alarms

    public func alarms(tenant: TenantID, filter: AlarmFilter, limit: Int, cursor: String?) async throws -> Page<AlarmView> {
        let limit = max(limit, 1)
        let after = try PageCursor.read(cursor, list: "alarms", count: 2)
        return try await read("list alarms") { connection in
            var conditions = Conditions()
            conditions.add("a.tenant = ?", .text(tenant.rawValue))
            if let isActive = filter.isActive { conditions.add(isActive ? "a.is_active" : "NOT a.is_active") }
            if let site = filter.site { conditions.add("a.site = ?", .text(site.rawValue)) }
            if let incident = filter.incident { conditions.add("a.incident = ?", .id(incident)) }
            if let severity = filter.minimumSeverity { conditions.add("a.severity >= ?", .int(Int64(severity.rank))) }
            let total = Self.total(from: "alarms a", conditions)
            if let after {
                let (at, id) = (try PageCursor.number(after[0]), EventID(after[1]))
                conditions.add("(a.raised_at, a.alarm) < (?, ?)", .int(at), .id(id ?? EventID(high: 0, low: 0)))
            }
            let sql = """
                SELECT \(AlarmRows.columns) FROM \(AlarmRows.tables) WHERE \(conditions.clause)
                ORDER BY a.raised_at DESC, a.alarm DESC LIMIT \(limit + 1)
                """
            let answers = try connection.run([total, PGStatement(sql, conditions.values)])
            let rows = answers[1]
            let items = (0..<min(rows.count, limit)).map { AlarmRows.view(rows[$0], tenant: tenant) }
            let next = items.last.map { last in
                PageCursor("alarms", ["\(last.alarm.raisedAt.microseconds)", last.alarm.alarmID.description]).text
            }
            return Page(items: items, nextCursor: rows.count > limit ? next : nil, total: Self.total(answers[0]))
        }
    }

    public func alarm(tenant: TenantID, id: EventID) async throws -> AlarmView? {
        try await read("read an alarm") { connection in
            let rows = try connection.run(
                "SELECT \(AlarmRows.columns) FROM \(AlarmRows.tables) WHERE a.tenant = $1 AND a.alarm = $2", .text(tenant.rawValue), .id(id))
            return rows.first.map { AlarmRows.view($0, tenant: tenant) }
        }
    }

    // MARK: Incidents

    public func incidents(tenant: TenantID, filter: IncidentFilter, limit: Int, cursor: String?) async throws -> Page<IncidentView> {
        let limit = max(limit, 1)
        let after = try PageCursor.read(cursor, list: "incidents", count: 1)
        return try await read("list incidents") { connection in
            var conditions = Conditions()
            conditions.add("i.tenant = ?", .text(tenant.rawValue))
            let statuses = filter.statuses.isEmpty ? [.open, .acknowledged, .resolved] : filter.statuses
            conditions.add("i.status IN (\(statuses.map { "'\($0.rawValue)'" }.joined(separator: ", ")))")
            if let site = filter.site {
                conditions.add(
                    "i.incident IN (SELECT incident FROM incident_sites WHERE tenant = ? AND site = ?)", .text(tenant.rawValue),
                    .text(site.rawValue))
            }
            if let assignee = filter.assignee { conditions.add("i.assignee = ?", .text(assignee)) }
            if let since = filter.updatedSince { conditions.add("i.updated_at >= ?", .int(since.microseconds)) }
            let total = Self.total(from: "incidents i", conditions)
            if let after { conditions.add("i.number < ?", .int(try PageCursor.number(after[0]))) }
            let sql = """
                SELECT i.number, i.state, s.name, i.site FROM incidents i LEFT JOIN sites s ON s.tenant = i.tenant AND s.site = i.site
                WHERE \(conditions.clause) ORDER BY i.number DESC LIMIT \(limit + 1)
                """
            let answers = try connection.run([total, PGStatement(sql, conditions.values)])
            let rows = answers[1]
            let items = try (0..<min(rows.count, limit)).map { try Self.incidentView(rows[$0]) }
            let next = rows.count > limit ? PageCursor("incidents", ["\(rows[limit - 1].int(0))"]).text : nil
            return Page(items: items, nextCursor: next, total: Self.total(answers[0]))
        }
    }

    private static func incidentView(_ row: PGRow, isPage: Bool = false) throws -> IncidentView {
        IncidentColumns.view(
            number: row.int(0), state: try IncidentColumns.state(row.text(1)), siteName: row.optionalText(2) ?? row.text(3), isPage: isPage)
    }

    public func incident(tenant: TenantID, id: String) async throws -> IncidentView? {
        let key: (column: String, value: PGValue)
        if let number = IncidentColumns.number(id) {
            key = ("number", .int(number))
        } else if let uuid = EventID(id) {
            key = ("incident", .id(uuid))
        } else {
            return nil
        }
        return try await read("read an incident") { connection in
            let sql = """
                SELECT i.number, i.state, s.name, i.site FROM incidents i LEFT JOIN sites s ON s.tenant = i.tenant AND s.site = i.site
                WHERE i.tenant = $1 AND i.\(key.column) = $2
                """
            guard let row = try connection.run(sql, .text(tenant.rawValue), key.value).first else { return nil }
            var view = try Self.incidentView(row, isPage: true)
            view.history = try Self.history(connection, tenant, view.snapshot.incidentID)
            return view
        }
    }

    private static func history(_ connection: PGConnection, _ tenant: TenantID, _ incident: EventID) throws
        -> [IncidentView.HistoryEntry]
    {
        let rows = try connection.run(
            """
            SELECT event, type, at, actor, text FROM incident_history WHERE tenant = $1 AND incident = $2
                AND (type <> 'incident.updated' OR id >= COALESCE((
                    SELECT id FROM incident_history WHERE tenant = $1 AND incident = $2 AND type = 'incident.updated'
                    ORDER BY id DESC LIMIT 1 OFFSET $3), 0))
            ORDER BY id LIMIT \(IncidentColumns.maxHistory)
            """, .text(tenant.rawValue), .id(incident), .int(Int64(IncidentColumns.maxRefinements - 1)))
        return rows.map {
            IncidentView.HistoryEntry(eventID: $0.id(0), eventType: $0.text(1), at: $0.time(2), actor: $0.text(3), text: $0.text(4))
        }
    }

    // MARK: Forecasts

    public func forecasts(
        tenant: TenantID, kind: ForecastKind?, site: SiteID?, limit: Int, cursor: String?
    ) async throws -> Page<SiteForecast> {
        let limit = max(limit, 1)
        let after = try PageCursor.read(cursor, list: "forecasts", count: 2)
        return try await read("list forecasts") { connection in
            var conditions = Conditions()
            conditions.add("tenant = ?", .text(tenant.rawValue))
            if let kind { conditions.add("kind = ?", .text(kind.rawValue)) }
            if let site { conditions.add("site = ?", .text(site.rawValue)) }
            let total = Self.total(from: "forecasts", conditions)
            if let after { conditions.add("(kind, site) > (?, ?)", .text(after[0]), .text(after[1])) }
            let sql = "SELECT forecast FROM forecasts WHERE \(conditions.clause) ORDER BY kind, site LIMIT \(limit + 1)"
            let answers = try connection.run([total, PGStatement(sql, conditions.values)])
            let rows = answers[1]
            let items = try (0..<min(rows.count, limit)).map {
                try ColumnJSON.decode(SiteForecast.self, rows[$0].text(0), "a forecast")
            }
            let next = items.last.map { PageCursor("forecasts", [$0.kind.rawValue, $0.siteID.rawValue]).text }
            return Page(items: items, nextCursor: rows.count > limit ? next : nil, total: Self.total(answers[0]))
        }
    }

    // MARK: KPIs

    public func kpis(tenant: TenantID, kpi: String?, site: SiteID?, limit: Int, cursor: String?) async throws -> Page<KPIView> {
        let limit = max(limit, 1)
        let after = try PageCursor.read(cursor, list: "kpis", count: 4)
        return try await read("list KPIs") { connection in
            var conditions = Conditions()
            conditions.add("tenant = ?", .text(tenant.rawValue))
            if let kpi { conditions.add("kpi = ?", .text(kpi)) }
            if let site { conditions.add("site = ?", .text(site.rawValue)) }
            let total = Self.total(from: "kpis", conditions)
            if let after {
                conditions.add(
                    "(kpi, site, -window_start, -window_end) > (?, ?, ?, ?)", .text(after[0]), .text(after[1]),
                    .int(-(try PageCursor.number(after[2]))), .int(-(try PageCursor.number(after[3]))))
            }
            let sql = """
                SELECT kpi, site, value, unit, window_start, window_end FROM kpis WHERE \(conditions.clause)
                ORDER BY kpi, site, window_start DESC, window_end DESC LIMIT \(limit + 1)
                """
            let answers = try connection.run([total, PGStatement(sql, conditions.values)])
            let rows = answers[1]
            let items = (0..<min(rows.count, limit)).map { index in
                let row = rows[index]
                let site = row.text(1)
                return KPIView(
                    kpi: row.text(0), siteID: site.isEmpty ? nil : site, value: row.optionalDouble(2), unit: row.text(3),
                    windowStart: row.time(4), windowEnd: row.time(5))
            }
            let next = items.last.map { last in
                PageCursor(
                    "kpis", [last.kpi, last.siteID ?? "", "\(last.windowStart.microseconds)", "\(last.windowEnd.microseconds)"]
                ).text
            }
            return Page(items: items, nextCursor: rows.count > limit ? next : nil, total: Self.total(answers[0]))
        }
    }
}
