import GRDB
public import TowerModel
public import TowerStores

extension SQLiteStore {
    private struct SeriesKey: Hashable {
        let tenant: TenantID
        let site: SiteID
        let metric: String
    }

    public func store(samples: [StoredSample], group: String, position: Int64) async throws {
        try await write("store samples") { db in
            let known = try Int64.fetchOne(
                db.cachedStatement(sql: "SELECT position FROM positions WHERE consumer_group = ?"), arguments: [group])
            guard position > known ?? 0 else { return }
            var ids: [SeriesKey: Int64] = [:]
            let insert = try db.cachedStatement(
                sql: "INSERT INTO samples(series, at, value) VALUES (?, ?, ?) ON CONFLICT(series, at) DO UPDATE SET value = excluded.value")
            for sample in samples where sample.value.isFinite {
                let key = SeriesKey(tenant: sample.tenantID, site: sample.siteID, metric: sample.metric)
                let id = try ids[key] ?? Self.series(db, key)
                ids[key] = id
                try insert.execute(arguments: [id, sample.at.microseconds, sample.value])
            }
            try db.cachedStatement(
                sql: """
                    INSERT INTO positions(consumer_group, position) VALUES (?, ?)
                    ON CONFLICT(consumer_group) DO UPDATE SET position = excluded.position
                    """
            ).execute(arguments: [group, position])
        }
    }

    private static func series(_ db: Database, _ key: SeriesKey) throws -> Int64 {
        let arguments: StatementArguments = [key.tenant.rawValue, key.site.rawValue, key.metric]
        let select = try db.cachedStatement(sql: "SELECT id FROM series WHERE tenant = ? AND site = ? AND metric = ?")
        if let id = try Int64.fetchOne(select, arguments: arguments) { return id }
        try db.cachedStatement(sql: "INSERT INTO series(tenant, site, metric) VALUES (?, ?, ?)").execute(arguments: arguments)
        return db.lastInsertedRowID
    }

    public func series(tenant: TenantID, site: SiteID, metrics: [String], from: Timestamp, to: Timestamp, maxPoints: Int) async throws
        -> [SeriesView]
    {
        try await read("read series") { db in
            try metrics.map { metric in
                var view = SeriesView(siteID: site, metric: metric, points: [])
                let id = try Int64.fetchOne(
                    db, sql: "SELECT id FROM series WHERE tenant = ? AND site = ? AND metric = ?",
                    arguments: [tenant.rawValue, site.rawValue, metric])
                guard let id, from < to, maxPoints > 0 else { return view }
                let range: StatementArguments = [id, from.microseconds, to.microseconds]
                let count = try Int.fetchOne(
                    db, sql: "SELECT count(*) FROM samples WHERE series = ? AND at >= ? AND at < ?", arguments: range)
                let rows = try Row.fetchCursor(
                    db, sql: "SELECT at, value FROM samples WHERE series = ? AND at >= ? AND at < ? ORDER BY at", arguments: range)
                var thinner = Downsampler(from: from, to: to, maxPoints: maxPoints, count: count ?? 0)
                while let row = try rows.next() { thinner.add(Timestamp(microseconds: row[0]), row[1]) }
                view.points = thinner.finish()
                return view
            }
        }
    }

    public func dropSamples(before: Timestamp) async throws {
        // A few series a transaction: a projection never waits behind the whole clean-up.
        let ids = try await read("list series") { try Int64.fetchAll($0, sql: "SELECT id FROM series ORDER BY id") }
        for chunk in stride(from: 0, to: ids.count, by: 256) {
            let part = Array(ids[chunk..<min(chunk + 256, ids.count)])
            try await write("drop old samples") { db in
                let delete = try db.cachedStatement(sql: "DELETE FROM samples WHERE series = ? AND at < ?")
                for id in part { try delete.execute(arguments: [id, before.microseconds]) }
            }
        }
    }
}
