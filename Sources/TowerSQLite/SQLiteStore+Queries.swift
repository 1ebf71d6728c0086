import Foundation
import GRDB
public import TowerModel
public import TowerStores

extension SQLiteStore {
    /// Lists count themselves up to here; a longer one has no `total`.
    private static let maxCounted = 100_000

    private static func total(_ db: Database, from tables: String, _ conditions: Conditions) throws -> Int? {
        let sql = "SELECT count(*) FROM (SELECT 1 FROM \(tables) WHERE \(conditions.clause) LIMIT \(maxCounted + 1))"
        let count = try Int.fetchOne(db, sql: sql, arguments: conditions.statementArguments) ?? 0
        return count > maxCounted ? nil : count
    }

    // MARK: Sites

    public func sites(tenant: TenantID, filter: SiteFilter, limit: Int, cursor: String?) async throws -> Page<SiteView> {
        let limit = max(limit, 1)
        let after = try PageCursor.read(cursor, list: "sites", count: 1)
        return try await read("list sites") { db in
            var conditions = Conditions()
            conditions.add("s.tenant = ?", tenant.rawValue)
            if let state = filter.state { conditions.add("s.state = ?", state.rawValue) }
            if let region = filter.region { conditions.add("s.region = ?", region) }
            if let text = filter.text, !text.isEmpty { conditions.add("instr(s.search, ?) > 0", text.lowercased()) }
            let total = try Self.total(db, from: "sites s", conditions)
            if let after { conditions.add("s.site > ?", after[0]) }
            let sql = "SELECT \(SiteRows.columns) FROM sites s WHERE \(conditions.clause) ORDER BY s.site LIMIT \(limit + 1)"
            let rows = try Row.fetchAll(db, sql: sql, arguments: conditions.statementArguments)
            let items = try rows.prefix(limit).map { try SiteRows.view($0, tenant: tenant) }
            let next = rows.count > limit ? items.last.map { PageCursor("sites", [$0.site.siteID.rawValue]).text } : nil
            return Page(items: items, nextCursor: next, total: total)
        }
    }

    public func site(tenant: TenantID, id: SiteID) async throws -> SiteView? {
        try await read("read a site") { db in
            let sql = "SELECT \(SiteRows.columns) FROM sites s WHERE s.tenant = ? AND s.site = ?"
            let arguments: StatementArguments = [tenant.rawValue, id.rawValue]
            guard let row = try Row.fetchOne(db, sql: sql, arguments: arguments) else { return nil }
            var view = try SiteRows.view(row, tenant: tenant)
            view.latest = try Row.fetchAll(
                db, sql: "SELECT metric, value, at FROM latest WHERE tenant = ? AND site = ? ORDER BY metric", arguments: arguments
            ).map { LatestValue(metric: $0[0], value: $0[1], at: Timestamp(microseconds: $0[2])) }
            return view
        }
    }

    public func topology(tenant: TenantID) async throws -> TopologyView {
        try await read("read the topology") { db in
            let sql = "SELECT \(SiteRows.columns) FROM sites s WHERE s.tenant = ? ORDER BY s.site"
            var sites: [SiteView] = []
            let rows = try Row.fetchCursor(db, sql: sql, arguments: [tenant.rawValue])
            while let row = try rows.next() { sites.append(try SiteRows.view(row, tenant: tenant)) }
            return TopologyView(sites: sites, links: try LinkRows.fetch(db, tenant: tenant))
        }
    }

    public func topology(tenant: TenantID, at: Timestamp) async throws -> TopologyView {
        try await read("read the topology as of an instant") { db in
            var sites: [SiteView] = []
            let rows = try Row.fetchCursor(
                db,
                sql: """
                    SELECT \(SiteRows.columns) FROM sites s WHERE s.tenant = ?1
                    AND NOT EXISTS (SELECT 1 FROM site_versions v WHERE v.tenant = ?1 AND v.site = s.site)
                    """, arguments: [tenant.rawValue])
            while let row = try rows.next() { sites.append(try SiteRows.view(row, tenant: tenant)) }
            var alarms: [SiteID: [SiteFacts.AlarmGroup]] = [:]
            let active = try Row.fetchCursor(
                db,
                sql: """
                    SELECT site, type, max(severity), min(raised_at), count(*) FROM alarms INDEXED BY alarms_time
                    WHERE tenant = ? AND raised_at <= ? AND (cleared_at IS NULL OR cleared_at > ?) GROUP BY site, type
                    """, arguments: [tenant.rawValue, at.microseconds, at.microseconds])
            while let row = try active.next() {
                alarms[SiteID(row[0] as String), default: []].append(
                    SiteFacts.AlarmGroup(
                        alarmType: row[1], severity: Severity(rank: row[2]), raisedAt: Timestamp(microseconds: row[3]), count: row[4]))
            }
            return PastTopology.view(of: try VersionRows.history(db, tenant: tenant), unversioned: sites.map(\.site), alarms: alarms, at: at)
        }
    }

