import GRDB
import Synchronization
public import TowerModel
public import TowerStores

extension SQLiteStore {
    /// Which rows of `series` the numbers of a numbering are, as far as they were met.
    struct SeriesRows: Sendable {
        let numbering: SampleBatch.Numbering
        var ids: [Int64] = []
    }

    public func store(_ batch: SampleBatch, _ move: PositionMove) async throws {
        let known = seriesRows.withLock { $0.flatMap { $0.numbering === batch.numbering ? $0 : nil } }
        let rows = try await write("store samples") { db -> SeriesRows? in
            guard try move.isDue(Positions.fetch(db, move.group)) else { return nil }
            var rows = known ?? SeriesRows(numbering: batch.numbering)
            for series in batch.series.dropFirst(rows.ids.count) { rows.ids.append(try Self.series(db, series)) }
            try Self.insert(db, batch, rows.ids)
            try Positions.write(db, move)
            return rows
        }
        // Only now: what a rollback took back must not be remembered.
        if let rows { seriesRows.withLock { $0 = rows } }
    }

    /// Writes points in the order of the table, so that one page after the other is touched instead of one a point.
    private static func insert(_ db: Database, _ batch: SampleBatch, _ ids: [Int64]) throws {
        let statement = try db.cachedStatement(
            sql: "INSERT INTO samples(series, at, value) VALUES (?, ?, ?) ON CONFLICT(series, at) DO UPDATE SET value = excluded.value")
        let rows = RowWriter(db, statement)
        defer { rows.finish() }
        for index in batch.order(by: ids, isUnique: false) {
            let point = batch.points[index]
            rows.bind(1, ids[Int(point.series)])
            rows.bind(2, point.at.microseconds)
            rows.bind(3, point.value)
            try rows.write()
        }
    }

    private static func series(_ db: Database, _ series: SampleBatch.Series) throws -> Int64 {
        let arguments: StatementArguments = [series.tenantID.rawValue, series.siteID.rawValue, series.metric]
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