    // MARK: Alarms

    public func alarms(tenant: TenantID, filter: AlarmFilter, limit: Int, cursor: String?) async throws -> Page<AlarmView> {
        let limit = max(limit, 1)
        let after = try PageCursor.read(cursor, list: "alarms", count: 2)
        return try await read("list alarms") { db in
            var conditions = Conditions()
            conditions.add("a.tenant = ?", tenant.rawValue)
            if let isActive = filter.isActive { conditions.add(isActive ? "a.is_active = 1" : "a.is_active = 0") }
            if let site = filter.site { conditions.add("a.site = ?", site.rawValue) }
            if let incident = filter.incident { conditions.add("a.incident = ?", incident.blob) }
            if let severity = filter.minimumSeverity { conditions.add("a.severity >= ?", severity.rank) }
            let total = try Self.total(db, from: "alarms a", conditions)
            if let after {
                let (at, id) = (try PageCursor.number(after[0]), EventID(after[1]))
                conditions.add("(a.raised_at, a.alarm) < (?, ?)", at, id?.blob ?? Data())
            }
            let sql = """
                SELECT \(AlarmRows.columns) FROM \(AlarmRows.tables) WHERE \(conditions.clause)
                ORDER BY a.raised_at DESC, a.alarm DESC LIMIT \(limit + 1)
                """
            let rows = try Row.fetchAll(db, sql: sql, arguments: conditions.statementArguments)
            let items = try rows.prefix(limit).map { try AlarmRows.view($0, tenant: tenant) }
            let next = items.last.map { last in
                PageCursor("alarms", ["\(last.alarm.raisedAt.microseconds)", last.alarm.alarmID.description]).text
            }
            return Page(items: items, nextCursor: rows.count > limit ? next : nil, total: total)
        }
    }

    public func alarm(tenant: TenantID, id: EventID) async throws -> AlarmView? {
        try await read("read an alarm") { try AlarmRows.fetch($0, tenant: tenant, id: id) }
    }

    // MARK: Incidents

    public func incidents(tenant: TenantID, filter: IncidentFilter, limit: Int, cursor: String?) async throws -> Page<IncidentView> {
        let limit = max(limit, 1)
        let after = try PageCursor.read(cursor, list: "incidents", count: 1)
        return try await read("list incidents") { db in
            var conditions = Conditions()
            conditions.add("i.tenant = ?", tenant.rawValue)
            let statuses = filter.statuses.isEmpty ? [.open, .acknowledged, .resolved] : filter.statuses
            conditions.add("i.status IN (\(statuses.map { "'\($0.rawValue)'" }.joined(separator: ", ")))")
            if let site = filter.site {
                conditions.add(
                    "i.incident IN (SELECT incident FROM incident_sites WHERE tenant = ? AND site = ?)", tenant.rawValue, site.rawValue)
            }
            if let assignee = filter.assignee { conditions.add("i.assignee = ?", assignee) }
            if let since = filter.updatedSince { conditions.add("i.updated_at >= ?", since.microseconds) }
            let total = try Self.total(db, from: "incidents i", conditions)
            if let after { conditions.add("i.number < ?", try PageCursor.number(after[0])) }
            let sql = """
                SELECT i.number, i.state, s.name, i.site FROM incidents i LEFT JOIN sites s ON s.tenant = i.tenant AND s.site = i.site
                WHERE \(conditions.clause) ORDER BY i.number DESC LIMIT \(limit + 1)
                """
            let rows = try Row.fetchAll(db, sql: sql, arguments: conditions.statementArguments)
            let items = try rows.prefix(limit).map { try Self.incidentView($0) }
            let next = rows.count > limit ? PageCursor("incidents", ["\(rows[limit - 1][0] as Int64)"]).text : nil
            return Page(items: items, nextCursor: next, total: total)
        }
    }

    private static func incidentView(_ row: Row, isPage: Bool = false) throws -> IncidentView {
        IncidentColumns.view(number: row[0], state: try IncidentColumns.state(row[1]), siteName: row[2] ?? row[3], isPage: isPage)
    }

    public func incident(tenant: TenantID, id: String) async throws -> IncidentView? {
        let key: (column: String, value: any DatabaseValueConvertible & Sendable)
        if let number = IncidentColumns.number(id) {
            key = ("number", number)
        } else if let uuid = EventID(id) {
            key = ("incident", uuid.blob)
        } else {
            return nil
        }
        return try await read("read an incident") { db in
            let sql = """
                SELECT i.number, i.state, s.name, i.site FROM incidents i LEFT JOIN sites s ON s.tenant = i.tenant AND s.site = i.site
                WHERE i.tenant = ? AND i.\(key.column) = ?
                """
            guard let row = try Row.fetchOne(db, sql: sql, arguments: [tenant.rawValue, key.value]) else { return nil }
            var view = try Self.incidentView(row, isPage: true)
            view.history = try IncidentRows.history(db, tenant: tenant, incident: view.snapshot.incidentID)
            return view
        }
    }

    // MARK: Forecasts

    public func forecasts(
        tenant: TenantID, kind: ForecastKind?, site: SiteID?, limit: Int, cursor: String?
    ) async throws -> Page<SiteForecast> {
        let limit = max(limit, 1)
        let after = try PageCursor.read(cursor, list: "forecasts", count: 2)
        return try await read("list forecasts") { db in
            var conditions = Conditions()
            conditions.add("tenant = ?", tenant.rawValue)
            if let kind { conditions.add("kind = ?", kind.rawValue) }
            if let site { conditions.add("site = ?", site.rawValue) }
            let total = try Self.total(db, from: "forecasts", conditions)
            if let after { conditions.add("(kind, site) > (?, ?)", after[0], after[1]) }
            let sql = "SELECT forecast FROM forecasts WHERE \(conditions.clause) ORDER BY kind, site LIMIT \(limit + 1)"
            let rows = try Row.fetchAll(db, sql: sql, arguments: conditions.statementArguments)
            let items = try rows.prefix(limit).map { try ColumnJSON.decode(SiteForecast.self, $0[0], "a forecast") }
            let next = items.last.map { PageCursor("forecasts", [$0.kind.rawValue, $0.siteID.rawValue]).text }
            return Page(items: Array(items), nextCursor: rows.count > limit ? next : nil, total: total)
        }
    }

    // MARK: KPIs

    public func kpis(tenant: TenantID, kpi: String?, site: SiteID?, limit: Int, cursor: String?) async throws -> Page<KPIView> {
        let limit = max(limit, 1)
        let after = try PageCursor.read(cursor, list: "kpis", count: 4)
        return try await read("list KPIs") { db in
            var conditions = Conditions()
            conditions.add("tenant = ?", tenant.rawValue)
            if let kpi { conditions.add("kpi = ?", kpi) }
            if let site { conditions.add("site = ?", site.rawValue) }
            let total = try Self.total(db, from: "kpis", conditions)
            if let after {
                conditions.add(
                    "(kpi, site, -window_start, -window_end) > (?, ?, ?, ?)", after[0], after[1], -(try PageCursor.number(after[2])),
                    -(try PageCursor.number(after[3])))
            }
            let sql = """
                SELECT kpi, site, value, unit, window_start, window_end FROM kpis WHERE \(conditions.clause)
                ORDER BY kpi, site, window_start DESC, window_end DESC LIMIT \(limit + 1)
                """
            let rows = try Row.fetchAll(db, sql: sql, arguments: conditions.statementArguments)
            let items = rows.prefix(limit).map { row in
                let site: String = row[1]
                return KPIView(
                    kpi: row[0], siteID: site.isEmpty ? nil : site, value: row[2], unit: row[3],
                    windowStart: Timestamp(microseconds: row[4]), windowEnd: Timestamp(microseconds: row[5]))
            }
            let next = items.last.map { last in
                PageCursor(
                    "kpis", [last.kpi, last.siteID ?? "", "\(last.windowStart.microseconds)", "\(last.windowEnd.microseconds)"]
                ).text
            }
            return Page(items: items, nextCursor: rows.count > limit ? next : nil, total: total)
        }
    }
}
